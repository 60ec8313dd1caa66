import { type ChangeDesc, ChangeSet, type Text } from '@codemirror/state'
import { wordsBetween } from './count-words'

/** How far a changed place is widened to the next blank, in UTF-16 code units. */
const reach = 256
/** So many changed places are looked at in one piece of the work. */
const piece = 200

const blank = /\s/

/** A changed place, in the text before and in the text after. */
interface Place {
  fromA: number
  toA: number
  fromB: number
  toB: number
}

/** The number of words of a text, kept by counting the changed places alone. */
export class WordTotal {
  private doc: Text
  /** Null until the text was counted once. */
  private words: number | null = null
  private changes: ChangeDesc

  constructor(doc: Text) {
    this.doc = doc
    this.changes = unchanged(doc)
  }

  /** Notes a change of the text. */
  note(changes: ChangeDesc): void {
    this.changes = this.changes.composeDesc(changes)
  }

  /** True if the number is that of the newest text. */
  get isCurrent(): boolean {
    return this.words !== null && this.changes.empty
  }

  /** Counts in pieces up to `doc`, the newest text; yields before each piece. To be finished before the next count. */
  *count(doc: Text): Generator<undefined, number> {
    const { doc: before, words, changes } = this
    this.changes = unchanged(doc)
    let total = words ?? 0
    if (words === null) total = yield* wordsBetween(doc, 0, doc.length)
    else
      for (const { fromA, toA, fromB, toB } of yield* changedPlaces(before, doc, changes)) {
        total -= yield* wordsBetween(before, fromA, toA)
        total += yield* wordsBetween(doc, fromB, toB)
      }
    this.doc = doc
    this.words = total
    return total
  }
}

const unchanged = (doc: Text): ChangeDesc => ChangeSet.empty(doc.length).desc

/**
 * Returns the changed places, each widened to blanks, so that the words around them are the same in both texts. Yields
 * after each piece of the work.
 */
function* changedPlaces(before: Text, after: Text, changes: ChangeDesc): Generator<undefined, Place[]> {
  const ranges: Place[] = []
  changes.iterChangedRanges((fromA, toA, fromB, toB) => ranges.push({ fromA, toA, fromB, toB }))
  const places: Place[] = []
  for (const [index, { fromA, toA, fromB, toB }] of ranges.entries()) {
    if (index % piece === piece - 1) yield
    const place = {
      fromA: fromA - wordBefore(before, fromA),
      toA: toA + wordAfter(before, toA),
      fromB: fromB - wordBefore(after, fromB),
      toB: toB + wordAfter(after, toB),
    }
    const last = places.at(-1)
    if (!last || (place.fromA > last.toA && place.fromB > last.toB)) places.push(place)
    else Object.assign(last, { toA: Math.max(last.toA, place.toA), toB: Math.max(last.toB, place.toB) })
  }
  return places
}

/** Returns how many code units before an offset belong to a word that may reach over it. */
function wordBefore(doc: Text, offset: number): number {
  const text = doc.sliceString(Math.max(0, offset - reach), offset)
  let length = 0
  while (length < text.length && !blank.test(text.charAt(text.length - length - 1))) length++
  return length
}

const wordAfter = (doc: Text, offset: number): number =>
  /^\S*/.exec(doc.sliceString(offset, offset + reach))?.[0].length ?? 0
