import type { Clock, Timer } from '../../base/environment'
import { TokenBucket } from './token-bucket'

/** Share of the main thread for one connection's frames, and burst in ms. Rule W18. */
export const connectionRate = 0.5
export const connectionBurst = 2_000
/** The same for the frames of all connections together. */
export const wholeRate = 0.6
export const wholeBurst = 2_000
/** Burst of a connection's fair share while the common allowance is used up, in ms. */
const fairBurst = 100
/** Bounds of a pause, in ms: waking up has a cost too, and changes must be noticed in time. */
const pause = { least: 20, most: 2_000 }

/**
 * Budget of main-thread time for incoming frames. Each connection has an allowance, and all share a common
 * one; when that is used up, connections that took more than their fair share wait, and the others go on.
 */
export class WorkBudget {
  private readonly clock: Clock
  private readonly whole: TokenBucket
  private readonly shares = new Set<WorkShare>()

  constructor(clock: Clock) {
    this.clock = clock
    this.whole = new TokenBucket({ burst: wholeBurst, level: wholeBurst, now: clock.uptime() })
  }

  /** Returns the share of a new connection, to be ended with it. */
  share(): WorkShare {
    const share: WorkShare = new WorkShare({
      clock: this.clock,
      whole: this.whole,
      fairRate: () => wholeRate / Math.max(1, this.shares.size),
      onEnd: () => this.shares.delete(share),
    })
    this.shares.add(share)
    return share
  }
}

/** One connection's share of a WorkBudget. */
export class WorkShare {
  private readonly clock: Clock
  private readonly whole: TokenBucket
  private readonly fairRate: () => number
  private readonly onEnd: () => void
  private readonly own: TokenBucket
  private readonly fair: TokenBucket
  private timer: Timer | null = null

  constructor(options: { clock: Clock; whole: TokenBucket; fairRate: () => number; onEnd: () => void }) {
    this.clock = options.clock
    this.whole = options.whole
    this.fairRate = options.fairRate
    this.onEnd = options.onEnd
    const now = this.clock.uptime()
    this.own = new TokenBucket({ burst: connectionBurst, level: connectionBurst, now })
    // Empty, so that reconnecting gains nothing.
    this.fair = new TokenBucket({ burst: fairBurst, level: 0, now })
  }

  /** Runs work and counts its time. Returns the ms for which to pause before more work; 0 for no pause. */
  run(work: () => void): number {
    const began = this.clock.uptime()
    try {
      work()
    } finally {
      const now = this.clock.uptime()
      const spent = now - began
      this.own.take(spent, connectionRate, now)
      this.fair.take(spent, this.fairRate(), now)
      this.whole.take(spent, wholeRate, now)
    }
    const crowded = Math.min(this.fair.shortfall(this.fairRate()), this.whole.shortfall(wholeRate))
    const span = Math.max(this.own.shortfall(connectionRate), crowded)
    return span <= 0 ? 0 : Math.min(Math.max(span, pause.least), pause.most)
  }

  /** Calls `resume` after `span` ms, unless the share is ended before. */
  later(span: number, resume: () => void): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = this.clock.set(span, () => {
      this.timer = null
      resume()
    })
  }

  /** Ends the share with its connection. */
  end(): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
    this.onEnd()
  }
}
