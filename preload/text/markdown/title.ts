import type { Text } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { titleParser } from './grammar'
import { plainText } from './plain-text'

/** How far into a text a title is looked for: lines, and UTF-16 code units of each. A huge text costs no more. */
const searchedLines = 200
const searchedWidth = 480
/** Longest title, in UTF-16 code units. */
const maxTitle = 120

/**
 * Returns a document's title: the words of its first Markdown heading, else those of its first line that has
 * some; '' if none has.
 */
export function titleOf(text: Text): string {
  const source = beginningOf(text)
  const { topNode } = titleParser.parse(source)
  return shorten(firstHeading(topNode, source) || firstLine(topNode, source))
}

function beginningOf(text: Text): string {
  const lines: string[] = []
  for (const line of text.iterLines()) {
    if (lines.push(line.slice(0, searchedWidth)) === searchedLines) break
  }
  return lines.join('\n')
}

function firstHeading(node: SyntaxNode, source: string): string {
  for (let child = node.firstChild; child; child = child.nextSibling) {
    const words = /^(ATX|Setext)Heading/.test(child.name)
      ? wordsIn(plainText(child, source))
      : firstHeading(child, source)
    if (words) return words
  }
  return ''
}

function firstLine(top: SyntaxNode, source: string): string {
  for (let block = top.firstChild; block; block = block.nextSibling)
    for (const line of plainText(block, source).split('\n')) {
      const words = wordsIn(line)
      if (words) return words
    }
  return ''
}

/** Returns a line without blanks around it and in a row; '' if it has no letter, digit or picture. */
const wordsIn = (line: string): string =>
  /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(line) ? line.replace(/\s+/g, ' ').trim() : ''

function shorten(text: string): string {
  const characters = [...text]
  return characters.length <= maxTitle ? text : `${characters.slice(0, maxTitle - 1).join('')}…`
}
