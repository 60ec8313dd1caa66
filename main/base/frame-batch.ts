import type { Clock, Timer } from './environment'

/** Length of a frame, in ms: what changes faster is not seen. */
const frame = 16

/** Runs for signals at most once a frame: at once for the first one after a pause, at the frame's end for others. */
export class FrameBatch {
  private readonly clock: Clock
  private readonly run: () => void
  private timer: Timer | null = null
  private isDue = false
  private isClosed = false

  constructor(clock: Clock, run: () => void) {
    this.clock = clock
    this.run = run
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
    if (this.timer) this.clock.clear(this.timer)
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
    this.timer = this.clock.set(frame, () => {
      this.timer = null
      if (this.isDue) this.runNow()
    })
    this.run()
  }
}
