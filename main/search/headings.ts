import type { Range } from './query'

/**
 * Returns the ranges of the headings of a Markdown text that begin with number signs, outside of fenced code. A search
 * asks for those of thousands of texts, so this is less exact than the grammar.
 */
export function headings(text: string): Range[] {
  const found: Range[] = []
  const pattern = /^ {0,3}(?:#{1,6}[ \t]|(`{3,}|~{3,}))/gm
  let fence: string | null = null
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const mark = match[1] ?? null
    if (mark === null) {
      const end = text.indexOf('\n', match.index)
      if (fence === null) found.push([match.index, end < 0 ? text.length : end])
    } else if (fence === null) fence = mark
    else if (mark.startsWith(fence)) fence = null
  }
  return found
}
