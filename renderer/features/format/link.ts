import { type ChangeSpec, EditorSelection, type EditorState, type StateCommand } from '@codemirror/state'
import type { Command } from '@codemirror/view'
import type { SyntaxNode } from '@lezer/common'
import { editLink } from '../links/link-card'
import { around } from './block-commands'
import type { Span } from './inline-text'
import { isLiteral, leafBlocks, pieceOf } from './leaf-blocks'
import { wordAt } from './word-at'

const address = /^(?:https?:\/\/|mailto:|www\.)\S+$/i

/** Opens the form of the link at the caret; elsewhere it makes one. */
export const link: Command = (view) => editLink(view) || insertLink(view)

/**
 * Makes the selected words, or the word at the caret, a link and puts the caret where its address goes; where an
 * address is selected, the caret goes where the words do. In a link it selects the address.
 */
export const insertLink: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const { main } = state.selection
  const link = around(state, main.from, /^(Link|Image)$/)
  if (link && main.to <= link.to) return selectAddress(state, dispatch, link)
  if (isLiteral(state, main.from)) return false
  // An address and code are whole pieces.
  const piece = around(state, main.from, /^(Autolink|InlineCode)$/) ?? around(state, main.from, /^URL$/)
  const span = piece && main.to <= piece.to ? piece : wordsFor(state)
  const text = state.sliceDoc(span.from, span.to)
  const bracket = /^<.*>$/.test(text) ? 1 : 0
  const isAddress = address.test(text.slice(bracket, text.length - bracket))
  const changes = state.changes(isAddress ? asAddress(span, text, bracket) : asWords(span, text))
  const isBehind = !isAddress && text !== ''
  dispatch(
    state.update({
      changes,
      selection: EditorSelection.cursor(isBehind ? changes.mapPos(span.to, 1) - 1 : span.from + 1),
      userEvent: 'input.link',
      scrollIntoView: true,
    }),
  )
  return true
}

/** Returns true if the main selection lies in a link. */
export function isInLink(state: EditorState): boolean {
  const { from, to } = state.selection.main
  const link = around(state, from, /^(Link|Image)$/)
  return link !== null && to <= link.to
}

function selectAddress(
  state: EditorState,
  dispatch: Parameters<StateCommand>[0]['dispatch'],
  link: SyntaxNode,
): boolean {
  const url = link.getChild('URL')
  const last = link.lastChild
  // Between empty brackets there is no address yet.
  const place = url ?? (last ? { from: last.from, to: last.from } : null)
  if (!place) return false
  dispatch(state.update({ selection: { anchor: place.from, head: place.to }, scrollIntoView: true }))
  return true
}

/** Returns the selected words of the first paragraph, without half an element at their edges; else the word. */
function wordsFor(state: EditorState): Span {
  const { main } = state.selection
  const [block] = leafBlocks(state, main.from, main.to)
  if (main.empty) {
    const word = block && wordAt(state.sliceDoc(block.from, block.to), main.head - block.from)
    return block && word ? { from: block.from + word.from, to: block.from + word.to } : main
  }
  const piece = (block && pieceOf(state, block, main)) ?? { from: main.from, to: main.from }
  return grown(state, piece)
}

const formats = /^(Emphasis|StrongEmphasis|Strikethrough|Highlight|InlineCode|Subscript|Superscript)$/

/** Takes in whole elements that begin or end inside a span. */
function grown(state: EditorState, span: Span): Span {
  let { from, to } = span
  for (const edge of [span.from, span.to])
    for (let node = around(state, edge, formats); node; node = node.parent) {
      if (!formats.test(node.name)) continue
      const content = { from: node.firstChild?.to ?? node.from, to: node.lastChild?.from ?? node.to }
      if (span.from >= content.from && span.to <= content.to) continue
      if (node.from >= span.to || node.to <= span.from) continue
      from = Math.min(from, node.from)
      to = Math.max(to, node.to)
    }
  return { from, to }
}

/** Marks go around the words, which stay with everything that others write in them meanwhile. */
function asWords({ from, to }: Span, text: string): ChangeSpec[] {
  if (from === to) return [{ from, insert: '[]()' }]
  // Brackets that would end the words of the link too early get backslashes.
  const brackets = isBalanced(text, '[', ']') ? [] : [...text.matchAll(/(?<!\\)[[\]]/g)]
  return [
    { from, insert: '[' },
    ...brackets.map(({ index }) => ({ from: from + index, insert: '\\' })),
    { from: to, insert: ']()' },
  ]
}

/** `bracket` is the length of the angle brackets that stand around the address. */
function asAddress({ from, to }: Span, text: string, bracket: number): ChangeSpec[] {
  const url = text.slice(bracket, text.length - bracket)
  const scheme = /^www\./i.test(url) ? 'https://' : ''
  const [open, close] = isBalanced(url, '(', ')') ? ['', ''] : ['<', '>']
  return [
    { from, to: from + bracket, insert: `[](${open}${scheme}` },
    { from: to - bracket, to, insert: `${close})` },
  ]
}

function isBalanced(text: string, open: string, close: string): boolean {
  let depth = 0
  for (const character of text) {
    if (character === open) depth++
    if (character === close && --depth < 0) return false
  }
  return depth === 0
}
