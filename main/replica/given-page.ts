import type { ObjectId } from './genesis'
import {
  type Coverage,
  cover,
  coverageOf,
  coveredBy,
  isCoveredOnce,
  isInPair,
  minus,
  pairs,
  type Ranges,
  sizeOf,
  unpackRanges,
} from './given'
import { Anchor, Page, type Run } from './page'

/** Visible characters of given text in a row, between which no page stands: their indices, and the page's text before. */
export interface Shown {
  readonly from: number
  readonly to: number
  /** UTF-16 code units of this page's visible text, pages in it included. */
  readonly offset: number
}

/** A place in given text to which a page is attached. */
export class Kid extends Anchor {
  /** The key of the page in the map. */
  readonly key: string
  /** The index before which the page stands. */
  readonly index: number

  constructor(owner: GivenPage, key: string, index: number) {
    super(owner)
    this.key = key
    this.index = index
  }
}

/**
 * Given text: an insertion that is one operation, in the map of an anchor. Values in that map take out ranges of it, and
 * pages stand between its characters. Its indices count its UTF-16 code units. Rule D6a.
 */
export class GivenPage extends Page {
  readonly text: string
  /** Pages between the characters, in the order of the text. */
  private readonly kids: Kid[] = []
  private readonly kidsByKey = new Map<string, Kid>()
  /** The values, packed, by their keys: read they take ten times as much memory. */
  private readonly values = new Map<string, Uint8Array>()
  private coverage: Coverage = []
  /** The ranges of all values together. */
  private gone: Ranges = []
  private cache: (Run | Kid)[] | null = null

  constructor(id: ObjectId, anchor: Anchor, text: string) {
    super(id, anchor, anchor.owner.depth)
    this.text = text
    this.grow(text.length)
  }

  override get size(): number {
    return this.text.length
  }

  override get cost(): number {
    return this.coverage.length + this.kids.length
  }

  /** Keys of the values. */
  get valueKeys(): Iterable<string> {
    return this.values.keys()
  }

  /** Returns the ranges that the value with a key takes out; none for a key without a value. */
  taken(key: string): Ranges {
    const value = this.values.get(key)
    return value ? unpackRanges(value, this.text) : []
  }

  /** Sets all values of a page that is being read. */
  setValues(values: Iterable<readonly [key: string, value: Uint8Array]>): void {
    for (const [key, value] of values) this.values.set(key, value)
    if (this.values.size === 0) return
    this.coverage = coverageOf(this.allTaken(), this.text.length)
    this.gone = coveredBy(this.coverage)
    this.cache = null
    this.grow(-sizeOf(this.gone))
  }

  /**
   * Sets a value, packed. `step` is called for each stretch of characters that disappears, the last one first, and then for each
   * that appears, the first one first, so that each offset is true once the steps before it are done.
   */
  setValue(key: string, value: Uint8Array, step?: (stretch: Shown, appears: boolean) => void): void {
    const covered = cover(this.coverage, this.taken(key), -1)
    this.values.set(key, value)
    this.coverage = cover(covered, this.taken(key), 1)
    const before = this.gone
    const gone = coveredBy(this.coverage)
    if (step) for (const stretch of this.shownIn(minus(gone, before)).reverse()) step(stretch, false)
    this.show(gone)
    if (step) for (const stretch of this.shownIn(minus(before, gone))) step(stretch, true)
  }

  /** Returns the page with a key. */
  kidOf(key: string): Kid | null {
    return this.kidsByKey.get(key) ?? null
  }

  /** Adds a place for a page at an index, one past the text's end at most. Inside a pair it counts as behind it. */
  addKid(key: string, index: number): Kid {
    const kid = new Kid(this, key, isInPair(this.text, index) ? index + 1 : index)
    this.kids.splice(this.slotOf(kid.index, key), 0, kid)
    this.kidsByKey.set(key, kid)
    if (this.cache) insertPiece(this.cache, kid)
    return kid
  }

  /** Returns the taken out stretch at an index, or directly on either side of it; null for none. */
  goneAt(index: number): readonly [from: number, to: number] | null {
    const slot = firstSlot(this.gone, (place) => place >= index)
    const [from, to] = slot % 2 === 1 ? this.gone.slice(slot - 1, slot + 1) : this.gone.slice(slot, slot + 2)
    return from === undefined || to === undefined || from > index ? null : [from, to]
  }

  /**
   * Returns true if characters are taken out by one value each, and would appear together at an offset of the
   * document's text.
   */
  couldReturn(from: number, to: number, offset: number): boolean {
    if (!isCoveredOnce(this.coverage, from, to)) return false
    const start = this.start()
    return start + this.visibleBefore(from) === offset && start + this.visibleUpTo(to) === offset
  }

