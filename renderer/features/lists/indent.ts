import type { EditorState, StateCommand } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { isLiteral } from '../format/leaf-blocks'
import { columns, itemBeside, markAfter, numberOf, partOfItem } from './containers'
import {
  itemAround,
  itemsOf,
  type LineEdit,
  type LineShift,
  merged,
  outermost,
  replaceMark,
  shiftItem,
  touchedLines,
} from './items'

/**
 * Makes the touched items children of the item before them, with their own children. Elsewhere it inserts a tab
 * between words; where blanks would turn the line into code it does nothing, and keeps the keyboard in the text.
 */
export const indentItems: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const lines = touchedLines(state)
  if (!lines) return true
  const items = outermost(itemsOf(state, lines))
  if (items.length === 0) return insertTab(state, dispatch)
  const touched = new Set(items.map(({ from }) => from))
  let mark = ''
  let delta = 0
  let last: SyntaxNode | null = null
  const edits = items.flatMap((item) => {
    const own = partOfItem(state, item)
    const parent = itemBeside(item, 'before')
    if (!parent) return []
    if (parent.from === last?.from) mark = markAfter(mark)
    else {
      // The one before it stays where it is for want of a parent, and so does this one.
      if (touched.has(parent.from)) return []
      const place = placeIn(state, parent, own.mark)
      delta = place.column - markColumn(state, item)
      mark = place.mark
    }
    last = item
    return moved(state, item, own.mark, mark, delta)
  })
  return apply(state, dispatch, edits)
}

/** Moves the touched items one level out, with their children. Elsewhere it deletes the tab before the caret. */
export const outdentItems: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const lines = touchedLines(state)
  if (!lines) return true
  const items = outermost(itemsOf(state, lines))
  if (items.length === 0) return deleteTab(state, dispatch)
  let last: { readonly around: number; readonly mark: string } | null = null
  const edits = items.flatMap((item) => {
    const around = itemAround(item)
    if (!around || state.doc.lineAt(around.from).number === state.doc.lineAt(item.from).number) return []
    const own = partOfItem(state, item)
    const outer = partOfItem(state, around)
    const bothNumbered = numberOf(own.mark) && numberOf(outer.mark)
    const mark = bothNumbered ? markAfter(last?.around === around.from ? last.mark : outer.mark) : own.mark
    last = { around: around.from, mark }
    return moved(state, item, own.mark, mark, markColumn(state, around) - markColumn(state, item))
  })
  return apply(state, dispatch, edits)
}

type Dispatch = Parameters<StateCommand>[0]['dispatch']

function apply(state: EditorState, dispatch: Dispatch, edits: readonly (LineEdit | LineShift)[]): boolean {
  const changes = merged(edits)
  if (changes.length > 0) dispatch(state.update({ changes, userEvent: 'input.indent', scrollIntoView: true }))
  return true
}

function moved(
  state: EditorState,
  item: SyntaxNode,
  had: string,
  mark: string,
  delta: number,
): readonly (LineEdit | LineShift)[] {
  return [...shiftItem(state, item, delta, mark.length - had.length), ...replaceMark(state, item, mark)]
}

/** Returns the column of an item's mark in its line. */
function markColumn(state: EditorState, item: SyntaxNode): number {
  // An item itself begins before the blanks that it is indented by.
  const { from } = item.firstChild ?? item
  return columns(state.sliceDoc(state.doc.lineAt(from).from, from))
}

/** Returns the column where a new child of an item stands, and its mark: after the last child, if there is one. */
function placeIn(state: EditorState, parent: SyntaxNode, mark: string): { column: number; mark: string } {
  const own = numberOf(mark)
  const first = own ? `1${own.delimiter}` : mark
  const last = lastChild(parent)
  if (!last) {
    const { from, width } = partOfItem(state, parent)
    return { column: columns(state.doc.lineAt(parent.from).text.slice(0, from)) + width, mark: first }
  }
  const { mark: lastMark } = partOfItem(state, last)
  const isSame = own && numberOf(lastMark)?.delimiter === own.delimiter
  return { column: markColumn(state, last), mark: isSame ? markAfter(lastMark) : first }
}

/** Returns the last child of an item if a list ends the item. */
function lastChild({ lastChild: list }: SyntaxNode): SyntaxNode | null {
  if (!list || !/^(Bullet|Ordered)List$/.test(list.name)) return null
  return list.getChildren('ListItem').pop() ?? null
}

function insertTab(state: EditorState, dispatch: Dispatch): boolean {
  const between = state.selection.ranges.every(({ empty, head }) => {
    const line = state.doc.lineAt(head)
    return empty && (isLiteral(state, head) || /\S/.test(line.text.slice(0, head - line.from)))
  })
  if (between)
    dispatch(state.update(state.replaceSelection('\t'), { userEvent: 'input', scrollIntoView: true }))
  return true
}

function deleteTab(state: EditorState, dispatch: Dispatch): boolean {
  const after = state.selection.ranges.every(
    ({ empty, head }) => empty && head > 0 && state.sliceDoc(head - 1, head) === '\t',
  )
  if (!after) return true
  const changes = state.selection.ranges.map(({ head }) => ({ from: head - 1, to: head }))
  dispatch(state.update({ changes, userEvent: 'delete.backward', scrollIntoView: true }))
  return true
}
