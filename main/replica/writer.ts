import { isHighSurrogate, isLowSurrogate } from '../../preload/text'
import { pageKey } from './change-operations'
import type { Handle, ObjectId } from './genesis'
import { kidKey, minus, packRanges, type Ranges, sizeOf, union, valueKeys } from './given'
import { givenKey, maxGivenUnits, maxRanges } from './given-format'
import { GivenPage } from './given-page'
import type { Gap, Page } from './page'
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
export const usualSizes: Sizes = { page: 2048, given: 128, piece: maxGivenUnits, ranges: 16 }

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
  /** Values of given text that changed and are neither in the pages nor in the document. */
  private readonly changed = new Map<GivenPage, Map<string, Ranges>>()

  /** `actor` (hex) is the session that the document is written with. */
  constructor(handle: Handle, tree: PageTree, actor: string, sizes: Sizes) {
    this.handle = handle
    this.tree = tree
    this.actor = actor
    this.sizes = sizes
    this.returned = new ReturnedText(tree, (page) => this.ownValues(page))
  }

  /**
   * Writes edits of one text, in its order and without overlaps: what they take out of given text becomes one value for
   * each piece of it. `read` returns the text between two offsets before the edits, where no pair is halved. `room` is
   * called before each operation or row of them.
   */
  write(edits: readonly TextEdit[], read: (from: number, to: number) => string, room: Room): void {
    // Last first, so that offsets stay true.
    const lastFirst = [...edits].reverse()
    const taken = new Map<GivenPage, number[]>()
    let removed = 0
    for (const { from, to } of lastFirst) {
      if (from < to) this.remove({ from, to, taken }, read, room)
      removed += to - from
    }
    for (const [page, places] of taken) this.takeOut(page, places.reverse())
    this.writeValues(room)
    this.returned.start()
    const returned = new Map<GivenPage, number[]>()
    for (const { from, to, insert } of lastFirst) {
      removed -= to - from
      const offset = from - removed
      const gap = this.tree.gapAt(offset)
      if (insert === '') continue
      const parts = this.returned.find(offset, gap, insert)
      if (!parts) this.insert(gap, insert, room)
      for (const part of parts ?? []) {
        const page = this.tree.page(part.page)
        if (!(page instanceof GivenPage)) continue
        const places = returned.get(page) ?? []
        places.push(part.from, part.to)
        returned.set(page, places)
      }
    }
    for (const [page, places] of returned) this.putBack(page, places)
    this.writeValues(room)
  }

  /** Removes elements of Texts, and adds the places of characters of given text to `taken`, last first. */
  private remove(
    { from, to, taken }: { from: number; to: number; taken: Map<GivenPage, number[]> },
    read: (from: number, to: number) => string,
    room: Room,
  ): void {
    const found = this.tree.elementsIn(from, to)
    let offset = to
    const parts: Part[] = []
    for (const elements of found.reverse()) {
      offset -= elements.size
      const { page, index, size } = elements
      if (page instanceof TextPage)
        this.removeElements({ ...elements, page }, read(offset, offset + size), room)
      else if (page instanceof GivenPage) {
        const places = taken.get(page) ?? []
        places.push(index + size, index)
        taken.set(page, places)
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

  /** Takes ranges out, which may touch: in the last value, as long as that stays small, or in new ones. */
  private takeOut(page: GivenPage, places: readonly number[]): void {
    const ranges = union(places, [])
    const own = this.ownValues(page)
    const [key, known] = own.at(-1) ?? []
    const all = known && union(known, ranges)
    if (key && all && all.length <= 2 * this.sizes.ranges) {
      this.change(page, key, all)
      return
    }
    let number = own.length
    const keys = new Set(page.valueKeys)
    for (let start = 0; start < ranges.length; start += 2 * maxRanges) {
      while (keys.has(this.valueKey(number))) number++
      this.change(page, this.valueKey(number++), ranges.slice(start, start + 2 * maxRanges))
    }
  }

  /** Takes the units between places, in pairs and in any order, out of the own values, so that they appear again. */
  private putBack(page: GivenPage, places: readonly number[]): void {
    const ranges = union(
      [...places].sort((one, other) => one - other),
      [],
    )
    for (const [key, known] of this.ownValues(page)) {
      const fewer = minus(known, ranges)
      if (sizeOf(fewer) < sizeOf(known)) this.change(page, key, fewer)
    }
  }

  private change(page: GivenPage, key: string, ranges: Ranges): void {
    const values = this.changed.get(page) ?? new Map()
    this.changed.set(page, values.set(key, ranges))
  }

  /** Puts the values that changed into pages and document. */
  private writeValues(room: Room): void {
    for (const [page, values] of this.changed)
      for (const [key, ranges] of values) {
        const bytes = packRanges(ranges)
        room(1, bytes.length)
        this.handle.put(page.id, key, bytes, 'bytes')
        page.setValue(key, bytes)
      }
    this.changed.clear()
  }

  /** The ranges that this session takes out of given text, with what is not written yet. */
  private ownValues(page: GivenPage): [key: string, ranges: Ranges][] {
    const keys = [...page.valueKeys].filter((key) => key.startsWith(valueKeys(this.actor)))
    const values = new Map(keys.map((key) => [key, page.taken(key)]))
    for (const [key, ranges] of this.changed.get(page) ?? []) values.set(key, ranges)
    return [...values]
  }

  private valueKey(number: number): string {
    return `${valueKeys(this.actor)}${number}`
  }

  private insert(place: Gap, text: string, room: Room): void {
    const gap = this.textGap(place, room)
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
    else this.insertPages(gap, text, room)
  }

  /** Returns the place in a Text for a gap; makes a page for it, where it lies in given text. */
  private textGap({ page, index, before, after }: Gap, room: Room): TextGap {
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

  private insertPages({ page, index }: TextGap, text: string, room: Room): void {
    let at = index
    for (const piece of pieces(text, () => this.sizes.page)) {
      // Anchor, page and a first character belong to one change.
      room(4)
      const map = this.insertMap(page, at)
      const child = this.tree.addText(this.handle.putObject(map, pageKey, ''), page.insertAnchor(at))
      this.fill(child, 0, piece, room)
      at++
    }
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
