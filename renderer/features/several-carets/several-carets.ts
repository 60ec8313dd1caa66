import { EditorSelection, EditorState, type SelectionRange } from '@codemirror/state'
import {
  crosshairCursor,
  type EditorView,
  type LayerMarker,
  layer,
  RectangleMarker,
  rectangularSelection,
  type ViewUpdate,
} from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import { clip, columnOf } from '../people/caret-layers'

/** Most carets and selections at once: CodeMirror's time for a key grows with the square of their number. */
export const mostCarets = 1_000

/** Keeps those nearest to the main one, in the order of the text. */
const fewEnough = EditorState.transactionFilter.of((transaction) => {
  const { selection } = transaction
  if (!selection || selection.ranges.length <= mostCarets) return transaction
  const { ranges, mainIndex } = selection
  const first = Math.min(Math.max(0, mainIndex - mostCarets / 2), ranges.length - mostCarets)
  const kept = EditorSelection.create(ranges.slice(first, first + mostCarets), mainIndex - first)
  return [transaction, { selection: kept, sequential: true }]
})

/**
 * Several carets and selections at once. The main one stays the browser's own, so that input methods, screen
 * readers and the system's colours work as everywhere; the others are drawn over the text.
 */
export const severalCarets: EditorFeature = {
  extension: [
    EditorState.allowMultipleSelections.of(true),
    fewEnough,
    rectangularSelection(),
    crosshairCursor(),
    layer({ above: true, class: 'own-carets', update: redraws, markers }),
  ],
}

function redraws(update: ViewUpdate): boolean {
  return update.docChanged || update.viewportChanged || update.selectionSet
}

function markers(view: EditorView): readonly LayerMarker[] {
  const { ranges, main } = view.state.selection
  if (ranges.length === 1) return []
  const { from, to } = view.viewport
  const inSight = ranges.filter((range) => range !== main && range.to >= from && range.from <= to)
  if (inSight.length === 0) return []
  const column = columnOf(view)
  return inSight.flatMap((range) => [...selectionOf(view, range, column), ...caretOf(view, range)])
}

function selectionOf(
  view: EditorView,
  range: SelectionRange,
  column: { left: number; right: number },
): RectangleMarker[] {
  if (range.empty) return []
  return RectangleMarker.forRange(view, 'own-selection', range).map((marker) =>
    clip(marker, 'own-selection', column),
  )
}

const caretOf = (view: EditorView, { head, assoc }: SelectionRange): readonly RectangleMarker[] =>
  RectangleMarker.forRange(view, 'own-caret', EditorSelection.cursor(head, assoc || 1))
