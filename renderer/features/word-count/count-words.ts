import type { Text } from '@codemirror/state'

/** Text is counted in pieces of about this many UTF-16 code units, with the time checked between two. */
const pieceSize = 8_192

/** Runs of letters and digits, with marks, apostrophes and hyphens inside. */
const run = /[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu
/** Letters of scripts that put no blanks between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
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
    const piece = doc.sliceString(start, Math.min(start + pieceSize, to))
    const end = start + piece.length < to ? lastBlank(piece) : piece.length
    words += countIn(piece.slice(0, end))
    start += end
  }
  return words
}

/** Returns the offset after the last blank of a text, where it can be cut; its end without a blank. */
function lastBlank(text: string): number {
  for (let end = text.length; end > 0; end--) if (/\s/.test(text.charAt(end - 1))) return end
  return text.length
}
