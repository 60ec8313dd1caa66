import { Text } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { titleParser } from './grammar'
import { plainText } from './plain-text'

/** How far into a text a title is looked for: lines, and UTF-16 code units of each. A huge text costs no more. */
const searchedLines = 200
const searchedWidth = 480
/** Longest title, in UTF-16 code units. */
const maxTitle = 120

/** Lengths of the beginning in which the title is looked for first, in UTF-16 code units: less is parsed sooner. */
const firstLooks = [512, 4_096]

/**
 * Returns a function that reads a document's title: the words of its first Markdown heading, else those of its first
 * line that has some; '' if none has. It parses again only if the beginning of the text changed since its last call.
 */
export function titleReader(): (text: Text) => string {
  let last = { text: Text.empty, beginning: '', title: '' }
  const atTheTop = topReader()
  return (text) => {
    if (text === last.text) return last.title
    const beginning = beginningOf(text)
    const title = beginning === last.beginning ? last.title : titleIn(beginning, atTheTop)
    last = { text, beginning, title }
    return title
  }
}

/** Returns the title if it ends within the first `length` units of `source`; null if not. */
type TopReader = (source: string, length: number, hasHeading: boolean) => string | null

/** Returns a function that parses again only if the first units changed since its last call with that length. */
function topReader(): TopReader {
  const last = new Map<
    number,
    { top: string; isLonger: boolean; hasHeading: boolean; title: string | null }
  >()
  return (source, length, hasHeading) => {
    const top = source.slice(0, length + 1)
    const isLonger = source.length > length
    const known = last.get(length)
    if (known && known.top === top && known.isLonger === isLonger && known.hasHeading === hasHeading)
      return known.title
    const title = titleAtTheTop(source, length, hasHeading)
    last.set(length, { top, isLonger, hasHeading, title })
    return title
  }
}

function titleIn(source: string, atTheTop: TopReader): string {
  const hasHeading = mayHaveHeading.test(source)
  for (const length of firstLooks) {
    const title = atTheTop(source, length, hasHeading)
    if (title !== null) return shorten(title)
  }
  const { topNode } = titleParser.parse(source)
  return shorten((firstHeading(topNode, source) ?? firstLine(topNode, source))?.words ?? '')
}

/** Matches every text that has a heading, and some others: a number sign, or a line that may underline another. */
const mayHaveHeading = /#|^[^\p{L}\n]*[=-][ \t]*$/mu

/** Returns the title if it ends within the first lines, which are cheap to parse; null if not. */
function titleAtTheTop(source: string, length: number, hasHeading: boolean): string | null {
  const end = source.lastIndexOf('\n', length)
  if (source.length <= length || end < 0) return null
  const top = source.slice(0, end)
  const { topNode } = titleParser.parse(top)
  const found = hasHeading ? firstHeading(topNode, top) : firstLine(topNode, top)
  // A block that ends where the lines were cut may go on.
  return found && found.to < end ? found.words : null
}

function beginningOf(text: Text): string {
  const lines: string[] = []
  for (const line of text.iterLines()) {
    if (lines.push(line.slice(0, searchedWidth)) === searchedLines) break
  }
  return lines.join('\n')
}

/** Words of a title, and the end of the block that has them. */
interface Found {
  readonly words: string
  readonly to: number
}

function firstHeading(node: SyntaxNode, source: string): Found | null {
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (/^(ATX|Setext)Heading/.test(child.name)) {
      const words = wordsIn(plainText(child, source))
      if (words) return { words, to: child.to }
    } else {
      const heading = firstHeading(child, source)
      if (heading) return heading
    }
  }
  return null
}

function firstLine(top: SyntaxNode, source: string): Found | null {
  for (let block = top.firstChild; block; block = block.nextSibling)
    for (const line of plainText(block, source).split('\n')) {
      const words = wordsIn(line)
      if (words) return { words, to: block.to }
    }
  return null
}

/** Returns a line without blanks around it and in a row; '' if it has no letter, digit or picture. */
const wordsIn = (line: string): string =>
  /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(line) ? line.replace(/\s+/g, ' ').trim() : ''

function shorten(text: string): string {
  const characters = [...text]
  return characters.length <= maxTitle ? text : `${characters.slice(0, maxTitle - 1).join('')}…`
}
