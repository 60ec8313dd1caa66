import { toText } from '../../preload/text'
import { markdownParser } from '../../preload/text/markdown/grammar'
import { titleReader } from '../../preload/text/markdown/title'

/**
 * Returns the text that a file becomes. A note that does not begin with a heading gets the name of its file as one,
 * after its front matter, since a document has no other name than its title.
 */
export function noteText(text: string, stem: string): string {
  const { topNode } = markdownParser.parse(text.slice(0, beginning))
  const [first, second] = [topNode.firstChild, topNode.firstChild?.nextSibling]
  const front = first?.name === 'FrontMatter' ? first : null
  const block = front ? second : first
  if (block && /^(ATXHeading1|SetextHeading1)$/.test(block.name)) return text
  const end = front?.to ?? 0
  const before = text.slice(0, end)
  return `${before}${before === '' ? '' : '\n\n'}# ${stem}\n\n${text.slice(end).replace(/^\s*\n/, '')}`
}

/** How far into a text its first block is looked for, in UTF-16 code units. */
const beginning = 16_384

/** Returns the title of a text. */
export const titleOf = (text: string): string => titleReader()(toText(text))
