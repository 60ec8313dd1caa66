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
  'HTMLTag',
  'HTMLBlock',
  'Comment',
  'CommentBlock',
  'ProcessingInstruction',
  'ProcessingInstructionBlock',
])

/** True for the name of a node that says nothing to a reader, such as that of a mark. */
export const isSilent = (name: string): boolean => silent.has(name)

/** Returns the text of a node of Markdown as a reader sees it: without marks, tags and addresses of links. */
export function plainText(node: SyntaxNode, source: string): string {
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

/** An address stands for itself, unless a link or an image shows something else in its place. */
const isHiddenAddress = (child: SyntaxNode, parent: SyntaxNode): boolean =>
  child.name === 'URL' && (parent.name === 'Link' || parent.name === 'Image')
