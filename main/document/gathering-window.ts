import type { Clock, Timer } from '../base/environment'
import { RecentNames } from '../base/recent-names'

/** Bounds of the window while others are present, in ms: what is faster nobody sees, what is slower everybody. */
const window = { least: 25, most: 1_000 }
/** The window while nobody else is present, in ms. */
const alone = 1_000
/** Span in which a writer counts as typing after a change, in ms. */
const typingSpan = 2_000
/** Multiple of the time that a change takes here which one writer's changes are apart, at least. */
const spacing = 2
/** Time that a change is assumed to take before one was measured, and the longest that is believed, in ms. */
const duration = { first: 10, most: 100 }
/** Weight of the newest measurement in the mean. */
const weight = 1 / 8

/**
 * Decides when typing is closed into a change: the first key after a pause at once, the next ones after they were
 * gathered for a short while. Calls `close` then.
 *
 * While others are present, the window is chosen from what a change costs: 2 x t x (1 + w) ms, at least 25 and at most
 * 1,000. t is the mean time from the closing of a change until it is signed and durable, as measured on this computer; w
 * is the number of others who made a change in the last 2 s. Each writer's changes cost each of the others about as much
 * as its own, so half of the time is left for other work, however many write and however slow the computer is: all of
 * them together make a change each 2 x t ms.
 */
export class GatheringWindow {
  private readonly clock: Clock
  private readonly close: () => void
  private readonly hasCompany: () => boolean
  private timer: Timer | null = null
  private closedAt = Number.NEGATIVE_INFINITY
  private readonly typing: RecentNames
  private meanDuration = duration.first
  private isOpen = false
  /** Time at which the oldest change that is not durable was closed; null without one. */
  private savingSince: number | null = null

  constructor(options: { clock: Clock; close: () => void; hasCompany: () => boolean }) {
    this.clock = options.clock
    this.close = options.close
    this.hasCompany = options.hasCompany
    this.typing = new RecentNames(options.clock, typingSpan)
  }

  /** Notes a local edit. */
  edited(): void {
    this.isOpen = true
    if (!this.timer) this.schedule()
  }

  /** Notes changes of other writers, each named by its session. */
  remoteArrived(writers: Iterable<string>): void {
    for (const writer of writers) this.typing.note(writer)
  }

  /** Notes that local edits became durable. */
  saved(): void {
    if (this.savingSince === null) return
    const took = Math.min(duration.most, this.clock.uptime() - this.savingSince)
    this.savingSince = null
    this.meanDuration += (took - this.meanDuration) * weight
    this.stopTimer()
    if (this.isOpen) this.schedule()
  }

  /** Closes at once, if anything was gathered. */
  flush(): void {
    this.stopTimer()
    if (!this.isOpen) return
    this.isOpen = false
    this.closedAt = this.clock.uptime()
    this.savingSince ??= this.closedAt
    this.close()
  }

  /** Drops what was gathered: it is closed otherwise, or not at all. */
  cancel(): void {
    this.isOpen = false
    this.stopTimer()
  }

  private stopTimer(): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
  }

  private schedule(): void {
    const rest = this.closedAt + this.span() - this.clock.uptime()
    if (rest <= 0) this.flush()
    else
      this.timer = this.clock.set(rest, () => {
        this.timer = null
        this.flush()
      })
  }

  private span(): number {
    if (!this.hasCompany()) return alone
    if (this.savingSince !== null) return window.most
    const span = spacing * this.meanDuration * (1 + this.typing.count())
    return Math.max(window.least, Math.min(window.most, span))
  }
}
