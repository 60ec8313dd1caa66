import { tags } from '@lezer/highlight'
import type { InlineContext, MarkdownConfig } from '@lezer/markdown'

const delimiter = { resolve: 'Highlight', mark: 'HighlightMark' }
const punctuation = /[\p{P}\p{S}]/u
/** Highlights that one paragraph may hold: the parser looks back from each closing mark. */
const maxHighlights = 500

/** Highlights: `==words==`, by GitHub's rule for `~~`, not inside one another. Nodes: Highlight with HighlightMark. */
export const highlights: MarkdownConfig = {
  defineNodes: [{ name: 'Highlight' }, { name: 'HighlightMark', style: tags.processingInstruction }],
  parseInline: [
    {
      name: 'Highlight',
      after: 'Emphasis',
      parse(cx, next, pos) {
        if (next !== 61 || cx.char(pos + 1) !== 61) return -1
        let end = pos + 2
        while (cx.char(end) === 61) end++
        if (end > pos + 2) return end
        const seen = seenIn(cx)
        const closes = seen.open
        if (seen.count >= maxHighlights || !isMark(cx, pos, closes)) return end
        seen.open = !closes
        if (closes) seen.count++
        return cx.addDelimiter(delimiter, pos, end, !closes, closes)
      },
    },
  ],
}

const contexts = new WeakMap<InlineContext, { open: boolean; count: number }>()

function seenIn(cx: InlineContext): { open: boolean; count: number } {
  const seen = contexts.get(cx) ?? { open: false, count: 0 }
  contexts.set(cx, seen)
  return seen
}

/** `==` can open before a word, and close after one. */
function isMark(cx: InlineContext, pos: number, closes: boolean): boolean {
  const before = cx.slice(pos - 1, pos)
  const after = cx.slice(pos + 2, pos + 3)
  const [inner, outer] = closes ? [before, after] : [after, before]
  if (/^\s?$/.test(inner)) return false
  return !punctuation.test(inner) || /^\s?$/.test(outer) || punctuation.test(outer)
}
