import { syntaxTree } from '@codemirror/language'
import type { ChangeSpec, EditorState } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { isTicked } from '../../../preload/text/markdown/grammar/tasks'

/** A task's box in the text, with its brackets; offsets in UTF-16 code units. */
export interface TaskBox {
  readonly from: number
  readonly to: number
  readonly done: boolean
}

/** Returns the box of the task in the line of an offset; null if that line begins no task. */
export function taskAt(state: EditorState, offset: number): TaskBox | null {
  const line = state.doc.lineAt(offset)
  let box: TaskBox | null = null
  syntaxTree(state).iterate({
    from: line.from,
    to: line.to,
    enter: (node) => {
      if (node.name !== 'TaskMarker' || node.from < line.from) return
      box ??= { from: node.from, to: node.to, done: isTicked(state.sliceDoc(node.from, node.to)) }
    },
  })
  return box
}

/** Returns the change that ticks a box, or takes the tick away. It replaces all between the brackets. */
export const taskChange = ({ from, to, done }: TaskBox): ChangeSpec => ({
  from: from + 1,
  to: to - 1,
  insert: done ? ' ' : 'x',
})

/**
 * Ticks the task in the line of an offset, or takes its tick away. Selection and focus stay as they are. Returns
 * false if there is no task, or the text can only be read.
 */
export function toggleTask(view: EditorView, offset: number): boolean {
  const box = view.state.readOnly ? null : taskAt(view.state, offset)
  if (!box) return false
  view.dispatch({ changes: taskChange(box), userEvent: 'input.task' })
  return true
}
