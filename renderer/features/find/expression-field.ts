import { setSearchQuery } from '@codemirror/search'
import {
  RangeSet,
  RangeSetBuilder,
  RangeValue,
  type SelectionRange,
  StateEffect,
  StateField,
} from '@codemirror/state'
import type { Found } from './expression-thread'
import type { ExpressionMatches } from './find-matches'

/** A match, by the text that would replace it. */
class Match extends RangeValue {
  constructor(
    readonly insert: string,
    /** In UTF-16 code units. */
    readonly length: number,
  ) {
    super()
    // Text that is written at the edges of a match is not in it; a match without letters, such as `^`, is a point.
    this.startSide = length > 0 ? 1 : 0
    this.endSide = length > 0 ? -1 : 0
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
  /** Null until the first answer. */
  readonly result: 'found' | 'invalid' | 'large' | 'slow' | null
  readonly matches: RangeSet<Match>
  /** There are no matches beyond these. */
  readonly isAll: boolean
}

/** Takes the result of a search in a state with the present text, or in an earlier one whose changes moved it here. */
export const setFound = StateEffect.define<FoundState>()

const nothing: FoundState = { result: null, matches: RangeSet.empty, isAll: true }

/** The matches of the expression in the find strip. */
export const foundField = StateField.define<FoundState>({
  create: () => nothing,
  update(found, { changes, docChanged, effects }) {
    let next = found
    if (docChanged && found.matches.size > 0) next = { ...found, matches: found.matches.map(changes) }
    for (const effect of effects)
      if (effect.is(setSearchQuery)) next = nothing
      else if (effect.is(setFound)) next = effect.value
    return next
  },
})

/** Returns what a search found as the state of the field. */
export function foundState(found: Found): FoundState {
  if (typeof found === 'string') return { ...nothing, result: found }
  return { result: 'found', matches: matchesOf(found), isAll: found.isAll }
}

function matchesOf({ bounds, inserts }: ExpressionMatches): RangeSet<Match> {
  const builder = new RangeSetBuilder<Match>()
  for (let index = 0; index < bounds.length; index += 2) {
    const [from, to] = [bounds[index] ?? 0, bounds[index + 1] ?? 0]
    builder.add(from, to, new Match(inserts[index / 2] ?? inserts[0] ?? '', to - from))
  }
  return builder.finish()
}

/** Returns the matches whose text was not written in since they were found. */
export function intact({ matches }: FoundState): PlacedMatch[] {
  const placed: PlacedMatch[] = []
  for (const at = matches.iter(); at.value; at.next())
    if (at.to - at.from === at.value.length)
      placed.push({ from: at.from, to: at.to, insert: at.value.insert })
  return placed
}

/** Returns the index of the match that is selected; -1 if none is. */
export const selectedIndex = (
  matches: readonly PlacedMatch[],
  { from, to }: Pick<SelectionRange, 'from' | 'to'>,
): number => matches.findIndex((match) => match.from === from && match.to === to)