  override pieces(): readonly (Run | Kid)[] {
    this.cache ??= this.cut()
    return this.cache
  }

  protected override lookUp(offset: number): ReturnType<Page['lookUp']> {
    let left = offset
    let index = 0
    let before: Kid | null = null
    for (const piece of this.pieces()) {
      if (left === 0) return { page: this, index, before, after: piece instanceof Kid ? piece : null }
      const length = piece instanceof Kid ? piece.length : piece.size
      if (left < length && piece instanceof Kid && piece.child) return { child: piece.child, offset: left }
      if (left < length) return { page: this, index: piece.index + left, before: null, after: null }
      left -= length
      index = piece instanceof Kid ? piece.index : piece.index + piece.size
      before = piece instanceof Kid ? piece : null
    }
    return { page: this, index, before, after: null }
  }

  /** Pages at the index count as before it. */
  override visibleBefore(index: number): number {
    let offset = 0
    for (const piece of this.pieces()) {
      const isKid = piece instanceof Kid
      if (piece.index > index || (piece.index === index && !isKid)) break
      offset += isKid ? piece.length : Math.min(piece.size, index - piece.index)
    }
    return offset
  }

  protected override offsetBefore(anchor: Anchor): number {
    let offset = 0
    for (const piece of this.pieces()) {
      if (piece === anchor) break
      offset += piece instanceof Kid ? piece.length : piece.size
    }
    return offset
  }

  /** Returns the visible length before an index, without pages at it. */
  private visibleUpTo(index: number): number {
    let offset = 0
    for (const piece of this.pieces()) {
      if (piece.index >= index) break
      offset += piece instanceof Kid ? piece.length : Math.min(piece.size, index - piece.index)
    }
    return offset
  }

  private *allTaken(): Generator<Ranges> {
    for (const key of this.values.keys()) yield this.taken(key)
  }

  private show(gone: Ranges): void {
    this.grow(sizeOf(this.gone) - sizeOf(gone))
    this.gone = gone
    this.cache = null
  }

  /** Returns the slot of the first page at an index whose key is not before `key`, or of what follows. */
  private slotOf(index: number, key: string): number {
    return firstSlot(this.kids, (kid) => kid.index > index || (kid.index === index && kid.key >= key))
  }

  /** Returns the visible characters in ranges. */
  private shownIn(ranges: Ranges): Shown[] {
    const found: Shown[] = []
    if (ranges.length === 0) return found
    let offset = 0
    let next = 0
    for (const piece of this.pieces()) {
      if (piece instanceof Kid) {
        offset += piece.length
        continue
      }
      const end = piece.index + piece.size
      while ((ranges[next + 1] ?? Number.POSITIVE_INFINITY) <= piece.index) next += 2
      for (let place = next; (ranges[place] ?? Number.POSITIVE_INFINITY) < end; place += 2) {
        const from = Math.max(ranges[place] ?? 0, piece.index)
        const to = Math.min(ranges[place + 1] ?? 0, end)
        found.push({ from, to, offset: offset + from - piece.index })
      }
      offset += piece.size
    }
    return found
  }

  private cut(): (Run | Kid)[] {
    const pieces: (Run | Kid)[] = []
    let slot = 0
    let index = 0
    const run = (size: number) => {
      if (size > 0) pieces.push({ index, size })
    }
    const upTo = (end: number) => {
      for (let kid = this.kids[slot]; kid && kid.index < end; kid = this.kids[++slot]) {
        run(kid.index - index)
        index = Math.max(index, kid.index)
        pieces.push(kid)
      }
      run(end - index)
    }
    for (const [from, to] of pairs(this.gone)) {
      upTo(from)
      index = to
    }
    upTo(this.text.length)
    return pieces.concat(this.kids.slice(slot))
  }
}

/** Returns the slot of the first item that is behind a place, as all after it are; the length for none. */
function firstSlot<T>(items: readonly T[], isBehind: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    const item = items[middle]
    if (item !== undefined && !isBehind(item)) low = middle + 1
    else high = middle
  }
  return low
}

/** Inserts a page into the pieces of given text, in which it may stand between characters of one. */
function insertPiece(pieces: (Run | Kid)[], kid: Kid): void {
  const { index, key } = kid
  const isBehind = (piece: Run | Kid) =>
    piece instanceof Kid
      ? piece.index > index || (piece.index === index && piece.key > key)
      : piece.index + piece.size > index
  const slot = firstSlot(pieces, isBehind)
  const piece = pieces[slot]
  if (!piece) pieces.push(kid)
  else if (piece instanceof Kid || piece.index >= index) pieces.splice(slot, 0, kid)
  else {
    const before = { index: piece.index, size: index - piece.index }
    pieces.splice(slot, 1, before, kid, { index, size: piece.size - before.size })
  }
}
