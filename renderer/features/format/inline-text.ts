import type { SyntaxNode } from '@lezer/common'
import { markdownParser } from '../../../preload/text/markdown/grammar'
import { type InlineKind, inlineKinds, kindOfNode } from './inline-kinds'

/** A stretch of a text; offsets in UTF-16 code units. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** An element of inline Markdown. `content` is the text between its marks. */
export interface Inline extends Span {
  readonly name: string
  readonly content: Span
  readonly children: readonly Inline[]
}

/** Elements with text in which further elements can stand; all others are one piece to a format. */
const open: ReadonlySet<string> = new Set([
  'StrongEmphasis',
  'Emphasis',
  'Strikethrough',
  'Highlight',
  'Subscript',
  'Superscript',
  'Link',
])

/** Returns true if further elements can stand in this one. */
export const isOpen = ({ name }: Inline): boolean => open.has(name)

/** Before the text, so that its first characters are read as words and not as the mark of a list or a heading. */
const guard = 'x '

/** Characters without which there is no element in a text. */
const special = /[*_`~=^$[\]<>&\\:@]|www\./i

/** Reads the inline Markdown of a paragraph. Marks of quotes at the beginnings of lines are left out of account. */
export function readInline(text: string): readonly Inline[] {
  if (!special.test(text)) return []
  const plain = text.replace(/\n([ \t]{0,3}>)+/g, (prefix) => `\n${' '.repeat(prefix.length - 1)}`)
  const paragraph = markdownParser.parse(guard + plain).topNode.firstChild
  return paragraph ? childrenOf(paragraph) : []
}

function childrenOf(node: SyntaxNode): Inline[] {
  const children: Inline[] = []
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (!isMark(child.name)) children.push(inlineOf(child))
  return children
}

const isMark = (name: string): boolean =>
  name.endsWith('Mark') || name === 'LinkTitle' || name === 'LinkLabel'

function inlineOf(node: SyntaxNode): Inline {
  const from = node.from - guard.length
  const to = node.to - guard.length
  const children = open.has(node.name) ? childrenOf(node) : []
  const first = node.firstChild
  // A link's text ends at its second mark, the other elements at their last.
  const last = node.name === 'Link' ? (node.getChildren('LinkMark')[1] ?? null) : node.lastChild
  const hasMarks = first && last && first.from < last.from && first.name === last.name && isMark(first.name)
  const content = hasMarks ? { from: first.to - guard.length, to: last.from - guard.length } : { from, to }
  const inside = node.name === 'Link' ? children.filter((child) => child.to <= content.to) : children
  return { name: node.name, from, to, content, children: inside }
}

/** Returns the elements of a format, also those inside others. */
export function elementsOf(inlines: readonly Inline[], kind: InlineKind): Inline[] {
  return inlines.flatMap((inline) => [
    ...(inline.name === inlineKinds[kind].node ? [inline] : []),
    ...elementsOf(inline.children, kind),
  ])
}

/** A character that a reader sees and its formats, as bits; blanks and marks are left out. */
export interface Seen {
  readonly at: number
  readonly formats: number
}

const bits: Readonly<Record<InlineKind, number>> = { bold: 1, italic: 2, code: 4, strike: 8, highlight: 16 }

/** Returns the bit of a format in `Seen.formats`. */
export const bitOf = (kind: InlineKind): number => bits[kind]

/** Returns the characters of inline Markdown that a reader sees, with the formats that they have. */
export function seenIn(text: string, inlines: readonly Inline[]): Seen[] {
  const formats = new Uint8Array(text.length)
  const hidden = new Uint8Array(text.length)
  mark(inlines, formats, hidden)
  const seen: Seen[] = []
  for (let at = 0; at < text.length; at++)
    if (hidden[at] === 0 && /\S/.test(text[at] ?? '')) seen.push({ at, formats: formats[at] ?? 0 })
  return seen
}

function mark(inlines: readonly Inline[], formats: Uint8Array, hidden: Uint8Array): void {
  for (const inline of inlines) {
    const kind = kindOfNode(inline.name)
    if (kind) {
      const { from, to } = inline.content
      hidden.fill(1, inline.from, from)
      hidden.fill(1, to, inline.to)
      for (let at = from; at < to; at++) formats[at] = (formats[at] ?? 0) | bits[kind]
    }
    mark(inline.children, formats, hidden)
  }
}
