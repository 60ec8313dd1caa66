import {
  EditorSelection,
  type EditorState,
  type Line,
  type SelectionRange,
  type StateCommand,
} from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { notify } from '../../editor/notices'
import { columns, containersOfLine } from './containers'

/** A change to a text: its characters from `from` to `to` are replaced. */
export interface LineEdit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** Most lines that are changed line by line at once, so that a key on a whole book does not take long. */
const mostLines = 2_000

/** The first and the last of some lines. */
export interface Ends {
  readonly first: Line
  readonly last: Line
}

/**
 * Returns the lines that the selections touch; one that a selection only ends before is not touched. If they are too
 * many to change at once, says so to the person and returns null: a part of them is not what was asked for.
 */
export function touchedLines(state: EditorState): Line[] | null {
  const ends = state.selection.ranges.map((range) => endsOf(state, range))
  const count = ends.reduce((sum, { first, last }) => sum + last.number - first.number + 1, 0)
  if (count > mostLines) {
    notify(state, `Select at most ${mostLines.toLocaleString('en')} lines for this.`)
    return null
  }
  const lines = new Map<number, Line>()
  for (const { first, last } of ends)
    for (let number = first.number; number <= last.number; number++) lines.set(number, state.doc.line(number))
  return [...lines.values()].sort((a, b) => a.number - b.number)
}

/** Returns the first and the last line that the selections touch. */
export function touchedEnds(state: EditorState): Ends {
  const { ranges } = state.selection
  const { first } = endsOf(state, ranges[0] ?? state.selection.main)
  const { last } = endsOf(state, ranges[ranges.length - 1] ?? state.selection.main)
  return { first, last }
}

function endsOf(state: EditorState, { from, to }: SelectionRange): Ends {
  const last = state.doc.lineAt(to)
  return {
    first: state.doc.lineAt(from),
    last: last.from === to && last.from > from ? state.doc.line(last.number - 1) : last,
  }
}

/** Returns the innermost item of each line that has one, once, in the order of the text. */
export function itemsOf(state: EditorState, lines: readonly Line[]): SyntaxNode[] {
  const items = new Map<number, SyntaxNode>()
  for (const line of lines) {
    const item = itemOfLine(state, line)
    if (item) items.set(item.from, item)
  }
  return [...items.values()]
}

/** Returns the innermost item of a line, null without one. */
export function itemOfLine(state: EditorState, line: Line): SyntaxNode | null {
  const containers = containersOfLine(state, line).filter(({ kind }) => kind === 'item')
  return containers[containers.length - 1]?.node ?? null
}

/** Returns the item around an item, null if its list is in none. */
export function itemAround(item: SyntaxNode): SyntaxNode | null {
  const around = item.parent?.parent
  return around?.name === 'ListItem' ? around : null
}

/** Leaves out the items that lie inside others of them. */
export function outermost(items: readonly SyntaxNode[]): SyntaxNode[] {
  const starts = new Set(items.map(({ from }) => from))
  return items.filter((item) => {
    for (let around = item.parent; around; around = around.parent)
      if (around.name === 'ListItem' && starts.has(around.from)) return false
    return true
  })
}

/** The move of a line by columns, counted after the marks of as many quotes around it. */
export interface LineShift {
  readonly line: Line
  readonly quotes: number
  readonly delta: number
}

/**
 * Returns the moves of the lines of an item by columns, with its children; from its second line on by `further`
 * columns more, for a mark whose width changes. Marks of quotes around the item stay where they are.
 */
export function shiftItem(state: EditorState, item: SyntaxNode, delta: number, further = 0): LineShift[] {
  const first = state.doc.lineAt(item.from).number
  const last = state.doc.lineAt(item.to).number
  const quotes = quotesAround(item)
  const shifts: LineShift[] = []
  for (let number = first; number <= last; number++)
    shifts.push({ line: state.doc.line(number), quotes, delta: number === first ? delta : delta + further })
  return shifts
}

function quotesAround(item: SyntaxNode): number {
  let quotes = 0
  for (let node = item.parent; node; node = node.parent) if (node.name === 'Blockquote') quotes++
  return quotes
}

function shiftLine({ line, quotes, delta }: LineShift): LineEdit | null {
  let start = 0
  for (let passed = 0; passed < quotes; passed++) {
    const found = /^[ \t]*>[ \t]?/.exec(line.text.slice(start))
    if (!found) return null
    start += found[0].length
  }
  const indent = /^[ \t]*/.exec(line.text.slice(start))?.[0] ?? ''
  if (delta === 0 || start + indent.length === line.text.length) return null
  const from = line.from + start
  if (indent.includes('\t'))
    return {
      from,
      to: from + indent.length,
      insert: ' '.repeat(Math.max(0, columns(indent, start) + delta)),
    }
  return delta > 0
    ? { from, to: from, insert: ' '.repeat(delta) }
    : { from, to: from + Math.min(-delta, indent.length), insert: '' }
}

/** Returns the edit that puts another mark in place of an item's mark; none if it is the same. */
export function replaceMark(state: EditorState, item: SyntaxNode, mark: string): LineEdit[] {
  const sign = item.firstChild
  if (sign?.name !== 'ListMark' || state.sliceDoc(sign.from, sign.to) === mark) return []
  return [{ from: sign.from, to: sign.to, insert: mark }]
}

/** Returns edits in order. The moves of a line, which may be in several items, become one that only changes blanks. */
export function merged(changes: readonly (LineEdit | LineShift)[]): LineEdit[] {
  const edits: LineEdit[] = []
  const shifts = new Map<string, LineShift>()
  for (const change of changes)
    if ('delta' in change) {
      const place = `${change.line.from} ${change.quotes}`
      shifts.set(place, { ...change, delta: change.delta + (shifts.get(place)?.delta ?? 0) })
    } else edits.push(change)
  return [...[...shifts.values()].flatMap((shift) => shiftLine(shift) ?? []), ...edits].sort(
    (a, b) => a.from - b.from || a.to - b.to,
  )
}

/** Makes edits of lines. Carets stay with their words: after marks put before them, before lines put after them. */
export function changeLines(
  state: EditorState,
  dispatch: Parameters<StateCommand>[0]['dispatch'],
  edits: readonly LineEdit[],
  userEvent: string,
): true {
  const changes = state.changes(edits)
  const moved = (offset: number): number => {
    const line = state.doc.lineAt(offset)
    return changes.mapPos(offset, offset === line.to && /[^\s>]/.test(line.text) ? -1 : 1)
  }
  const selection = EditorSelection.create(
    state.selection.ranges.map(({ anchor, head }) => EditorSelection.range(moved(anchor), moved(head))),
    state.selection.mainIndex,
  )
  if (!changes.empty) dispatch(state.update({ changes, selection, userEvent, scrollIntoView: true }))
  return true
}
