import type { Clock } from './environment'

/** Names that were noted within a span. */
export class RecentNames {
  private readonly clock: Clock
  private readonly span: number
  private readonly notedAt = new Map<string, number>()

  /** `span`: how long a name counts, in ms. */
  constructor(clock: Clock, span: number) {
    this.clock = clock
    this.span = span
  }

  /** Notes a name. */
  note(name: string): void {
    // The last noted stands last: the oldest are found first.
    this.notedAt.delete(name)
    this.notedAt.set(name, this.clock.uptime())
  }

  /** Returns the number of names that were noted within the span. */
  count(): number {
    const since = this.clock.uptime() - this.span
    for (const [name, at] of this.notedAt) {
      if (at > since) break
      this.notedAt.delete(name)
    }
    return this.notedAt.size
  }
}
