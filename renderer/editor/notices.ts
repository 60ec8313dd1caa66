import { type EditorState, Facet } from '@codemirror/state'

/** Shows short messages in the window; without one they are dropped. */
export const notices = Facet.define<(message: string) => void, (message: string) => void>({
  combine: ([show]) => show ?? (() => {}),
})

/** Tells the person at the editor something that is good to know, such as why a command did nothing. */
export const notify = (state: EditorState, message: string): void => state.facet(notices)(message)
