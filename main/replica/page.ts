import type { ObjectId } from './genesis'

/** A gap in a page, where text can be inserted. */
export interface Gap {
  readonly page: Page
  readonly index: number
  /** The anchors directly on either side. */
  readonly before: Anchor | null
  readonly after: Anchor | null
}

/** Characters of a page in a row: the index of the first, and how many. */
export interface Run {
  readonly index: number
  readonly size: number
}

/** An offset in a child page. */
interface Below {
  readonly child: Page
  readonly offset: number
}

/**
 * A page: an object of the document that holds text, mirrored as lengths. Automerge's cost of a remote change grows
 * with the Text that it touches, so the text is cut into many small pages that nest: an anchor in a page can hold a
 * child, and a page's text is its own characters with each anchor replaced by its child's text.
 *
 * Indices count what the page's object holds, offsets count visible text (UTF-16 code units, an anchor counts its
 * child's).
 */
export abstract class Page {
  readonly id: ObjectId
  /** The anchor that this page hangs on; null for the body. */
  readonly anchor: Anchor | null
  /** Nesting of the Text that this is or in which its anchor stands; 1 for the body. Rule D6. */
  readonly depth: number
  /** Visible length, children included. */
  length = 0

  constructor(id: ObjectId, anchor: Anchor | null, depth: number) {
    this.id = id
    this.anchor = anchor
    this.depth = depth
    if (anchor) anchor.child = this
  }

  /** The index of the page's end. */
  abstract get size(): number

  /** Visible characters and anchors in the order of the text. */
  abstract pieces(): Iterable<Run | Anchor>

  /** How many pieces there are at most: what looking for a place costs. */
  abstract get cost(): number

  /** Looks for the gap at an offset in this page alone; returns it, or the child in which it lies. */
  protected abstract lookUp(offset: number): Gap | Below

  /** Returns the visible length before an index. */
  abstract visibleBefore(index: number): number

  /** Returns the visible length before an anchor of this page. */
  protected abstract offsetBefore(anchor: Anchor): number

  /** Returns the shallowest gap at an offset of this page's visible text. */
  gapAt(offset: number): Gap {
    let place: Gap | Below = { child: this, offset }
    while ('child' in place) place = place.child.lookUp(place.offset)
    return place
  }

  /** Returns the offset in the document's text at which this page begins. */
  start(): number {
    let offset = 0
    for (let anchor = this.anchor; anchor; anchor = anchor.owner.anchor)
      offset += anchor.owner.offsetBefore(anchor)
    return offset
  }

  /** Returns the offset in the document's text of an index in this page. */
  offsetOf(index: number): number {
    return this.start() + this.visibleBefore(index)
  }

  /** Adds to the visible length of this page and of all above it. */
  grow(length: number): void {
    for (let page: Page | undefined = this; page; page = page.anchor?.owner) page.length += length
  }
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
