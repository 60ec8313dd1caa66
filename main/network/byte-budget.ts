/** A rate limit with a burst. */
export interface Rate {
  /** Bytes a second in the long run. */
  readonly bytesPerSecond: number
  /** Bytes that may pass at once after a rest. */
  readonly burst: number
  /** Maximum wait of a packet in ms; a packet that would wait longer is not admitted. */
  readonly patience: number
}

/**
 * Schedules packets in order so that together they keep to a rate. The generic cell rate algorithm in its
 * virtual scheduling form (ITU-T I.371): one number instead of a bucket and a timer.
 */
export class ByteBudget {
  private readonly rate: Rate
  /** Time at which everything admitted so far has passed at the plain rate, in ms. */
  private paidUntil = Number.NEGATIVE_INFINITY

  constructor(rate: Rate) {
    this.rate = rate
  }

  /**
   * Admits a packet of `size` bytes at `now` (ms, never going back): the ms after which it may pass, never
   * sooner than the one before it; or null for one that must be dropped, which costs nothing.
   */
  admit(size: number, now: number): number | null {
    const { bytesPerSecond, burst, patience } = this.rate
    if (bytesPerSecond <= 0) return null
    const perByte = 1_000 / bytesPerSecond
    const begun = Math.max(this.paidUntil, now)
    const wait = Math.max(0, begun + size * perByte - now - burst * perByte)
    if (wait > patience) return null
    this.paidUntil = begun + size * perByte
    return wait
  }
}
