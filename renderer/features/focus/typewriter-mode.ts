import { EditorState, type Extension, Transaction } from '@codemirror/state'
import { EditorView } from '@codemirror/view'

/**
 * Keeps the line of the caret at the middle of the window while its owner types or moves it by keys. Edits of others
 * and the pointer leave the text where it is.
 */
export const typewriterMode: Extension = [
  EditorView.editorAttributes.of({ class: 'typewriter' }),
  EditorState.transactionExtender.of((transaction) =>
    movesCaret(transaction)
      ? { effects: EditorView.scrollIntoView(transaction.newSelection.main.head, { y: 'center' }) }
      : null,
  ),
]

/** True if its owner moved the caret by keys, or changed the text. */
export function movesCaret(transaction: Transaction): boolean {
  if (transaction.annotation(Transaction.remote)) return false
  const event = transaction.annotation(Transaction.userEvent)
  if (event === undefined || transaction.isUserEvent('select.pointer')) return false
  return transaction.docChanged || transaction.selection !== undefined
}
