import { moveLineDown, moveLineUp } from '@codemirror/commands'
import type { EditorState, StateCommand } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { itemBeside } from './containers'
import { itemAround, itemOfLine, type LineEdit, replaceMark, touchedEnds } from './items'

/** Moves the touched lines up; items of a list with their children, before the item that stands before them. */
export const moveUp: StateCommand = (target) => move(target, 'before')

/** Moves the touched lines down; items of a list with their children, after the item that follows. */
export const moveDown: StateCommand = (target) => move(target, 'after')

function move({ state, dispatch }: Parameters<StateCommand>[0], side: 'before' | 'after'): boolean {
  if (state.readOnly) return false
  const moving = movingItems(state)
  if (!moving) return (side === 'before' ? moveLineUp : moveLineDown)({ state, dispatch })
  const [first, last] = moving
  const neighbour = itemBeside(side === 'before' ? first : last, side)
  // With a line in which an item stands behind another's mark, the outer item would move too.
  if ([first, neighbour].some((item) => item && !beginsLine(state, item))) return true
  const block = linesOf(state, first, last)
  const other = neighbour ? linesOf(state, neighbour, neighbour) : lineBeside(state, block, first, side)
  if (!other) return true
  const gap = side === 'before' ? state.sliceDoc(other.to, block.from) : state.sliceDoc(block.to, other.from)
  const numbers = neighbour ? exchangedNumbers(state, first, last, neighbour, side) : new Map()
  // The items stay, with everything that others write in them meanwhile; what is beside them goes round.
  const text = numberedText(state, other, neighbour, numbers)
  const changes: LineEdit[] =
    side === 'before'
      ? [
          { from: other.from, to: block.from, insert: '' },
          { from: block.to, to: block.to, insert: gap + text },
        ]
      : [
          { from: block.from, to: block.from, insert: text + gap },
          { from: block.to, to: other.to, insert: '' },
        ]
  const marks = itemsBetween(first, last).flatMap((item) =>
    replaceMark(state, item, numbers.get(item.from) ?? markOf(state, item)),
  )
  const set = state.changes([...changes, ...marks])
  dispatch(
    state.update({
      changes: set,
      selection: state.selection.map(set, side === 'before' ? -1 : 1),
      userEvent: 'move.line',
      scrollIntoView: true,
    }),
  )
  return true
}

function beginsLine(state: EditorState, item: SyntaxNode): boolean {
  const { from } = item.firstChild ?? item
  return /^[\s>]*$/.test(state.sliceDoc(state.doc.lineAt(from).from, from))
}

interface Lines {
  readonly from: number
  readonly to: number
}

/** Returns the first and the last item that move: siblings that hold everything selected. Null outside of lists. */
function movingItems(state: EditorState): readonly [SyntaxNode, SyntaxNode] | null {
  if (state.selection.ranges.length > 1) return null
  const ends = touchedEnds(state)
  for (let first = itemOfLine(state, ends.first); first; first = itemAround(first))
    for (let last = itemOfLine(state, ends.last); last; last = itemAround(last))
      if (first.parent?.from === last.parent?.from && first.parent?.name === last.parent?.name)
        return [first, last]
  return null
}

const linesOf = (state: EditorState, first: SyntaxNode, last: SyntaxNode): Lines => ({
  from: state.doc.lineAt(first.from).from,
  to: state.doc.lineAt(last.to).to,
})

/** At an end of a list of its own, the next line is passed; inside another item there is nowhere to go. */
function lineBeside(
  state: EditorState,
  block: Lines,
  first: SyntaxNode,
  side: 'before' | 'after',
): Lines | null {
  if (itemAround(first)) return null
  const number =
    side === 'before' ? state.doc.lineAt(block.from).number - 1 : state.doc.lineAt(block.to).number + 1
  return number < 1 || number > state.doc.lines ? null : state.doc.line(number)
}

function itemsBetween(first: SyntaxNode, last: SyntaxNode): SyntaxNode[] {
  const items = [first]
  for (let item = first; item.from !== last.from; ) {
    const next = itemBeside(item, 'after')
    if (!next) break
    items.push(next)
    item = next
  }
  return items
}

/** Gives the numbers that stand at the places to the items that come to stand there, if they are equally wide. */
function exchangedNumbers(
  state: EditorState,
  first: SyntaxNode,
  last: SyntaxNode,
  neighbour: SyntaxNode,
  side: 'before' | 'after',
): Map<number, string> {
  const items = itemsBetween(first, last)
  const before = side === 'before' ? [neighbour, ...items] : [...items, neighbour]
  const now = side === 'before' ? [...items, neighbour] : [neighbour, ...items]
  const marks = before.map((item) => markOf(state, item))
  // Children are indented as wide as the mark is.
  if (new Set(marks.map(({ length }) => length)).size > 1) return new Map()
  return new Map(now.map((item, index) => [item.from, marks[index] ?? '']))
}

function markOf(state: EditorState, { firstChild: sign }: SyntaxNode): string {
  return sign?.name === 'ListMark' ? state.sliceDoc(sign.from, sign.to) : ''
}

function numberedText(
  state: EditorState,
  lines: Lines,
  item: SyntaxNode | null,
  numbers: ReadonlyMap<number, string>,
): string {
  const text = state.sliceDoc(lines.from, lines.to)
  const sign = item?.firstChild
  const mark = item && numbers.get(item.from)
  if (!sign || mark === null || mark === undefined) return text
  return text.slice(0, sign.from - lines.from) + mark + text.slice(sign.to - lines.from)
}
