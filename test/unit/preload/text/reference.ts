import type { SyntaxNode } from '@lezer/common'
import { GFM, type MarkdownParser, parser } from '@lezer/markdown'
import type { Nodes, Root } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { bounds } from '../../../../preload/text/markdown/bounds'

/** The editor's grammar without Swarmpad's own additions, which the reference does not know. */
export const editorParser: MarkdownParser = parser.configure([bounds(6_000_000), GFM])
const reference = unified().use(remarkParse).use(remarkGfm)

/** An element of a text that is not empty: its kind, and where it begins and ends in UTF-16 code units, without blanks around it. */
export type Span = `${string} ${number}-${number}`

const referenceKinds: Readonly<Record<string, string>> = {
  emphasis: 'Emphasis',
  strong: 'Strong',
  delete: 'Strike',
  inlineCode: 'InlineCode',
  link: 'Link',
  linkReference: 'Link',
  image: 'Image',
  imageReference: 'Image',
  code: 'Code',
  blockquote: 'Quote',
  list: 'List',
  listItem: 'Item',
}

/** Returns the elements that remark finds. */
export function referenceSpans(text: string): Span[] {
  const spans: Span[] = []
  const visit = (node: Nodes): void => {
    const kind = node.type === 'heading' ? `Heading${node.depth}` : referenceKinds[node.type]
    const { start, end } = node.position ?? {}
    if (kind && start?.offset !== undefined && end?.offset !== undefined)
      spans.push(spanOf(text, kind, start.offset, end.offset))
    if ('children' in node) for (const child of node.children) visit(child)
  }
  visit(reference.parse(text) as Root)
  return withWords(spans)
}

const editorKinds: Readonly<Record<string, string>> = {
  Emphasis: 'Emphasis',
  StrongEmphasis: 'Strong',
  Strikethrough: 'Strike',
  InlineCode: 'InlineCode',
  Link: 'Link',
  Autolink: 'Link',
  Image: 'Image',
  FencedCode: 'Code',
  CodeBlock: 'Code',
  Blockquote: 'Quote',
  BulletList: 'List',
  OrderedList: 'List',
  ListItem: 'Item',
}

/** Returns the elements that the editor finds, apart from references to links that the text does not define. */
export function editorSpans(text: string): Span[] {
  const tree = editorParser.parse(text)
  const labels = new Set<string>()
  tree.iterate({
    enter: ({ name, node }) => {
      const label = name === 'LinkReference' ? node.getChild('LinkLabel') : null
      if (label) labels.add(normal(text.slice(label.from, label.to)))
    },
  })
  const spans: Span[] = []
  tree.iterate({
    enter: ({ name, node, from, to }): boolean | undefined => {
      const heading = /^(?:ATX|Setext)Heading(\d)$/.exec(name)
      const isAddress =
        name === 'URL' && !/^(Link|Image|Autolink|LinkReference)$/.test(node.parent?.name ?? '')
      const kind = heading ? `Heading${heading[1]}` : isAddress ? 'Link' : editorKinds[name]
      if (kind && !isUndefined(text, node, labels)) spans.push(spanOf(text, kind, from, to))
      // The reference reads the description of a picture as words alone.
      return !(kind === 'Image' && spans.at(-1)?.startsWith('Image'))
    },
  })
  return withWords(spans)
}

const withWords = (spans: readonly Span[]): Span[] => spans.filter((span) => !/ (\d+)-\1$/.test(span)).sort()

function isUndefined(text: string, node: SyntaxNode, labels: ReadonlySet<string>): boolean {
  if (node.name !== 'Link' && node.name !== 'Image') return false
  if (node.getChildren('LinkMark').length > 2) return false
  const label = node.getChild('LinkLabel')
  const [open, close] = node.getChildren('LinkMark')
  const named = label && label.to - label.from > 2 ? text.slice(label.from, label.to) : null
  return !labels.has(normal(named ?? `[${text.slice(open?.to, close?.from)}]`))
}

const normal = (label: string): string =>
  label.slice(1, -1).trim().replace(/\s+/g, ' ').toLowerCase().toUpperCase()

function spanOf(text: string, kind: string, from: number, to: number): Span {
  const slice = text.slice(from, to)
  const start = from + slice.length - slice.trimStart().length
  return `${kind} ${start}-${Math.max(start, from + slice.trimEnd().length)}`
}
