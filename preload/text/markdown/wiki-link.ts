import type { SyntaxNode } from '@lezer/common'
import { fold } from '../fold'
import { markdownParser } from './grammar'

/** Maximum number of links that are read of one text. */
const maxLinks = 1_000

/** A link to a document by its title. Offsets are UTF-16 code units. */
export interface WikiLink {
  /** The title as it is written, without blanks around it; '' for a heading of the same document. */
  readonly target: string
  /** The heading that it leads to; '' for the beginning. */
  readonly heading: string
  /** The brackets belong to it. */
  readonly from: number
  readonly to: number
  /** The words that stand for it in the text: those after the bar, else title and heading. */
  readonly wordsFrom: number
  readonly wordsTo: number
}

/** Returns the links to documents of a Markdown text, at most 1,000, in their order. */
export function wikiLinks(text: string): WikiLink[] {
  const links: WikiLink[] = []
  if (!text.includes('[[')) return links
  const cursor = markdownParser.parse(text).cursor()
  do if (cursor.name === 'WikiLink') links.push(wikiLinkOf(cursor.node, text))
  while (cursor.next() && links.length < maxLinks)
  return links
}

/** Returns the parts of a WikiLink node; `source` is the text that its offsets are of. */
export function wikiLinkOf(node: SyntaxNode, source: Pick<string, 'slice'>): WikiLink {
  const { from, to } = node
  const target = node.getChild('WikiTarget') ?? node
  const words = node.getChild('WikiWords') ?? target
  return {
    ...targetParts(source.slice(target.from, target.to)),
    from,
    to,
    wordsFrom: words.from,
    wordsTo: words.to,
  }
}

/** Parts what stands in the brackets before a bar into title and heading. */
export function targetParts(written: string): Pick<WikiLink, 'target' | 'heading'> {
  const [target = '', ...headings] = written.split('#')
  // In a vault of Obsidian a heading may follow the one above it; the last says where.
  return { target: target.trim(), heading: headings.at(-1)?.trim() ?? '' }
}

/**
 * Returns what two titles have in common that a link takes for the same: without regard to case, accents, blanks in a
 * row and the characters that a link cannot hold.
 */
export const titleKey = (title: string): string => fold(writable(title))

/** Returns a title as a link can hold it. */
export const writable = (title: string): string =>
  title.replace(/[[\]|#\s]+/g, ' ').replace(/^[\s^]+|\s+$/g, '')
