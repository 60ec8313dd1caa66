import { EditorState, type Extension, type TransactionSpec } from '@codemirror/state'
import { cleanText } from '../../preload/text'

const needsCleaning = (text: string): boolean =>
  text.includes('\r') || text.includes('\0') || !text.isWellFormed()

/** Cleans everything that is typed, pasted or dropped, however it arrives. Undo and redo are left alone. */
export const cleanInput: Extension = [
  EditorState.lineSeparator.of('\n'),
  EditorState.transactionFilter.of((transaction): TransactionSpec | readonly TransactionSpec[] => {
    if (!transaction.docChanged || transaction.isUserEvent('undo') || transaction.isUserEvent('redo'))
      return transaction
    const repairs: { from: number; to: number; insert: string }[] = []
    transaction.changes.iterChanges((_from, _to, from, to, inserted) => {
      const text = inserted.toString()
      if (needsCleaning(text)) repairs.push({ from, to, insert: cleanText(text) })
    })
    // A second step on top of the first, so that the selection is mapped by CodeMirror itself.
    return repairs.length === 0 ? transaction : [transaction, { changes: repairs, sequential: true }]
  }),
]
