import type { EditorView } from '@codemirror/view'

/** Puts the caret and the keyboard at an offset, as a press on the text does. */
export function putCaret(view: EditorView, anchor: number): void {
  view.dispatch({ selection: { anchor }, userEvent: 'select.pointer' })
  view.focus()
}
