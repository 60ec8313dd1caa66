import type { ObjectId } from './genesis'

/** A gap between two elements of a page, where text can be inserted. */
export interface Gap {
  readonly page: Page
  readonly index: number
  /** The anchors directly on either side. */
  readonly before: Anchor | null
  readonly after: Anchor | null
}

/**
 * A page: one Text object of the document, mirrored as lengths. Automerge's cost of a remote change
 * grows with the Text that it touches, so the text is cut into many small ones that nest: a place in
 * a Text can hold an anchor, whose map holds a child Text, and a page's text is its own characters
 * with each anchor replaced by its child's text.
 *
 * Indices count what the Text object holds (UTF-16 code units, an anchor counts 1); offsets count
 * visible text (UTF-16 code units, an anchor counts its child's).
 */
export class Page {
  readonly id: ObjectId
  /** The anchor that this page hangs on; null for the body. */
  readonly anchor: Anchor | null
  /** Nesting of this page; 1 for the body. */
  readonly depth: number
  /** Run lengths of characters, and anchors between them. */
  readonly items: (number | Anchor)[] = []
  /** Visible length, children included. */
  length = 0
  /** Characters that were ever inserted, as far as is known here: a hint for when it is full. */
  filled = 0

  constructor(id: ObjectId, anchor: Anchor | null) {
    this.id = id
    this.anchor = anchor
    this.depth = anchor ? anchor.owner.depth + 1 : 1
  }

  /** The length of the Text object: the index of its end. */
  get size(): number {
    return this.items.reduce<number>((size, item) => size + (typeof item === 'number' ? item : 1), 0)
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

  /** Returns the shallowest gap at an offset of this page's visible text. */
  gapAt(offset: number): Gap {
    let place: Gap | Below = { child: this, offset }
    while ('child' in place) place = place.child.lookUp(place.offset)
    return place
  }

  /** Returns the offset in the document's text of an index in this page. */
  offsetOf(index: number): number {
    let offset = this.visibleBefore(index)
    for (let anchor = this.anchor; anchor; anchor = anchor.owner.anchor)
      offset += anchor.owner.offsetBefore(anchor)
    return offset
  }

  /** Adds to the visible length of this page and of all above it. */
  grow(length: number): void {
    for (let page: Page | undefined = this; page; page = page.anchor?.owner) page.length += length
  }

  /** Looks for the gap at an offset in this page alone; returns it, or the child in which it lies. */
  private lookUp(offset: number): Gap | Below {
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

  private visibleBefore(index: number): number {
    let offset = 0
    let left = index
    for (const item of this.items) {
      if (left <= 0) break
      offset += typeof item === 'number' ? Math.min(item, left) : item.length
      left -= typeof item === 'number' ? item : 1
    }
    return offset
  }

  private offsetBefore(anchor: Anchor): number {
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

/** An offset in a child page. */
interface Below {
  readonly child: Page
  readonly offset: number
}

/** A place in a page to which a child page is attached. Without a child it shows no text. */
export class Anchor {
  readonly owner: Page
  child: Page | null = null

  constructor(owner: Page) {
    this.owner = owner
  }

  /** Visible length of the child. */
  get length(): number {
    return this.child?.length ?? 0
  }
}
