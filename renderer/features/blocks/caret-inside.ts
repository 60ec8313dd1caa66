import type { EditorState } from '@codemirror/state'
import { sourceMode } from '../live/source-mode'

/**
 * True if an end of a selection lies in a range, its ends included, or the document shows its source. A selection
 * over all of it does not count, and in a text that cannot be edited there is no caret.
 */
export const caretInside = (state: EditorState, from: number, to: number): boolean =>
  state.field(sourceMode, false) === true ||
  (!state.readOnly &&
    state.selection.ranges.some(
      ({ anchor, head }) => (anchor >= from && anchor <= to) || (head >= from && head <= to),
    ))
