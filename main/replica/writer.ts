import { isHighSurrogate, isLowSurrogate } from '../../preload/text'
import { pageKey } from './change-operations'
import type { Handle, ObjectId } from './genesis'
import { givenKey, kidKey, minus, packRanges, type Ranges, union, valueKeys } from './given'
import { GivenPage } from './given-page'
import type { Page } from './page'
import type { Elements, PageTree, TextEdit } from './page-tree'
import { maxDepth } from './references'
import { type Part, ReturnedText } from './returned-text'
import { TextPage } from './text-page'

/** Sizes by which a writer divides text, in UTF-16 code units. */
export interface Sizes {
  /** Characters that are inserted into a page before more goes into child pages. */
  readonly page: number
  /** Insertions of this length and longer become given text. */
  readonly given: number
  /** Given text in one piece. */
  readonly piece: number
  /** Ranges of a value to which one is added: it is written again for each. */
  readonly ranges: number
}

/** The sizes of programs. Decision 43. */
export const usualSizes: Sizes = { page: 2048, given: 128, piece: 16_384, ranges: 16 }

/** Most ranges of a value. Rule D3. */
const maxRanges = 4096

/**
 * Returns how many operations may follow, at least as many as it is given; with them go so many bytes of text or ranges.
 * It may close a change.
 */
export type Room = (operations: number, bytes?: number) => number

/** A gap in a Text, and the Texts at its sides into which an insertion there can go too. */
interface TextGap {
  readonly page: TextPage
  readonly index: number
  readonly before: Page | null
  readonly after: Page | null
}

/**
 * Writes local edits into a document and its pages. Never moves text and never removes an anchor, so merging concerns
 * single characters only.
 */
export class Writer {
  private readonly handle: Handle
  private readonly tree: PageTree
  private readonly actor: string
  private readonly sizes: Sizes
  private readonly returned: ReturnedText
  /** Values of given text that changed and are not written. */
  private readonly unwritten = new Map<GivenPage, Set<string>>()

  /** `actor` (hex) is the session that the document is written with. */
  constructor(handle: Handle, tree: PageTree, actor: string, sizes: Sizes) {
    this.handle = handle
    this.tree = tree
    this.actor = actor
    this.sizes = sizes
    this.returned = new ReturnedText(tree, actor)
  }

  /**
   * Writes edits of one text, in its order and without overlaps: what they take out of given text becomes one value for
   * each piece of it. `read` returns the text between two offsets before the edits, where no pair is halved. `room` is
   * called before each operation or row of them.
   */
  write(edits: readonly TextEdit[], read: (from: number, to: number) => string, room: Room): void {
    // Last first, so that offsets stay true.
    for (const { from, to, insert } of [...edits].reverse()) {
      if (from < to) this.remove(from, to, read, room)
      if (insert !== '' && !this.putBack(from, insert)) this.insert(from, insert, room)
      this.writeValues(room, [...this.unwritten.keys()].at(-1))
    }
    this.writeValues(room)
  }

  private remove(from: number, to: number, read: (from: number, to: number) => string, room: Room): void {
    const found = this.tree.elementsIn(from, to)
    let offset = to
    const parts: Part[] = []
    for (const elements of found.reverse()) {
      offset -= elements.size
      const { page, index, size } = elements
      if (page instanceof TextPage)
        this.removeElements({ ...elements, page }, read(offset, offset + size), room)
      else if (page instanceof GivenPage) {
        this.takeOut(page, index, index + size)
        parts.push({ page: page.id, from: index, to: index + size })
      }
    }
    if (parts.length === found.length) this.returned.note(parts.reverse())
  }

  private removeElements(elements: Elements & { page: TextPage }, removed: string, room: Room): void {
    const { page, index, size } = elements
    for (let end = size; end > 0; ) {
      let start = Math.max(0, end - room(2))
      // A surrogate pair is one element: for its second half, Automerge deletes the next element.
      if (isLowSurrogate(removed.charCodeAt(start))) start++
      this.handle.splice(page.id, index + start, end - start)
      page.remove(index + start, end - start)
      end = start
    }
  }

  private takeOut(page: GivenPage, from: number, to: number): void {
    const own = this.ownValues(page)
    const last = own.at(-1)
    if (last) {
      const [key, ranges] = last
      const more = union(ranges, [from, to])
      // One that has to be written anyway takes more.
      const most = this.unwritten.get(page)?.has(key) ? maxRanges : this.sizes.ranges
      if (more.length <= 2 * most) {
        this.change(page, key, more)
        return
      }
    }
    let number = own.length
    while (page.taken.has(this.valueKey(number))) number++
    this.change(page, this.valueKey(number), [from, to])
  }

