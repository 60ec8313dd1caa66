import type { Clock, Timer } from '../base/environment'

/** With others there, typing is gathered this long, in ms: it is a change a key or two. */
const withCompany = 80
/** While others' edits arrive, in ms: a change names all that it builds on, so fewer are smaller. */
const whileOthersType = 250
/** With nobody there, in ms. */
const alone = 1_000
/** Others' edits count as arriving for this long after the last one, in ms. */
const recently = 1_000

/**
 * Decides when typing is closed into a change: the first key after a pause goes at once, what
 * follows is gathered for a short while. `close` is called when it is time.
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

  /** A local edit was made. */
  edited(): void {
    this.open = true
    if (this.timer) return
    // Never longer than the span, also when the clock was set back.
    const rest = Math.min(this.span(), this.closedAt + this.span() - this.clock.now())
    if (rest <= 0) this.flush()
    else
      this.timer = this.clock.set(rest, () => {
        this.timer = null
        this.flush()
      })
  }

  /** Someone else's edits arrived. */
  remoteArrived(): void {
    this.remoteAt = this.clock.now()
  }

  /** Closes now, if anything was gathered: before quitting, closing and going offline. */
  flush(): void {
    this.cancel()
    if (!this.open) return
    this.open = false
    this.closedAt = this.clock.now()
    this.close()
  }

  /** Ends the timer. */
  cancel(): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
  }

  private span(): number {
    if (!this.hasCompany()) return alone
    return this.clock.now() - this.remoteAt < recently ? whileOthersType : withCompany
  }
}
