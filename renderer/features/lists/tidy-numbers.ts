import type { EditorState, StateCommand } from '@codemirror/state'
import type { SyntaxNode, Tree } from '@lezer/common'
import { notify } from '../../editor/notices'
import { treeTo } from '../format/leaf-blocks'
import { numberOf } from './containers'
import { type LineEdit, type LineShift, merged, replaceMark, shiftItem } from './items'

/**
 * Numbers the items of lists one after another: of those that the selections touch, else of all in the text. Of a
 * text that is not read to its end yet it leaves the last part alone, and says so to the person.
 */
export const tidyNumbers: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const tree = treeTo(state, state.doc.length)
  const { all, touched } = numberedLists(state, tree)
  const selected = state.selection.ranges[state.selection.ranges.length - 1]?.to ?? 0
  const isRead = tree.length >= state.doc.length
  // The last block goes on where the reading ended, and a list may be selected further down.
  const end = isRead ? state.doc.length + 1 : (tree.topNode.lastChild?.from ?? 0)
  const lists = touched.length > 0 || selected >= end ? touched : all
  const whole = lists.filter(({ from }) => from < end)
  if (!isRead && (whole.length < lists.length || touched.length === 0 || selected >= end))
    notify(state, 'The end of this text is still being read. Try again for the lists there.')
  const changes = merged(whole.flatMap((list) => renumber(state, list)))
  if (changes.length > 0) dispatch(state.update({ changes, userEvent: 'input.tidy' }))
  return true
}

/** Returns the numbered lists of a tree, and those of them that the selections touch with the lists inside them. */
function numberedLists(state: EditorState, tree: Tree): { all: SyntaxNode[]; touched: SyntaxNode[] } {
  const all: SyntaxNode[] = []
  const touched: SyntaxNode[] = []
  const { ranges } = state.selection
  let next = 0
  let touchedTo = -1
  tree.iterate({
    enter: ({ name, node, from, to }) => {
      if (name === 'OrderedList') {
        all.push(node)
        // Selections and lists come in the order of the text, outer lists before inner ones.
        while ((ranges[next]?.to ?? from) < from) next++
        if ((ranges[next]?.from ?? to + 1) <= to) touchedTo = Math.max(touchedTo, to)
        if (from < touchedTo) touched.push(node)
      }
      return name !== 'Paragraph'
    },
  })
  return { all, touched }
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
