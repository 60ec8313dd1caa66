import type { Clock, Timer } from './environment'

/** Length of a frame, in ms: what changes faster is not seen. */
const frame = 16
/** Length of a frame for what nobody follows with their eyes, in ms, such as who has stored what. */
export const calmFrame = 100
/** Longest wait after a run, in ms: one slow run, as at a start, does not hold back the next one for minutes. */
const longestWait = 1_000
/** Multiple of the time that a run took which passes from its beginning to the next one: runs take 5 % of the time. */
const share = 20

/**
 * Runs for signals at most once a frame: at once for the first one after a pause, at the frame's end for others. A frame
 * is longer after a run that took long, so that what signals often leaves time for other work.
 */
export class FrameBatch {
  private readonly clock: Clock
  private readonly run: () => void
  private readonly length: () => number
  private timer: Timer | null = null
  private isDue = false
  private isClosed = false

  /** `length` returns the shortest length of the next frame, in ms; 16 by default. */
  constructor(clock: Clock, run: () => void, length: () => number = () => frame) {
    this.clock = clock
    this.run = run
    this.length = length
  }

  /** Runs soon. Signals of the run itself are served by the next frame's run. */
  signal(): void {
    if (this.isClosed) return
    this.isDue = true
    if (!this.timer) this.runNow()
  }

  /** Runs at once if a run is due. */
  flush(): void {
    if (!this.isDue) return
    this.runNow()
  }

  /** Drops the run that is due, and all later signals. Idempotent. */
  close(): void {
    this.isClosed = true
    this.isDue = false
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
  }

  private runNow(): void {
    this.isDue = false
    const length = this.length()
    const began = this.clock.uptime()
    this.wait(length)
    try {
      this.run()
    } finally {
      const took = this.clock.uptime() - began
      if (took * share > length && !this.isClosed) this.wait(Math.min(took * (share - 1), longestWait))
    }
  }

  private wait(length: number): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = this.clock.set(length, () => {
      this.timer = null
      if (this.isDue) this.runNow()
    })
  }
}
