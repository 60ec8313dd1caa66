import type { Clock, Timer } from '../../base/environment'
import type { WorkShare } from '../budget/work-budget'

/** Longest span for which the work occupies the main thread in one piece, in ms. */
const sliceSpan = 8

/** Runs jobs one after the other in short slices, within a connection's share of the main thread. Rule W18. */
export class SlicedWork {
  private readonly clock: Clock
  private readonly share: WorkShare
  private readonly together: (work: () => void) => void
  private readonly jobs: Iterator<void>[] = []
  private readonly waiting: (() => void)[] = []
  private timer: Timer | null = null
  private isRunning = false

  /** `together` runs work and sends what it says in few packets. */
  constructor(options: { clock: Clock; share: WorkShare; together: (work: () => void) => void }) {
    this.clock = options.clock
    this.share = options.share
    this.together = options.together
  }

  /** Adds a job, which yields after each piece that takes far less than a slice. A short one is done at once. */
  add(job: Iterator<void>): void {
    this.jobs.push(job)
    if (!this.timer && !this.isRunning) this.run()
  }

  /** Resolves when no job is left, or the work was ended; returns null where that is so already. */
  idle(): Promise<void> | null {
    return this.jobs.length === 0 ? null : new Promise((resolve) => this.waiting.push(resolve))
  }

  /** Drops all jobs. */
  end(): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
    this.jobs.length = 0
    this.release()
  }

  private run(): void {
    this.isRunning = true
    const pause = this.share.run(() => this.together(() => this.slice()))
    this.isRunning = false
    if (this.jobs.length === 0) this.release()
    else
      this.timer = this.clock.set(pause, () => {
        this.timer = null
        this.run()
      })
  }

  private slice(): void {
    const until = this.clock.uptime() + sliceSpan
    while (this.clock.uptime() < until) {
      const job = this.jobs[0]
      if (!job) return
      if (job.next().done && this.jobs[0] === job) this.jobs.shift()
    }
  }

  private release(): void {
    for (const resolve of this.waiting.splice(0)) resolve()
  }
}
