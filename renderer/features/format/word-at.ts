import type { Span } from './inline-text'

const words = new Intl.Segmenter(undefined, { granularity: 'word' })
/** A word is looked for this far around the caret, in UTF-16 code units. */
const reach = 200

/** Returns the word that touches an offset of a text; null without one. */
export function wordAt(text: string, at: number): Span | null {
  const start = Math.max(0, at - reach)
  const segments = words.segment(text.slice(start, at + reach))
  for (const index of [at - start, at - start - 1]) {
    const found = index < 0 ? undefined : segments.containing(index)
    if (found?.isWordLike) {
      const from = start + found.index
      return { from, to: from + found.segment.length }
    }
  }
  return null
}
