import type { EditorView } from '@codemirror/view'

/** Puts the caret and the keyboard at an offset. */
export function putCaret(view: EditorView, anchor: number): void {
  view.dispatch({ selection: { anchor }, userEvent: 'select' })
  view.focus()
}
