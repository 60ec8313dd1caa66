import { searchPanelOpen, setSearchQuery } from '@codemirror/search'
import {
  type ChangeDesc,
  RangeSet,
  RangeSetBuilder,
  RangeValue,
  type SelectionRange,
  StateEffect,
  StateField,
} from '@codemirror/state'
import type { Found } from './expression-thread'
import type { ExpressionMatches } from './find-matches'

/** Matches are not moved through a change of more parts: each part costs a step for each match near it. */
const manyParts = 100

/** A match, by the text that would replace it. */
class Match extends RangeValue {
  constructor(
    readonly insert: string,
    isEmpty: boolean,
  ) {
    super()
    // Text that is written at the edges of a match is not in it; a match without letters, such as `^`, is a point.
    this.startSide = isEmpty ? 0 : 1
    this.endSide = isEmpty ? 0 : -1
  }
}

/** A match and its place, in UTF-16 code units. */
export interface PlacedMatch {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** The result of the last search by an expression, moved with the text. */
export interface FoundState {
  /** Null while there is no answer for the text. */
  readonly result: 'found' | 'invalid' | 'large' | 'slow' | 'failed' | null
  readonly matches: RangeSet<Match>
  /** There are no matches beyond these. */
  readonly isAll: boolean
}

/** Sets the result of a search, for the present text. */
export const setFound = StateEffect.define<FoundState>()

const nothing: FoundState = { result: null, matches: RangeSet.empty, isAll: true }

/** The matches of the expression in the find strip. */
export const foundField = StateField.define<FoundState>({
  create: () => nothing,
  update(found, transaction) {
    const { startState, changes, docChanged, effects } = transaction
    let next = found
    if (docChanged) {
      // Another search follows at once, or when the strip is opened.
      const isOver = transaction.isUserEvent('input.replace.all') || !searchPanelOpen(startState)
      next = isOver ? nothing : moved(found, changes)
    }
    for (const effect of effects)
      if (effect.is(setSearchQuery)) next = nothing
      else if (effect.is(setFound)) next = effect.value
    return next
  },
})

/**
 * Moves matches with the text. Those that the changes touched are left out: what replaces them was made for other words.
 * Returns a state without a result if the changes have too many parts.
 */
export function moved(found: FoundState, changes: ChangeDesc): FoundState {
  if (found.matches.size === 0) return found
  let parts = 0
  let { matches } = found
  changes.iterChangedRanges((filterFrom, filterTo) => {
    if (++parts > manyParts) return
    // Not the edges: words beside a match are not in it.
    const filter = (from: number, to: number) => to <= filterFrom || from >= filterTo
    matches = matches.update({ filterFrom, filterTo, filter })
  }, true)
  return parts > manyParts ? nothing : { ...found, matches: matches.map(changes) }
}

/** Returns what a search found as the state of the field. */
export function foundState(found: Found): FoundState {
  if (typeof found === 'string') return { ...nothing, result: found }
  return { result: 'found', matches: matchesOf(found), isAll: found.isAll }
}

function matchesOf({ bounds, inserts }: ExpressionMatches): RangeSet<Match> {
  const builder = new RangeSetBuilder<Match>()
  for (let index = 0; index < bounds.length; index += 2) {
    const [from, to] = [bounds[index] ?? 0, bounds[index + 1] ?? 0]
    builder.add(from, to, new Match(inserts[index / 2] ?? inserts[0] ?? '', from === to))
  }
  return builder.finish()
}

/** Returns the matches in the order of the text. */
export function allMatches({ matches }: FoundState): PlacedMatch[] {
  const all: PlacedMatch[] = []
  for (const at = matches.iter(); at.value; at.next())
    all.push({ from: at.from, to: at.to, insert: at.value.insert })
  return all
}

/** Returns the index of the match that is selected; -1 if none is. */
export const selectedIndex = (
  matches: readonly PlacedMatch[],
  { from, to }: Pick<SelectionRange, 'from' | 'to'>,
): number => matches.findIndex((match) => match.from === from && match.to === to)
