/** An allowance that is used up and refills evenly with time, up to a bound. The unit is the caller's. */
export class TokenBucket {
  private readonly burst: number
  private level: number
  private at: number

  /** Holds `burst` at most and `level` at the time `now` (ms). */
  constructor(options: { burst: number; level: number; now: number }) {
    this.burst = options.burst
    this.level = options.level
    this.at = options.now
  }

  /** Refills with `rate` a ms since the last call, then takes `amount`; the level may fall below zero. */
  take(amount: number, rate: number, now: number): void {
    this.level = Math.min(this.burst, this.level + Math.max(0, now - this.at) * rate) - amount
    this.at = now
  }

  /** Returns true if at least `amount` was left at the last call of `take`. */
  holds(amount: number): boolean {
    return this.level >= amount
  }

  /** Returns the ms at `rate` until the level is at zero again; 0 when it is not below. */
  shortfall(rate: number): number {
    return this.level < 0 ? -this.level / rate : 0
  }
}