  /** Lets characters appear again, if an insertion puts back what was taken out here. */
  private putBack(offset: number, insert: string): boolean {
    const parts = this.returned.find(offset, this.tree.gapAt(offset), insert)
    for (const { page: id, from, to } of parts ?? []) {
      const page = this.tree.page(id)
      if (!(page instanceof GivenPage)) continue
      for (const [key, ranges] of this.ownValues(page)) {
        const fewer = minus(ranges, [from, to])
        if (fewer.length !== ranges.length || fewer.some((place, index) => place !== ranges[index]))
          this.change(page, key, fewer)
      }
    }
    return parts !== null
  }

  private change(page: GivenPage, key: string, ranges: Ranges): void {
    page.setValue(key, ranges)
    const keys = this.unwritten.get(page) ?? new Set()
    this.unwritten.set(page, keys.add(key))
  }

  /** Writes the values that changed, except those of one page, to which more may come. */
  private writeValues(room: Room, except?: GivenPage): void {
    for (const [page, keys] of this.unwritten) {
      if (page === except) continue
      this.unwritten.delete(page)
      for (const key of keys) {
        const bytes = packRanges(page.taken.get(key) ?? [])
        room(1, bytes.length)
        this.handle.put(page.id, key, bytes, 'bytes')
      }
    }
  }

  private ownValues(page: GivenPage): (readonly [key: string, ranges: Ranges])[] {
    return [...page.taken].filter(([key]) => key.startsWith(valueKeys(this.actor)))
  }

  private valueKey(number: number): string {
    return `${valueKeys(this.actor)}${number}`
  }

  private insert(offset: number, text: string, room: Room): void {
    const gap = this.textGapAt(offset, room)
    const isDeepest = gap.page.depth >= maxDepth
    if (text.length >= this.sizes.given && !isDeepest) {
      this.insertGiven(gap, text, room)
      return
    }
    const home = [gap.page, gap.before, gap.after].find(
      (page): page is TextPage => page instanceof TextPage && page.filled + text.length <= this.sizes.page,
    )
    if (home) this.fill(home, home === gap.page ? gap.index : home === gap.before ? home.size : 0, text, room)
    else if (isDeepest) this.fill(gap.page, gap.index, text, room)
    else this.insertPage(gap, text, room)
  }

  /** Returns the gap in a Text at an offset; makes a page for it, where it lies in given text. */
  private textGapAt(offset: number, room: Room): TextGap {
    const { page, index, before, after } = this.tree.gapAt(offset)
    const sides = { before: before?.child ?? null, after: after?.child ?? null }
    if (page instanceof TextPage) return { page, index, ...sides }
    const outside = { before: null, after: null }
    if (sides.before instanceof TextPage) return { page: sides.before, index: sides.before.size, ...outside }
    if (!(page instanceof GivenPage)) throw new Error('a gap in no page')
    const kid = sides.after instanceof TextPage ? sides.after : this.makeKid(page, index, room)
    return { page: kid, index: 0, ...outside }
  }

  private makeKid(page: GivenPage, index: number, room: Room): TextPage {
    const key = kidKey(this.actor, index)
    room(3)
    return this.tree.addText(this.handle.putObject(page.id, key, ''), page.addKid(key, index))
  }

  /** Inserts an anchor into a Text; returns the id of its map. */
  private insertMap(page: TextPage, index: number): ObjectId {
    this.handle.splitBlock(page.id, index, {})
    const [, map] = this.handle.getWithType(page.id, index) ?? []
    return map as ObjectId
  }

  private insertGiven({ page, index }: TextGap, text: string, room: Room): void {
    let at = index
    for (const piece of pieces(text, () => this.sizes.piece)) {
      room(2, Buffer.byteLength(piece))
      const map = this.insertMap(page, at)
      this.handle.put(map, givenKey, piece, 'str')
      this.tree.addGiven(map, page.insertAnchor(at), piece)
      at++
    }
  }

  private insertPage({ page, index }: TextGap, text: string, room: Room): void {
    // Anchor, page and a first character belong to one change.
    room(4)
    const map = this.insertMap(page, index)
    const child = this.tree.addText(this.handle.putObject(map, pageKey, ''), page.insertAnchor(index))
    this.fill(child, 0, text, room)
  }

  private fill(page: TextPage, index: number, text: string, room: Room): void {
    let at = index
    // A surrogate pair is one operation, and has to fit whole.
    for (const piece of pieces(text, () => room(2))) {
      this.handle.splice(page.id, at, 0, piece)
      page.insertText(at, piece.length)
      at += piece.length
    }
  }
}

/** Cuts a text into pieces of at most `most()` UTF-16 code units each, never inside a surrogate pair. */
function* pieces(text: string, most: () => number): Generator<string> {
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + most(), text.length)
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--
    yield text.slice(start, end)
    start = end
  }
}
