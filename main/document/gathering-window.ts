import type { Clock, Timer } from '../base/environment'

/** Time in which typing is gathered while others are present, in ms: one change has a key or two. */
const withCompany = 80
/** The same while others' edits arrive, in ms: a change names all that it builds on, so fewer are smaller. */
const whileOthersType = 250
/** The same while nobody else is present, in ms. */
const alone = 1_000
/** Time after the last edit of others in which they count as arriving, in ms. */
const recently = 1_000

/**
 * Decides when typing is closed into a change: the first key after a pause at once, the next ones after they were
 * gathered for a short while. Calls `close` then.
 */
export class GatheringWindow {
  private readonly clock: Clock
  private readonly close: () => void
  private readonly hasCompany: () => boolean
  private timer: Timer | null = null
  private closedAt = Number.NEGATIVE_INFINITY
  private remoteAt = Number.NEGATIVE_INFINITY
  private open = false

  constructor(options: { clock: Clock; close: () => void; hasCompany: () => boolean }) {
    this.clock = options.clock
    this.close = options.close
    this.hasCompany = options.hasCompany
  }

  /** Notes a local edit. */
  edited(): void {
    this.open = true
    if (this.timer) return
    // At most the span, also after the clock was set back.
    const rest = Math.min(this.span(), this.closedAt + this.span() - this.clock.now())
    if (rest <= 0) this.flush()
    else
      this.timer = this.clock.set(rest, () => {
        this.timer = null
        this.flush()
      })
  }

  /** Notes that edits of others arrived. */
  remoteArrived(): void {
    this.remoteAt = this.clock.now()
  }

  /** Closes at once, if anything was gathered. */
  flush(): void {
    this.cancel()
    if (!this.open) return
    this.open = false
    this.closedAt = this.clock.now()
    this.close()
  }

  /** Cancels the timer. */
  cancel(): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
  }

  private span(): number {
    if (!this.hasCompany()) return alone
    return this.clock.now() - this.remoteAt < recently ? whileOthersType : withCompany
  }
}
