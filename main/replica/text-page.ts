import type { ObjectId } from './genesis'
import { Anchor, Page, type Run } from './page'

/** A page that is one Text object. Its indices count what the Text holds: UTF-16 code units, and 1 for an anchor. */
export class TextPage extends Page {
  /** Run lengths of characters, and anchors between them. */
  private readonly items: (number | Anchor)[] = []
  /** Characters that were ever inserted, as far as is known here: a hint for when it is full. */
  filled = 0

  constructor(id: ObjectId, anchor: Anchor | null) {
    super(id, anchor, anchor ? anchor.owner.depth + 1 : 1)
  }

  override get size(): number {
    return this.items.reduce<number>((size, item) => size + (typeof item === 'number' ? item : 1), 0)
  }

  override get cost(): number {
    return this.items.length
  }

  override pieces(): (Run | Anchor)[] {
    let index = 0
    return this.items.map((item) => {
      const start = index
      index += typeof item === 'number' ? item : 1
      return typeof item === 'number' ? { index: start, size: item } : item
    })
  }

  /** Adds characters at the end of a page that is being read. */
  appendText(length: number): void {
    if (length === 0) return
    this.items.push(length)
    this.filled += length
    this.grow(length)
  }

  /** Adds an anchor at the end of a page that is being read. */
  appendAnchor(): Anchor {
    const anchor = new Anchor(this)
    this.items.push(anchor)
    return anchor
  }

  /** Notes characters inserted at an index. */
  insertText(index: number, length: number): void {
    const { slot, within } = this.slotAt(index)
    const item = this.items[slot]
    const before = this.items[slot - 1]
    if (typeof item === 'number') this.items[slot] = item + length
    else if (typeof before === 'number' && within === 0) this.items[slot - 1] = before + length
    else this.items.splice(slot, 0, length)
    this.filled += length
    this.grow(length)
  }

  /** Notes an anchor inserted at an index. */
  insertAnchor(index: number): Anchor {
    const anchor = new Anchor(this)
    const { slot, within } = this.slotAt(index)
    const item = this.items[slot]
    if (within > 0 && typeof item === 'number') this.items.splice(slot, 1, within, anchor, item - within)
    else this.items.splice(slot, 0, anchor)
    return anchor
  }

  /** Notes that elements were removed; returns the length of visible text removed with them. */
  remove(index: number, size: number): number {
    let { slot, within } = this.slotAt(index)
    let removed = 0
    for (let left = size; left > 0; ) {
      const item = this.items[slot]
      if (item === undefined) break
      if (typeof item !== 'number') {
        removed += item.length
        left--
        this.items.splice(slot, 1)
      } else {
        const taken = Math.min(left, item - within)
        removed += taken
        left -= taken
        if (taken === item) this.items.splice(slot, 1)
        else {
          this.items[slot] = item - taken
          if (within > 0) slot++
        }
      }
      within = 0
    }
    this.joinRuns(slot)
    this.grow(-removed)
    return removed
  }

  /** Returns the anchor at an index; null for a character. */
  anchorAt(index: number): Anchor | null {
    const { slot, within } = this.slotAt(index)
    const item = this.items[slot]
    return within === 0 && item instanceof Anchor ? item : null
  }

  protected override lookUp(offset: number): ReturnType<Page['lookUp']> {
    let left = offset
    let index = 0
    let before: Anchor | null = null
    for (const item of this.items) {
      if (left === 0) return { page: this, index, before, after: item instanceof Anchor ? item : null }
      if (typeof item === 'number') {
        if (left < item) return { page: this, index: index + left, before: null, after: null }
        left -= item
        index += item
        before = null
        continue
      }
      if (left < item.length && item.child) return { child: item.child, offset: left }
      left -= item.length
      index += 1
      before = item
    }
    return { page: this, index, before, after: null }
  }

  override visibleBefore(index: number): number {
    let offset = 0
    let left = index
    for (const item of this.items) {
      if (left <= 0) break
      offset += typeof item === 'number' ? Math.min(item, left) : item.length
      left -= typeof item === 'number' ? item : 1
    }
    return offset
  }

  protected override offsetBefore(anchor: Anchor): number {
    let offset = 0
    for (const item of this.items) {
      if (item === anchor) break
      offset += typeof item === 'number' ? item : item.length
    }
    return offset
  }

  private slotAt(index: number): { slot: number; within: number } {
    let left = index
    for (let slot = 0; slot < this.items.length; slot++) {
      const item = this.items[slot]
      const size = typeof item === 'number' ? item : 1
      if (left < size) return { slot, within: left }
      left -= size
    }
    return { slot: this.items.length, within: 0 }
  }

  private joinRuns(slot: number): void {
    const before = this.items[slot - 1]
    const after = this.items[slot]
    if (typeof before === 'number' && typeof after === 'number')
      this.items.splice(slot - 1, 2, before + after)
  }
}
