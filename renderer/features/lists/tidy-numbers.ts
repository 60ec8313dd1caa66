import type { EditorState, StateCommand } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { treeTo } from '../format/leaf-blocks'
import { numberOf } from './containers'
import { type LineEdit, type LineShift, merged, replaceMark, shiftItem } from './items'

/** Numbers the items of lists one after another: of those that the selections touch, else of all in the text. */
export const tidyNumbers: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const all = numberedLists(state)
  const touched = all.filter((list) =>
    state.selection.ranges.some(({ from, to }) => from <= list.to && to >= list.from),
  )
  const meant =
    touched.length === 0
      ? all
      : all.filter((list) => touched.some(({ from, to }) => list.from >= from && list.to <= to))
  const changes = merged(meant.flatMap((list) => renumber(state, list)))
  if (changes.length > 0) dispatch(state.update({ changes, userEvent: 'input.tidy' }))
  return true
}

function numberedLists(state: EditorState): SyntaxNode[] {
  const lists: SyntaxNode[] = []
  treeTo(state, state.doc.length).iterate({
    enter: ({ name, node }) => {
      if (name === 'OrderedList') lists.push(node)
      return name !== 'Paragraph'
    },
  })
  return lists
}

function renumber(state: EditorState, list: SyntaxNode): (LineEdit | LineShift)[] {
  const edits: (LineEdit | LineShift)[] = []
  let next: number | null = null
  for (let item = list.firstChild; item; item = item.nextSibling) {
    const sign = item.name === 'ListItem' ? item.firstChild : null
    const mark = sign && state.sliceDoc(sign.from, sign.to)
    const own = mark ? numberOf(mark) : null
    if (!mark || !own) continue
    const tidy: string = `${next ?? own.number}${own.delimiter}`
    next = (next ?? own.number) + 1
    if (next > 1_000_000_000) break
    edits.push(...replaceMark(state, item, tidy))
    // Lines indented below a mark stay below its words.
    if (tidy.length !== mark.length) edits.push(...shiftItem(state, item, 0, tidy.length - mark.length))
  }
  return edits
}
