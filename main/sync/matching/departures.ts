import type { Tags } from './entries'

/**
 * The documents that one of two sides stopped to share after it had said their tags. Rule W9. Invariants:
 * 1. A document that this side left is said as gone only to a peer that has said its tag too.
 * 2. A tag of a document that the peer left counts no more, until the peer says it again.
 */
export class Departures {
  /** The peer's tags of documents that both sides have said. */
  private readonly shown = new Set<string>()
  /** The peer's tags of documents that the peer left. */
  private readonly gone = new Set<string>()
  /** Own tags, by the peer's, of documents that this side left and the peer has not shown. */
  private readonly left = new Map<string, string>()
  /** Own tags of documents that are still to be said as gone. */
  private readonly due = new Set<string>()

  /** True if something is to be said as gone. */
  get isDue(): boolean {
    return this.due.size > 0
  }

  /** Notes that this side says a document. */
  noteSaid({ own, remote }: Tags): void {
    this.left.delete(remote)
    this.due.delete(own)
  }

  /** Notes that a list of this side takes the place of what it said before. */
  noteList(): void {
    this.left.clear()
  }

  /** Notes that this side left a document that it had said. */
  leave({ own, remote }: Tags): void {
    if (this.shown.delete(remote)) this.due.add(own)
    else this.left.set(remote, own)
  }

  /** Notes that the peer has the tag, by the peer's own; `isShared` if this side shares the document still. */
  noteShown(remote: string, isShared: boolean): void {
    const own = this.left.get(remote)
    if (isShared) this.shown.add(remote)
    else if (own && this.left.delete(remote)) this.due.add(own)
  }

  /** Notes that the peer left a document. */
  noteGone(remote: string): void {
    this.shown.delete(remote)
    this.gone.add(remote)
  }

  /** Notes tags that the peer says, which count again. */
  noteHeard(tags: Iterable<string>): void {
    if (this.gone.size > 0) for (const tag of tags) this.gone.delete(tag)
  }

  /** Returns true if the peer left the document whose tag that is. */
  isGone(remote: string): boolean {
    return this.gone.has(remote)
  }

  /** Takes out own tags to say as gone, `count` at most. */
  takeDue(count: number): string[] {
    const tags = [...this.due].slice(0, count)
    for (const tag of tags) this.due.delete(tag)
    return tags
  }
}
