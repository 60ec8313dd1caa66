import type { Clock, Timer } from '../base/environment'
import { TokenBucket } from './token-bucket'

/** What one connection's frames may take of the main thread in the long run, and at once in ms. Rule W18. */
export const connectionRate = 0.5
export const connectionBurst = 2_000
/** What those of all connections together may take. */
export const wholeRate = 0.6
export const wholeBurst = 2_000
/** What a connection may take of its fair part at once while all together have taken theirs, in ms. */
const fairBurst = 100
/** Rests are neither shorter, since waking costs too, nor longer, so that a change is noticed, in ms. */
const rest = { least: 20, most: 2_000 }

/**
 * The main thread's time for what arrives. Each connection has an allowance, and all have one together; when
 * that is used up, those wait that took more than their fair part of it, and the others go on.
 */
export class WorkBudget {
  private readonly clock: Clock
  private readonly whole: TokenBucket
  private readonly shares = new Set<WorkShare>()

  constructor(clock: Clock) {
    this.clock = clock
    this.whole = new TokenBucket({ burst: wholeBurst, level: wholeBurst, now: clock.uptime() })
  }

  /** The part of one more connection; to be ended with it. */
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

/** One connection's part of a WorkBudget. */
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
    // Empty, so that who comes again and again gains nothing by it.
    this.fair = new TokenBucket({ burst: fairBurst, level: 0, now })
  }

  /** Runs work and counts its time. Returns for how long, in ms, nothing more should be begun; 0 for not at all. */
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
    return span <= 0 ? 0 : Math.min(Math.max(span, rest.least), rest.most)
  }

  /** Calls `resume` after `span` ms, unless the share is ended before. */
  later(span: number, resume: () => void): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = this.clock.set(span, () => {
      this.timer = null
      resume()
    })
  }

  /** The connection is gone. */
  end(): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
    this.onEnd()
  }
}
