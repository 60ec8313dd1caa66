import type { DocumentId } from '../../../preload/contract/ids'

const none: ReadonlySet<DocumentId> = new Set()

/** The documents that are selected in the library, for actions on all of them. */
export class Selection {
  private current = $state.raw<ReadonlySet<DocumentId>>(none)
  /** Where a range begins. */
  private anchor: DocumentId | null = null

  /** The selected documents. */
  get ids(): ReadonlySet<DocumentId> {
    return this.current
  }

  /** Selects a document or takes it out of the selection; ranges begin at it. */
  toggle(id: DocumentId): void {
    const ids = new Set(this.current)
    if (!ids.delete(id)) ids.add(id)
    this.current = ids
    this.anchor = id
  }

  /** Selects the documents of `order` from the last one that was chosen, or `from`, to `to`. */
  extend(order: readonly DocumentId[], from: DocumentId, to: DocumentId): void {
    const start = this.anchor !== null && order.includes(this.anchor) ? this.anchor : from
    const [a, b] = [order.indexOf(start), order.indexOf(to)]
    if (a < 0 || b < 0) return
    this.anchor = start
    this.current = new Set(order.slice(Math.min(a, b), Math.max(a, b) + 1))
  }

  /** Selects these documents. */
  all(ids: readonly DocumentId[]): void {
    this.current = new Set(ids)
  }

  /** Selects nothing; ranges begin at `anchor`. */
  clear(anchor: DocumentId | null = null): void {
    if (this.current.size > 0) this.current = none
    this.anchor = anchor
  }

  /** Takes out the documents that `isThere` does not know any more. */
  keepOnly(isThere: (id: DocumentId) => boolean): void {
    if ([...this.current].every(isThere)) return
    this.current = new Set([...this.current].filter(isThere))
  }
}
