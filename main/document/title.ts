import type { Text } from '@codemirror/state'

/** Lines that are searched for a title, so that a huge document costs nothing. */
const searchedLines = 200
/** Longest title, in UTF-16 code units. */
const maxTitle = 120

/** Returns a document's title: its first Markdown heading, else its first line with words; '' without any. */
export function titleOf(text: Text): string {
  let firstLine = ''
  let lines = 0
  for (const line of text.iterLines()) {
    if (++lines > searchedLines) break
    const trimmed = line.slice(0, 4 * maxTitle).trim()
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(trimmed)?.[1]
    if (heading) return shorten(heading)
    if (!firstLine && /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(trimmed)) firstLine = trimmed
  }
  return shorten(firstLine)
}

function shorten(text: string): string {
  const characters = [...text]
  return characters.length <= maxTitle ? text : `${characters.slice(0, maxTitle - 1).join('')}…`
}
