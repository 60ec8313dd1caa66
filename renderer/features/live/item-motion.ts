import { syntaxTree } from '@codemirror/language'
import { EditorSelection, EditorState, type SelectionRange } from '@codemirror/state'
import { IterMode } from '@lezer/common'
import { BlockReader } from './blocks'
import { Lines } from './lines'
import { sourceMode } from './source-mode'

/**
 * Puts a caret that comes to a list's item from elsewhere before its words, not before the mark that is drawn beside
 * them: words typed there would end the list.
 */
export const itemMotion = EditorState.transactionFilter.of((transaction) => {
  const { startState, selection } = transaction
  if (!selection || transaction.docChanged || !transaction.isUserEvent('select')) return transaction
  if (startState.field(sourceMode)) return transaction
  const before = startState.selection
  const ranges = selection.ranges.map((range, index) =>
    toWords(startState, range, (before.ranges[index] ?? before.main).head),
  )
  if (ranges.every((range, index) => range === selection.ranges[index])) return transaction
  return [transaction, { selection: EditorSelection.create(ranges, selection.mainIndex) }]
})

function toWords(state: EditorState, range: SelectionRange, before: number): SelectionRange {
  const { head, goalColumn } = range
  if (!range.empty) return range
  const words = itemWords(state, head)
  // From where the words begin, the caret goes on into the mark.
  if (words === null || head >= words || (before >= state.doc.lineAt(head).from && before <= words))
    return range
  return EditorSelection.cursor(words, 1, undefined, goalColumn)
}

/** Returns the offset at which the words of the item begin whose first line an offset is in; null elsewhere. */
function itemWords(state: EditorState, offset: number): number | null {
  const { from, to } = state.doc.lineAt(offset)
  const lines = new Lines(state.doc, from, to)
  const blocks = new BlockReader(state.doc, lines, from)
  syntaxTree(state).iterate({ from, to, enter: (node) => blocks.enter(node), mode: IterMode.IgnoreMounts })
  const layout = lines.at(offset)
  return layout?.item ? layout.contentFrom : null
}
