import { syntaxTree } from '@codemirror/language'
import { EditorSelection, EditorState, findClusterBreak, Prec, type SelectionRange } from '@codemirror/state'
import { type Command, type EditorView, keymap } from '@codemirror/view'
import { sourceMode } from '../live/source-mode'
import { isBlank } from '../live/touched'
import { hiddenPart, type LinkParts, linkPartsAt } from './link-parts'

/** Moves the caret over the hidden address of a link, and erases the letters beside it, as they are seen. */
export const linkMotion = [
  EditorState.transactionFilter.of((transaction) => {
    const { startState, selection } = transaction
    if (!selection || transaction.docChanged || !transaction.isUserEvent('select')) return transaction
    // A match of the search is selected as it is: it may be replaced next.
    if (transaction.isUserEvent('select.search')) return transaction
    if (startState.field(sourceMode)) return transaction
    const before = startState.selection
    const ranges = selection.ranges.map((range, index) =>
      overLinks(startState, range, (before.ranges[index] ?? before.main).head),
    )
    if (ranges.every((range, index) => range === selection.ranges[index])) return transaction
    return [transaction, { selection: EditorSelection.create(ranges, selection.mainIndex) }]
  }),
  Prec.high(
    keymap.of([
      { key: 'Backspace', run: (view) => erase(view, false) },
      { key: 'Delete', run: (view) => erase(view, true) },
    ]),
  ),
]

/** Returns a selection whose head is not in a hidden address: it goes on in the direction it came from. */
function overLinks(state: EditorState, range: SelectionRange, before: number): SelectionRange {
  const parts = shownByWords(state, range.head)
  if (!parts) return range
  const { from, to } = hiddenPart(parts)
  if (range.head <= from || range.head >= to) return range
  const head = range.head > before ? to : from
  return range.empty
    ? EditorSelection.cursor(head, head === to ? -1 : 1)
    : EditorSelection.range(range.anchor, head)
}

function shownByWords(state: EditorState, offset: number, sides?: readonly (1 | -1)[]): LinkParts | null {
  const parts = linkPartsAt(state, offset, sides)
  if (!parts) return null
  return parts.isPicture || !isBlank(state.sliceDoc(parts.textFrom, parts.textTo)) ? parts : null
}

/** Erases the last letter of a link that ends at the caret, or the first of one that begins there. */
function erase(view: EditorView, forward: boolean): ReturnType<Command> {
  const { state } = view
  const { main, ranges } = state.selection
  if (state.readOnly || !main.empty || ranges.length > 1 || state.field(sourceMode)) return false
  const parts = shownByWords(state, main.head, [forward ? 1 : -1])
  if (!parts || parts.isPicture || main.head !== (forward ? parts.from : parts.to)) return false
  const letter = letterAt(state, parts, forward)
  const other = letterAt(state, parts, !forward)
  // A link without words is not one any more.
  const isLast = !letter || letter.from === other?.from
  view.dispatch({
    changes: isLast ? { from: parts.from, to: parts.to } : letter,
    scrollIntoView: true,
    userEvent: forward ? 'delete.forward' : 'delete.backward',
  })
  return true
}

/** Returns the first letter of a link's words, or its last one, past hidden marks; null without one. */
function letterAt(
  state: EditorState,
  { textFrom, textTo }: LinkParts,
  first: boolean,
): { from: number; to: number } | null {
  const tree = syntaxTree(state)
  let at = first ? textFrom : textTo
  for (let past = at; first ? at < textTo : at > textFrom; at = past) {
    const { name, from, to } = tree.resolveInner(at, first ? 1 : -1)
    if (name.endsWith('Mark')) past = first ? to : from
    else if (name === 'Escape') return { from, to }
    else {
      const words = state.sliceDoc(textFrom, textTo)
      const edge = textFrom + findClusterBreak(words, at - textFrom, first)
      return first ? { from: at, to: edge } : { from: edge, to: at }
    }
  }
  return null
}
