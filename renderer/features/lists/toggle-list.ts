import type { EditorState, Line, StateCommand } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { isLiteral, leafBlocks, treeTo } from '../format/leaf-blocks'
import {
  boxLength,
  type Container,
  columns,
  containersOfLine,
  continuation,
  itemBeside,
  numberOf,
} from './containers'
import {
  changeLines,
  itemAround,
  itemOfLine,
  type LineEdit,
  type LineShift,
  merged,
  shiftItem,
  touchedLines,
} from './items'

/** The kinds of lists. */
export type ListKind = 'bullet' | 'number' | 'task'

/** A line that is or becomes an item; `item` is null before it becomes one. */
interface Unit {
  readonly line: Line
  readonly item: SyntaxNode | null
  /** Containers around the item, and the item's own part of the line. */
  readonly around: readonly Container[]
  readonly own: Container | null
}

/** Returns the command that makes the touched lines items of a list, or plain lines if all of them are already. */
export function toggleList(kind: ListKind): StateCommand {
  return ({ state, dispatch }) => {
    if (state.readOnly) return false
    const lines = touchedLines(state)
    if (!lines) return false
    const units = unitsOf(state, lines)
    if (units.length === 0) return false
    const isOff = units.every((unit) => kindOf(unit) === kind)
    const edits = isOff ? withoutMarks(state, units) : withMarks(state, units, kind, lines)
    return changeLines(state, dispatch, merged(edits), 'input.list')
  }
}

function unitsOf(state: EditorState, lines: readonly Line[]): Unit[] {
  const filled = lines.filter((line) => /[^\s>]/.test(line.text))
  const units = new Map<number, Unit>()
  for (const line of filled.length > 0 ? filled : lines) {
    if (isLiteral(state, line.to) || isTable(state, line)) continue
    const unit = unitOf(state, line)
    units.set(unit.line.number, unit)
  }
  return [...units.values()]
}

function isTable(state: EditorState, line: Line): boolean {
  let node: SyntaxNode | null = treeTo(state, line.to).resolveInner(line.to, -1)
  while (node && node.name !== 'Table') node = node.parent
  return node !== null
}

function unitOf(state: EditorState, line: Line): Unit {
  const item = itemOfLine(state, line)
  // A further line of an item's first paragraph belongs to the item.
  const first = item?.firstChild?.nextSibling
  const start = item && (!first || line.from <= first.to) ? state.doc.lineAt(item.from) : line
  const containers = containersOfLine(state, start)
  const own = containers[containers.length - 1]
  if (own?.kind === 'item' && own.mark !== '')
    return { line: start, item: own.node, around: containers.slice(0, -1), own }
  return { line: start, item: null, around: containers, own: null }
}

function kindOf({ line, own }: Unit): ListKind | null {
  if (!own) return null
  if (boxLength(line.text.slice(own.to)) > 0) return 'task'
  return numberOf(own.mark) ? 'number' : 'bullet'
}

function withoutMarks(state: EditorState, units: readonly Unit[]): (LineEdit | LineShift)[] {
  const touched = new Set(units.map(({ item }) => item?.from))
  return units.flatMap(({ line, item, around, own }) => {
    if (!item || !own) return []
    const from = line.from + own.markFrom
    const to = line.from + own.to + boxLength(line.text.slice(own.to))
    const empty = `${continuation(state, line, around).trimEnd()}\n`
    const before = itemBeside(item, 'before') ?? itemAround(item)
    const after = itemBeside(item, 'after')
    const end = state.doc.lineAt(item.to)
    return [
      // Without an empty line, the words would belong to the item before them, or take the next one in.
      ...(before && !touched.has(before.from) && !isBlank(state, line.number - 1)
        ? [{ from: line.from, to: line.from, insert: empty }]
        : []),
      { from, to, insert: '' },
      ...shiftItem(
        state,
        item,
        0,
        columns(line.text.slice(0, own.markFrom)) - columns(line.text.slice(0, own.to)),
      ),
      ...(after && !touched.has(after.from) && !isBlank(state, end.number + 1)
        ? [{ from: end.to, to: end.to, insert: `\n${empty.trimEnd()}` }]
        : []),
    ]
  })
}

const isBlank = (state: EditorState, number: number): boolean =>
  number < 1 || number > state.doc.lines || /^[\s>]*$/.test(state.doc.line(number).text)

function withMarks(
  state: EditorState,
  units: readonly Unit[],
  kind: ListKind,
  lines: readonly Line[],
): (LineEdit | LineShift)[] {
  const numbers = new Map<number, number>()
  const touched = new Set(lines.map((line) => line.number))
  return units.flatMap((unit) => {
    const { line, item, own } = unit
    const start = startOf(unit)
    const column = columns(line.text.slice(0, start))
    for (const deeper of numbers.keys()) if (deeper > column) numbers.delete(deeper)
    const number = (numbers.get(column) ?? numberBefore(state, unit)) + 1
    numbers.set(column, number)
    const mark = kind === 'number' ? `${number}. ` : '- '
    const box = kind === 'task' ? '[ ] ' : ''
    if (!item || !own)
      return [
        ...emptyLines(state, unit, touched),
        { from: line.from + start, to: line.from + start, insert: mark + box },
      ]
    const to = line.from + own.to + boxLength(line.text.slice(own.to))
    const width = columns(line.text.slice(0, own.to)) - column
    return [
      { from: line.from + start, to, insert: mark + box },
      ...shiftItem(state, item, 0, mark.length - width),
    ]
  })
}

/** Returns where the mark of a line stands, as an offset in it. */
function startOf({ line, around, own }: Unit): number {
  if (own) return own.markFrom
  const start = around[around.length - 1]?.to ?? 0
  return start + (/^[ \t]*/.exec(line.text.slice(start))?.[0].length ?? 0)
}

/** Returns the number of the item before a line, 0 without one. */
function numberBefore(state: EditorState, { line, item, own }: Unit): number {
  const last = line.number > 1 ? itemOfLine(state, state.doc.line(line.number - 1)) : null
  const before = item ? itemBeside(item, 'before') : last
  const sign = own && !before ? null : before?.firstChild
  return sign ? (numberOf(state.sliceDoc(sign.from, sign.to))?.number ?? 0) : 0
}

/** Empty lines that keep a new item apart from the words around it, which would belong to it or make it a heading. */
function emptyLines(state: EditorState, { line, around }: Unit, touched: ReadonlySet<number>): LineEdit[] {
  const edits: LineEdit[] = []
  const isEmpty = !/[^\s>]/.test(line.text)
  const prefix = continuation(state, line, around).trimEnd()
  if (isEmpty && !isBlank(state, line.number - 1) && !itemOfLine(state, state.doc.line(line.number - 1)))
    edits.push({ from: line.from, to: line.from, insert: `${prefix}\n` })
  const [block] = isEmpty ? [] : leafBlocks(state, line.to, line.to)
  if (block && block.to > line.to && !touched.has(line.number + 1))
    edits.push({ from: line.to, to: line.to, insert: `\n${prefix}` })
  return edits
}
