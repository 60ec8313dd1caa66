import { EditorSelection, type EditorState, type StateCommand } from '@codemirror/state'
import { isLiteral, treeTo } from '../format/leaf-blocks'
import { boxLength, type Container, containersAt, itemBeside } from './containers'

/**
 * At the beginning of an item, a quote's line or a heading takes the mark away; then the blanks that are left
 * before the words.
 */
export const deleteMark: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const changes = state.selection.ranges.map(({ empty, head }) => (empty ? markBefore(state, head) : null))
  if (changes.some((change) => change === null)) return false
  let index = 0
  const spec = state.changeByRange(({ head }) => {
    const change = changes[index++] ?? { from: head, to: head, insert: '' }
    return { changes: change, range: EditorSelection.cursor(change.from + change.insert.length) }
  })
  dispatch(state.update(spec, { scrollIntoView: true, userEvent: 'delete.backward' }))
  return true
}

interface Deletion {
  readonly from: number
  readonly to: number
  readonly insert: string
}

function markBefore(state: EditorState, head: number): Deletion | null {
  const line = state.doc.lineAt(head)
  const column = head - line.from
  if (column === 0 || isLiteral(state, head)) return null
  const containers = containersAt(state, head).filter(({ to }) => to <= column)
  const inner = containers[containers.length - 1]
  const start = inner?.to ?? 0
  const between = line.text.slice(start, column)
  const box = inner?.kind === 'item' && inner.mark !== '' ? boxLength(line.text.slice(start)) : 0
  if (inner && column === start + box) return withoutMark(line.from, column, inner)
  if (/^[ \t]*#{1,6}[ \t]*$/.test(between) && isHeading(state, head))
    return { from: line.from + start, to: head, insert: '' }
  return null
}

function withoutMark(lineStart: number, column: number, inner: Container): Deletion {
  const { kind, node, from, to, markFrom, mark } = inner
  // After another item the words stay below that item's words until the blanks are deleted too.
  const follows = kind === 'item' && mark !== '' && itemBeside(node, 'before') !== null
  return {
    from: lineStart + (kind === 'quote' || mark === '' ? from : markFrom),
    to: lineStart + column,
    insert: follows ? ' '.repeat(to - markFrom) : '',
  }
}

function isHeading(state: EditorState, head: number): boolean {
  const tree = treeTo(state, head)
  return [-1, 1].some((side) => {
    const node = tree.resolveInner(head, side as -1 | 1)
    return /^ATXHeading/.test(node.name) || /^ATXHeading/.test(node.parent?.name ?? '')
  })
}
