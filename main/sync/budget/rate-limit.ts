import type { Clock } from '../../base/environment'

/** Limits the number of events in each second of the clock. */
export class RateLimit {
  private readonly clock: Clock
  private readonly limit: number
  private second = -1
  private count = 0

  constructor(clock: Clock, limit: number) {
    this.clock = clock
    this.limit = limit
  }

  /** Counts an event. Returns true if it may pass. */
  pass(): boolean {
    const second = Math.floor(this.clock.now() / 1000)
    if (second !== this.second) {
      this.second = second
      this.count = 0
    }
    return ++this.count <= this.limit
  }
}
