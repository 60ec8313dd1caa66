import { ensureSyntaxTree, syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import type { SyntaxNode, SyntaxNodeRef, Tree } from '@lezer/common'
import type { Span } from './inline-text'

/** How long a command waits for the syntax tree, in ms. */
const patience = 50

/** Trees that commands have waited for, and how far they asked for. */
const trees = new WeakMap<EditorState, { readonly tree: Tree; readonly asked: number }>()

/** Returns the syntax tree up to an offset and the selections; as far as it was read if that takes too long. */
export function treeTo(state: EditorState, offset: number): Tree {
  const known = trees.get(state)
  if (known && offset <= known.asked) return known.tree
  const asked = state.selection.ranges.reduce((last, { to }) => Math.max(last, to), offset)
  const tree = ensureSyntaxTree(state, asked, patience) ?? syntaxTree(state)
  trees.set(state, { tree, asked })
  return tree
}

const leaf = /^(Paragraph|Task|TableCell|ATXHeading[1-6]|SetextHeading[12])$/
const literal =
  /^(FencedCode|CodeBlock|HTMLBlock|CommentBlock|FrontMatter|BlockMath|ProcessingInstructionBlock)$/

/** Returns the stretches of words that touch an offset range: of a paragraph, a heading, a task or a table's cell. */
export function leafBlocks(state: EditorState, from: number, to: number): Span[] {
  const blocks: Span[] = []
  treeTo(state, to).iterate({
    from,
    to,
    enter: (node) => {
      if (!leaf.test(node.name)) return !literal.test(node.name)
      const words = wordsOf(state, node)
      if (words.from <= to && words.to >= from) blocks.push(words)
      return false
    },
  })
  return blocks
}

/** Returns true if the text at an offset is taken as it stands: code, HTML, maths or front matter. */
export function isLiteral(state: EditorState, offset: number): boolean {
  const before = literalAt(state, offset, -1)
  if (!before) return false
  if (literalAt(state, offset, 1)) return true
  // At the end of its last line, what is typed next still belongs to it unless a mark closes it there.
  const { firstChild, lastChild } = before
  const isClosed = lastChild?.name.endsWith('Mark') && lastChild.to === offset
  return offset === state.doc.lineAt(offset).to && !(isClosed && lastChild?.from !== firstChild?.from)
}

function literalAt(state: EditorState, offset: number, side: -1 | 1): SyntaxNode | null {
  let node: SyntaxNode | null = treeTo(state, offset).resolveInner(offset, side)
  while (node && !literal.test(node.name)) node = node.parent
  return node
}

function wordsOf(state: EditorState, { name, from, to, node }: SyntaxNodeRef): Span {
  const first = node.firstChild
  const start = first && (first.name === 'TaskMarker' || isHeadingMark(first, from)) ? first.to : from
  const last = node.lastChild
  const end = last && last.from > from && isHeadingMark(last, last.from) ? last.from : to
  const text = state.sliceDoc(start, end)
  const blanks = name === 'Paragraph' ? 0 : text.length - text.trimStart().length
  return { from: start + blanks, to: Math.max(start + blanks, start + text.trimEnd().length) }
}

const isHeadingMark = ({ name, from }: SyntaxNode, at: number): boolean =>
  name === 'HeaderMark' && from === at

/** Returns the part of a range that lies in a block, without blanks and marks of quotes at its edges. */
export function pieceOf(state: EditorState, block: Span, range: Span): Span | null {
  const from = Math.max(block.from, range.from)
  const text = state.sliceDoc(from, Math.max(from, Math.min(block.to, range.to)))
  const start = leadOf(text, from === state.doc.lineAt(from).from)
  const end = endOf(text)
  return start < end ? { from: from + start, to: from + end } : null
}

/** Returns how many blanks and marks of quotes a text begins with. A loop: an expression would try runs again and again. */
function leadOf(text: string, atLineStart: boolean): number {
  let at = 0
  for (let isLead = atLineStart; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\n') isLead = true
    else if (!(character === '>' && isLead) && /\S/.test(character)) break
  }
  return at
}

/** Returns where a text ends without blanks and lines of marks of quotes at its end. */
function endOf(text: string): number {
  const end = text.trimEnd().length
  const lastLine = text.lastIndexOf('\n', end - 1)
  return lastLine >= 0 && /^[ \t>]+$/.test(text.slice(lastLine + 1, end))
    ? endOf(text.slice(0, lastLine))
    : end
}
