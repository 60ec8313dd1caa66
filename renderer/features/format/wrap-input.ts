import { EditorSelection, type EditorState, type Extension, type Transaction } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { leafBlocks, pieceOf } from './leaf-blocks'

/** Characters that are put around selected words instead of replacing them, each with the one after the words. */
const pairs: Readonly<Record<string, string>> = {
  '*': '*',
  _: '_',
  '`': '`',
  '~': '~',
  '=': '=',
  '(': ')',
  '[': ']',
  '{': '}',
  '"': '"',
  '“': '”',
  '„': '“',
  '«': '»',
}

/** Marks of formats, which go around the words of each paragraph. */
const marks = /[*_`~=]/

/** Puts a typed mark, bracket or quotation mark around the selected words. */
export const wrapInput: Extension = EditorView.inputHandler.of((view, _from, _to, text) => {
  if (view.composing || view.compositionStarted) return false
  const transaction = wrapSelection(view.state, text)
  if (!transaction) return false
  view.dispatch(transaction)
  return true
})

/** Returns the transaction that puts a typed character around the selections; null if it is typed as it is. */
export function wrapSelection(state: EditorState, text: string): Transaction | null {
  const close = Object.hasOwn(pairs, text) ? pairs[text] : undefined
  const { ranges } = state.selection
  if (close === undefined || state.readOnly || ranges.some(({ empty }) => empty)) return null
  const spec = state.changeByRange((range) => {
    const blocks = marks.test(text) ? leafBlocks(state, range.from, range.to) : []
    const inBlocks = blocks.flatMap((block) => pieceOf(state, block, range) ?? [])
    const pieces = inBlocks.length > 1 ? inBlocks : [range]
    const changes = pieces.flatMap(({ from, to }) => [
      { from, insert: text },
      { from: to, insert: close },
    ])
    const set = state.changes(changes)
    const anchorFirst = range.anchor === range.from
    const from = set.mapPos(range.from, 1)
    const to = set.mapPos(range.to, -1)
    return { changes, range: anchorFirst ? EditorSelection.range(from, to) : EditorSelection.range(to, from) }
  })
  return state.update(spec, { userEvent: 'input.type', scrollIntoView: true })
}
