import { ensureSyntaxTree } from '@codemirror/language'
import { EditorSelection, EditorState, type Extension, type StateCommand } from '@codemirror/state'
import { markdownWriting } from '../../../../renderer/features/markdown/markdown'

/**
 * Makes the state of an editor from a text in which '|' is a caret, and '‹' and '›' are the ends of a selection.
 * Several make several selections, of which the first is the main one.
 */
export function stateOf(marked: string, extensions: Extension = []): EditorState {
  const ranges = []
  let doc = ''
  let from = 0
  for (const character of marked) {
    if (character === '|') ranges.push(EditorSelection.cursor(doc.length))
    else if (character === '‹') from = doc.length
    else if (character === '›') ranges.push(EditorSelection.range(from, doc.length))
    else doc += character
  }
  const state = EditorState.create({
    doc,
    selection: EditorSelection.create(ranges),
    extensions: [
      markdownWriting.extension ?? [],
      EditorState.allowMultipleSelections.of(true),
      EditorState.lineSeparator.of('\n'),
      extensions,
    ],
  })
  ensureSyntaxTree(state, doc.length, 10_000)
  return state
}

/** Returns a state's text with its carets and selections marked as `stateOf` reads them. */
export function markedText(state: EditorState): string {
  let text = state.doc.toString()
  for (const { from, to, empty } of [...state.selection.ranges].reverse())
    text = empty
      ? `${text.slice(0, from)}|${text.slice(from)}`
      : `${text.slice(0, from)}‹${text.slice(from, to)}›${text.slice(to)}`
  return text
}

/** Runs commands one after another on a marked text; returns the marked result. */
export function result(marked: string, ...commands: readonly StateCommand[]): string {
  let state = stateOf(marked)
  for (const command of commands) {
    command({
      state,
      dispatch: (transaction) => {
        state = transaction.state
      },
    })
    ensureSyntaxTree(state, state.doc.length, 10_000)
  }
  return markedText(state)
}
