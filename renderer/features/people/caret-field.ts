import { type ChangeSet, StateEffect, StateField, Transaction } from '@codemirror/state'
import { followOffset } from '../../../preload/text/follow-offset'

/** Another person's caret in the text on screen. Offsets are UTF-16 code units. */
export interface PlacedCaret {
  readonly key: string
  /** Text beside the caret. */
  readonly label: string
  /** 0 to 7: which of the theme's colours. */
  readonly color: number
  readonly anchor: number
  readonly head: number
  /** Counts how often this person moved the caret or wrote at it; text that moves it along does not count. */
  readonly moves: number
}

/** Replaces all carets of other people. `moves` is set by the field. */
export const setCarets = StateEffect.define<readonly Omit<PlacedCaret, 'moves'>[]>()

/** Shows the name at a person's caret as if it had moved. The value is their key. */
export const flashCaret = StateEffect.define<string>()

/** The carets of everyone else, moved along with every change to the text. */
export const caretField = StateField.define<readonly PlacedCaret[]>({
  create: () => [],
  update(carets, transaction) {
    let next = transaction.docChanged ? carets.map((caret) => moveCaret(caret, transaction)) : carets
    for (const effect of transaction.effects)
      if (effect.is(setCarets)) next = mergeCarets(next, effect.value, transaction.newDoc.length)
      else if (effect.is(flashCaret)) next = next.map((caret) => flashed(caret, effect.value))
    return next
  },
})

const flashed = (caret: PlacedCaret, key: string): PlacedCaret =>
  caret.key === key ? { ...caret, moves: caret.moves + 1 } : caret

/** A caret stays before what is typed here at its place, and goes along with what others type there. */
function moveCaret(caret: PlacedCaret, transaction: Transaction): PlacedCaret {
  const { changes } = transaction
  const isRemote = transaction.annotation(Transaction.remote) === true
  // As the main process does it, which tells only of carets that moved otherwise.
  const move = (offset: number) =>
    isRemote ? followOffset(changes, offset).offset : changes.mapPos(offset, -1)
  const anchor = move(caret.anchor)
  const head = move(caret.head)
  const moves = caret.moves + (isRemote && touches(changes, caret.head) ? 1 : 0)
  const isSame = anchor === caret.anchor && head === caret.head && moves === caret.moves
  return isSame ? caret : { ...caret, anchor, head, moves }
}

function touches(changes: ChangeSet, offset: number): boolean {
  let found = false
  changes.iterChangedRanges((from, to) => {
    found ||= from <= offset && offset <= to
  })
  return found
}

/** Takes new places; a caret that stands where it already stood has not moved. */
export function mergeCarets(
  before: readonly PlacedCaret[],
  after: readonly Omit<PlacedCaret, 'moves'>[],
  length: number,
): readonly PlacedCaret[] {
  const known = new Map(before.map((caret) => [caret.key, caret]))
  return after.map((caret) => {
    const old = known.get(caret.key)
    const anchor = clamp(caret.anchor, length)
    const head = clamp(caret.head, length)
    const still = old !== undefined && old.anchor === anchor && old.head === head
    return { ...caret, anchor, head, moves: (old?.moves ?? 0) + (still ? 0 : 1) }
  })
}

const clamp = (position: number, length: number): number => Math.max(0, Math.min(position, length))
