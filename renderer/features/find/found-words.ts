import type { SelectionRange } from '@codemirror/state'
import { allMatches, type FoundState, selectedIndex } from './expression-field'

/**
 * Says how many matches there are, and the index of the one that is selected (-1 for none): '2 of 7', '7 found' or
 * 'None'. `isAll` is false if there may be more.
 */
export function countWords(count: number, index: number, isAll: boolean): string {
  if (count === 0) return 'None'
  const total = isAll ? String(count) : `${count}+`
  return index < 0 ? `${total} found` : `${index + 1} of ${total}`
}

const failures = {
  invalid: 'This is not a valid regular expression.',
  slow: 'This regular expression takes too long. Try a simpler one.',
  failed: 'This regular expression cannot be run. Try a simpler one.',
  large: 'The matches would be replaced by too much text.',
}

/** Says what an expression found, or why it found nothing; '' while it is looked for. */
export function foundWords(
  found: FoundState,
  selection: Pick<SelectionRange, 'from' | 'to'>,
): { words: string; isFailure: boolean } {
  const { result, isAll } = found
  if (result === null) return { words: '', isFailure: false }
  if (result !== 'found') return { words: failures[result], isFailure: true }
  const matches = allMatches(found)
  return {
    words: countWords(matches.length, selectedIndex(matches, selection), isAll),
    isFailure: false,
  }
}
