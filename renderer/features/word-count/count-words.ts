import type { Text } from '@codemirror/state'

/**
 * Text is counted in pieces of at most so many UTF-16 code units, with the time checked between two. The dictionary of a
 * script takes longer for each character the longer the text is.
 */
const pieceSizes = { usual: 8_192, unspaced: 512 } as const

/** Runs of letters and digits, with marks, apostrophes and hyphens inside. */
const run = /[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu
/** Letters of scripts that put no blanks between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** A code unit that is in no word. Halves of a pair may be. */
const gap = /[^\p{L}\p{N}\p{M}\p{Cs}'’-]/u
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })

/** Returns the number of words in a text. Where a script has no blanks, a dictionary finds the words. */
export function countIn(text: string): number {
  const runs = text.match(run) ?? []
  if (!unspaced.test(text)) return runs.length
  return runs.reduce((words, found) => words + (unspaced.test(found) ? countSegments(found) : 1), 0)
}

function countSegments(text: string): number {
  let words = 0
  for (const { isWordLike } of segmenter.segment(text)) if (isWordLike) words++
  return words
}

/**
 * Counts the words between two offsets (UTF-16 code units) in pieces: yields before each, so that the caller can
 * pause, and returns the number. A word of more than a piece may be counted as several.
 */
export function* wordsBetween(doc: Text, from: number, to: number): Generator<undefined, number> {
  let words = 0
  let start = from
  while (start < to) {
    yield
    const usual = doc.sliceString(start, Math.min(start + pieceSizes.usual, to))
    const piece = unspaced.test(usual) ? usual.slice(0, pieceSizes.unspaced) : usual
    const end = start + piece.length < to ? lastGap(piece) : piece.length
    words += countIn(piece.slice(0, end))
    start += end
  }
  return words
}

/** Returns the offset after the last code unit of a text that belongs to no word; its end if all of it may be one. */
function lastGap(text: string): number {
  for (let end = text.length; end > 0; end--) if (gap.test(text.charAt(end - 1))) return end
  return text.length
}
