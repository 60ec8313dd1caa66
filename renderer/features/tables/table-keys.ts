import { syntaxTree } from '@codemirror/language'
import {
  type ChangeSpec,
  EditorSelection,
  type EditorState,
  type StateCommand,
  type Text,
} from '@codemirror/state'
import { cellsOf } from './rows'

/** A table's lines, by their numbers; the second one has the hyphens. */
interface TableLines {
  readonly first: number
  readonly last: number
}

/** Returns the lines of the table that holds the caret; null without one, or with several carets. */
export function tableAtCaret(state: EditorState): TableLines | null {
  if (state.selection.ranges.length > 1) return null
  const { head } = state.selection.main
  for (const side of [-1, 1] as const)
    for (let node = syntaxTree(state).resolveInner(head, side); node.parent; node = node.parent)
      if (node.name === 'Table')
        return { first: state.doc.lineAt(node.from).number, last: state.doc.lineAt(node.to).number }
  return null
}

/** Selects the words of the next cell; after the last one, makes a new row. */
export const nextCell: StateCommand = ({ state, dispatch }) => {
  const table = tableAtCaret(state)
  if (!table) return false
  const { main } = state.selection
  const next = cellsFrom(state.doc, table).find(({ from }) => from > main.to)
  if (!next) return newRow(state, table, table.last, dispatch)
  dispatch(state.update({ selection: EditorSelection.range(next.from, next.to), scrollIntoView: true }))
  return true
}

/** Selects the words of the cell before. */
export const previousCell: StateCommand = ({ state, dispatch }) => {
  const table = tableAtCaret(state)
  if (!table) return false
  const { main } = state.selection
  const cells = cellsFrom(state.doc, table)
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
  const line = state.doc.lineAt(state.selection.main.head)
  const isEmpty = cellsOf(line.text).every(({ from, to }) => from === to)
  if (line.number === table.last && line.number > table.first + 1 && isEmpty)
    return leave(state, line.number, dispatch)
  return newRow(state, table, Math.max(line.number, table.first + 1), dispatch)
}

type Dispatch = Parameters<StateCommand>[0]['dispatch']

/** All cells in which words can stand, in their order: those of the header, then those below the hyphens. */
function cellsFrom(doc: Text, { first, last }: TableLines): { from: number; to: number }[] {
  const cells: { from: number; to: number }[] = []
  for (let number = first; number <= last; number++) {
    if (number === first + 1) continue
    const line = doc.line(number)
    for (const { from, to } of cellsOf(line.text)) cells.push({ from: line.from + from, to: line.from + to })
  }
  return cells
}

function newRow(state: EditorState, table: TableLines, below: number, dispatch: Dispatch): boolean {
  if (state.readOnly) return false
  const header = state.doc.line(table.first)
  // The line of hyphens begins as each row does, also where the header follows the mark of a list.
  const margin = /^[\s>]*/.exec(state.doc.line(table.first + 1).text)?.[0] ?? ''
  const at = state.doc.line(below).to
  const row = `\n${margin}|${'  |'.repeat(cellsOf(header.text).length)}`
  dispatch(
    state.update({
      changes: { from: at, insert: row },
      selection: { anchor: at + margin.length + 3 },
      scrollIntoView: true,
      userEvent: 'input',
    }),
  )
  return true
}

/** An empty line has to stand between a table and the next words, or they would be a row of it. */
function leave(state: EditorState, number: number, dispatch: Dispatch): boolean {
  const row = state.doc.line(number)
  const next = number < state.doc.lines ? state.doc.line(number + 1) : null
  const hasRoom = next !== null && next.text.trim() === ''
  const changes: ChangeSpec = { from: row.from, to: row.to, insert: hasRoom ? '' : '\n' }
  dispatch(
    state.update({
      changes,
      selection: { anchor: row.from + 1 },
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
