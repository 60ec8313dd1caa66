import type { SyntaxNode } from '@lezer/common'

/** Nodes that are marks, or that say nothing to a reader. */
const silent: ReadonlySet<string> = new Set([
  'HeaderMark',
  'QuoteMark',
  'ListMark',
  'TaskMarker',
  'EmphasisMark',
  'CodeMark',
  'CodeInfo',
  'LinkMark',
  'LinkTitle',
  'LinkLabel',
  'StrikethroughMark',
  'SubscriptMark',
  'SuperscriptMark',
  'TableDelimiter',
  'FrontMatter',
  'FootnoteReference',
  'FootnoteLabel',
  'FootnoteMark',
  'MathMark',
  'HighlightMark',
  'CalloutMark',
  'WikiMark',
  'HTMLTag',
  'HTMLBlock',
  'Comment',
  'CommentBlock',
  'ProcessingInstruction',
  'ProcessingInstructionBlock',
])

/** True for the name of a node that says nothing to a reader, such as that of a mark. */
export const isSilent = (name: string): boolean => silent.has(name)

/**
 * Returns the text of a node of Markdown as a reader sees it: without marks, tags and addresses of links. `source` is
 * the text that the node's offsets are of.
 */
export function plainText(node: SyntaxNode, source: Pick<string, 'slice'>): string {
  if (isSilent(node.name)) return ''
  if (node.name === 'Escape') return source.slice(node.from + 1, node.to)
  let text = ''
  let from = node.from
  for (let child = node.firstChild; child; child = child.nextSibling) {
    text += source.slice(from, child.from)
    if (!isHiddenAddress(child, node)) text += plainText(child, source)
    from = child.to
  }
  return text + source.slice(from, node.to)
}

/**
 * True for the address that a link or picture leads to, and for the title that one with other words does; an address
 * among its words stands for itself.
 */
export function isHiddenAddress(child: SyntaxNode, parent: SyntaxNode): boolean {
  if (child.name === 'WikiTarget') return parent.getChild('WikiWords') !== null
  if (child.name !== 'URL' || (parent.name !== 'Link' && parent.name !== 'Image')) return false
  const close = parent.getChildren('LinkMark')[1]
  return close !== undefined && child.from >= close.to
}
