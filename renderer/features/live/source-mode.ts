import { StateEffect, StateField } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'

const setSourceMode = StateEffect.define<boolean>()

/** True while a document shows its Markdown as it is written, with every mark. */
export const sourceMode = StateField.define<boolean>({
  create: () => false,
  update: (on, { effects }) => effects.findLast((effect) => effect.is(setSourceMode))?.value ?? on,
})

/** Shows every mark of the document, or hides them again. */
export function showSource(view: EditorView, on: boolean): void {
  if (view.state.field(sourceMode) !== on) view.dispatch({ effects: setSourceMode.of(on) })
}
