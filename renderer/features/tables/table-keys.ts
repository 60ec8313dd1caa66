import { syntaxTree } from '@codemirror/language'
import { EditorSelection, type EditorState, type StateCommand } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { barsOf, cellsOf } from './rows'

/** Offsets of a line of a table, without the marks of lists and quotes before it. */
interface Row {
  readonly from: number
  readonly to: number
}

/** The table that holds the caret: its header, its line of hyphens, and the rows below. */
type Rows = readonly [header: Row, hyphens: Row, ...rows: Row[]]

function tableAtCaret(state: EditorState): Rows | null {
  if (state.selection.ranges.length > 1) return null
  const { head } = state.selection.main
  for (const side of [-1, 1] as const)
    for (let node = syntaxTree(state).resolveInner(head, side); node.parent; node = node.parent)
      if (node.name === 'Table') return rowsOf(node)
  return null
}

function rowsOf(table: SyntaxNode): Rows | null {
  const rows: Row[] = []
  for (let child = table.firstChild; child; child = child.nextSibling)
    if (/^Table/.test(child.name)) rows.push({ from: child.from, to: child.to })
  const [header, hyphens, ...rest] = rows
  return header && hyphens ? [header, hyphens, ...rest] : null
}

/** Selects the words of the next cell; after the last one, makes a new row. */
export const nextCell: StateCommand = ({ state, dispatch }) => {
  const table = tableAtCaret(state)
  if (!table) return false
  const { main } = state.selection
  const next = cellsIn(state, table).find(({ from }) => from > main.to)
  if (!next) return newRow(state, table, table.at(-1), dispatch)
  dispatch(state.update({ selection: EditorSelection.range(next.from, next.to), scrollIntoView: true }))
  return true
}

/** Selects the words of the cell before. */
export const previousCell: StateCommand = ({ state, dispatch }) => {
  const table = tableAtCaret(state)
  if (!table) return false
  const { main } = state.selection
  const cells = cellsIn(state, table)
  const here = cells.findLastIndex(({ from }) => from <= main.from)
  const before = cells[here - 1]
  if (before)
    dispatch(state.update({ selection: EditorSelection.range(before.from, before.to), scrollIntoView: true }))
  return true
}

/** Makes a new row below that of the caret; in an empty last row, leaves the table and takes the row with it. */
export const rowBelow: StateCommand = ({ state, dispatch }) => {
  const table = tableAtCaret(state)
  if (!table || state.readOnly) return false
  const { head } = state.selection.main
  const [header, hyphens] = table
  const row = table.find(({ to }) => to >= head) ?? hyphens
  const isEmpty = cellsOf(state.sliceDoc(row.from, row.to)).every(({ from, to }) => from === to)
  if (isEmpty && row === table.at(-1) && row !== hyphens) return leave(state, row, dispatch)
  return newRow(state, table, row === header ? hyphens : row, dispatch)
}

/**
 * Handles a bar typed in a row whose bars are there already, as by somebody who types `| a | b |` in full: at the end of
 * a cell it goes to the next cell, and at the beginning of a row without words it changes nothing.
 */
export const typedBar: StateCommand = ({ state, dispatch }) => {
  const table = tableAtCaret(state)
  const { head, empty } = state.selection.main
  if (!table || state.readOnly || !empty) return false
  const [header, hyphens] = table
  const row = table.find(({ from, to }) => from <= head && to >= head)
  if (!row || row === header || row === hyphens) return false
  const text = state.sliceDoc(row.from, row.to)
  const at = head - row.from
  const cells = cellsOf(text)
  const bar = barsOf(text).find((bar) => bar >= at)
  const isComplete = cells.length >= cellsOf(state.sliceDoc(header.from, header.to)).length
  if (!isComplete || bar === undefined || text.slice(at, bar).trim() !== '' || text[at - 1] === '\\')
    return false
  const isFirst = barsOf(text)[0] === text.slice(0, at).trimEnd().length - 1
  if (isFirst && cells.every(({ from, to }) => from === to)) return true
  const next = cells.find(({ from }) => from > bar)
  dispatch(
    state.update({
      selection: { anchor: row.from + (next?.from ?? bar + 1) },
      scrollIntoView: true,
      userEvent: 'select',
    }),
  )
  return true
}

type Dispatch = Parameters<StateCommand>[0]['dispatch']

/** All cells in which words can stand, in their order: those of the header, then those below the hyphens. */
function cellsIn(state: EditorState, [header, _hyphens, ...rows]: Rows): Row[] {
  return [header, ...rows].flatMap((row) =>
    cellsOf(state.sliceDoc(row.from, row.to)).map(({ from, to }) => ({
      from: row.from + from,
      to: row.from + to,
    })),
  )
}

function newRow(
  state: EditorState,
  [header, hyphens]: Rows,
  below: Row | undefined,
  dispatch: Dispatch,
): boolean {
  if (state.readOnly || !below) return false
  // The line of hyphens begins as each row does, also where the header follows the mark of a list.
  const margin = state.sliceDoc(state.doc.lineAt(hyphens.from).from, hyphens.from)
  const columns = cellsOf(state.sliceDoc(header.from, header.to)).length
  dispatch(
    state.update({
      changes: { from: below.to, insert: `\n${margin}|${'  |'.repeat(columns)}` },
      selection: { anchor: below.to + margin.length + 3 },
      scrollIntoView: true,
      userEvent: 'input',
    }),
  )
  return true
}

/** An empty line has to stand between a table and the next words, or they would be a row of it. */
function leave(state: EditorState, row: Row, dispatch: Dispatch): boolean {
  const line = state.doc.lineAt(row.from)
  const hasRoom = line.number < state.doc.lines && state.doc.line(line.number + 1).text.trim() === ''
  dispatch(
    state.update({
      changes: { from: line.from, to: line.to, insert: hasRoom ? '' : '\n' },
      selection: { anchor: line.from + 1 },
      scrollIntoView: true,
      userEvent: 'input',
    }),
  )
  return true
}

const newTable = '|  |  |\n| --- | --- |\n|  |  |'

/** Inserts a table of two columns below the paragraph of the caret, with the caret in its first cell. */
export const insertTable: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly || tableAtCaret(state)) return false
  const line = lastOfParagraph(state)
  const isEmpty = line.text.trim() === ''
  const before = isEmpty ? '' : '\n\n'
  const follows = line.number < state.doc.lines && state.doc.line(line.number + 1).text.trim() !== ''
  const from = isEmpty ? line.from : line.to
  dispatch(
    state.update({
      changes: { from, to: line.to, insert: `${before}${newTable}${follows ? '\n' : ''}` },
      selection: { anchor: from + before.length + 2 },
      scrollIntoView: true,
      userEvent: 'input',
    }),
  )
  return true
}

function lastOfParagraph({ doc, selection }: EditorState) {
  let line = doc.lineAt(selection.main.to)
  if (line.text.trim() === '') return line
  while (line.number < doc.lines && doc.line(line.number + 1).text.trim() !== '')
    line = doc.line(line.number + 1)
  return line
}
