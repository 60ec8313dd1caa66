import { markdownParser, titleParser } from '../../preload/text/markdown/grammar'
import { plainText } from '../../preload/text/markdown/plain-text'
import { tagsIn } from '../../preload/text/markdown/tags'
import { titleKey, type WikiLink, wikiLinkOf } from '../../preload/text/markdown/wiki-link'
import { excerpt } from './excerpt'
import { headings } from './headings'
import { mayHaveFacts } from './may-have-facts'
import type { FoundLink, TextFacts } from './search-protocol'

/** How far into a text tags and links are looked for, in UTF-16 code units. */
const maxRead = 400_000
/** Most links of one text. */
const maxLinks = 1_000
/** Longest title of a link, in UTF-16 code units. */
const maxTitle = 300
/** Most headings of one text, and the longest of which the words are read, in UTF-16 code units. */
const maxHeadings = 1_000
const maxHeading = 400

/** Reads the tags and links of a text, in steps of a few ms. */
export function* readFacts(text: string): Generator<void, TextFacts> {
  const read = text.slice(0, maxRead)
  if (!mayHaveFacts([read])) return { tags: [], links: [] }
  const parse = markdownParser.startParse(read)
  let tree = parse.advance()
  for (; !tree; tree = parse.advance()) yield
  yield
  const links = new Set<string>()
  const cursor = tree.cursor()
  do
    if (cursor.name === 'WikiLink') {
      const { target } = wikiLinkOf(cursor.node, read)
      if (target !== '' && target.length <= maxTitle) links.add(titleKey(target))
    }
  while (cursor.next() && links.size < maxLinks)
  yield
  return { tags: tagsIn(tree, read), links: [...links] }
}

/** Reads the words of the headings of a text, each once, at most 1,000, in steps of a few ms. */
export function* readHeadings(text: string): Generator<void, string[]> {
  const words = new Set<string>()
  for (const [from, to] of headings(text.slice(0, maxRead))) {
    const line = text.slice(from, Math.min(to, from + maxHeading))
    const found = plainText(titleParser.parse(line).topNode, line).replace(/\s+/g, ' ').trim()
    if (found) words.add(found)
    if (words.size === maxHeadings) break
    yield
  }
  return [...words]
}

/** Finds the first link of a text to a title with this key, in steps of a few ms; null without one. */
export function* findLink(id: string, text: string, key: string): Generator<void, FoundLink | null> {
  const read = text.slice(0, maxRead)
  if (!read.includes('[[')) return null
  const parse = markdownParser.startParse(read)
  let tree = parse.advance()
  for (; !tree; tree = parse.advance()) yield
  const cursor = tree.cursor()
  do
    if (cursor.name === 'WikiLink') {
      const link = wikiLinkOf(cursor.node, read)
      if (link.target !== '' && titleKey(link.target) === key) return foundLink(id, read, link)
    }
  while (cursor.next())
  return null
}

function foundLink(id: string, text: string, { target, from, to }: WikiLink): FoundLink {
  return { id, target, line: excerpt(text, [from, to]).line, at: { from, to } }
}
