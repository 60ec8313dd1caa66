import { Follower, type Patch } from './follower'
import type { Handle, ObjectId } from './genesis'
import { GivenPage } from './given-page'
import { type Elements, PageTree, type TextEdit } from './page-tree'
import { TextPage } from './text-page'
import { type Room, type Sizes, usualSizes, Writer } from './writer'

/** Characters in a row that one Text or one piece of given text holds. */
export interface Stretch {
  /** The id of the Text, or of the map of given text. */
  readonly page: ObjectId
  readonly isGiven: boolean
  readonly index: number
  readonly size: number
}

/** A place beside an element of a page. */
export interface Place {
  readonly page: ObjectId
  readonly isGiven: boolean
  readonly index: number
}

/** A document's text as a rope of pages, kept in step with the Automerge document behind `handle`. */
export class Rope {
  private readonly tree: PageTree
  private readonly writer: Writer
  private readonly follower: Follower

  /** `actor` (hex) is the session that the document is written with. */
  constructor(handle: Handle, bodyId: ObjectId, actor: string, sizes: Sizes = usualSizes) {
    this.tree = new PageTree(handle, bodyId)
    this.writer = new Writer(handle, this.tree, actor, sizes)
    this.follower = new Follower(this.tree)
    this.read()
  }

  /** Length of the visible text. */
  get length(): number {
    return this.tree.body.length
  }

  /** Reads all pages again from the document; returns the visible text. */
  read(): string {
    return this.tree.read()
  }

  /** Writes edits into the document, as `Writer.write` does. */
  edit(edits: readonly TextEdit[], read: (from: number, to: number) => string, room: Room): void {
    this.writer.write(edits, read, room)
  }

  /** Resets the cost of following patches. */
  startFollowing(): void {
    this.follower.start()
  }

  /** Follows a patch that Automerge reported, as `Follower.follow` does. */
  follow(patch: Patch): TextEdit[] | null {
    return this.follower.follow(patch)
  }

  /** Returns the place of the element after an offset, to which a caret there refers. */
  locate(offset: number): Place {
    const { page, index, after } = this.tree.gapAt(offset)
    // What others insert into given text at the same index may come before the page that stands there.
    if (page instanceof GivenPage && after?.child) return { page: after.child.id, isGiven: false, index: 0 }
    return { page: page.id, isGiven: page instanceof GivenPage, index }
  }

  /** Returns the offset of a place; null for a page that is not here. */
  offsetOf({ page: id, isGiven, index }: Place): number | null {
    const page = this.tree.page(id)
    const isHere = isGiven ? page instanceof GivenPage && index <= page.size : page instanceof TextPage
    return isHere && page ? page.offsetOf(index) : null
  }

  /** Returns the stretches that hold the text's characters, in the order of the text. */
  stretches(): Stretch[] {
    const named = ({ page, index, size }: Elements) => ({
      page: page.id,
      isGiven: page instanceof GivenPage,
      index,
      size,
    })
    return this.tree.elementsIn(0, this.length).map(named)
  }

  /** Sizes of all pages, for measuring. */
  sizes(): number[] {
    return [...this.tree.all()].map((page) => page.size)
  }

  /** Deepest nesting of pages, for measuring; 1 for the body alone. */
  depth(): number {
    return [...this.tree.all()].reduce((deepest, { depth }) => Math.max(deepest, depth), 0)
  }
}
