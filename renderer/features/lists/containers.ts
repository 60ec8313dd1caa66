import type { EditorState, Line } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { taskBox } from '../../../preload/text/markdown/grammar/tasks'
import { treeTo } from '../format/leaf-blocks'

/** A quote or an item of a list around a line, with its part of that line; offsets count from the line's beginning. */
export interface Container {
  readonly kind: 'quote' | 'item'
  readonly node: SyntaxNode
  /** Blanks, the mark if it is in this line, and the blanks after it. */
  readonly from: number
  readonly to: number
  /** Where the mark stands; `to` in a line that only continues an item. */
  readonly markFrom: number
  /** '>', '-', '12.' and the like; '' in a line that only continues an item. */
  readonly mark: string
  /** Columns that a line which continues it is indented by. */
  readonly width: number
}

/** Returns the containers around an offset, the outermost first; of those that do not reach its line, none. */
export function containersAt(state: EditorState, offset: number): readonly Container[] {
  const line = state.doc.lineAt(offset)
  return partsOf(state, line, containersOf(treeTo(state, line.to).resolveInner(offset, -1)))
}

/** Returns the containers of a line, as its last words have them. */
export function containersOfLine(state: EditorState, line: Line): readonly Container[] {
  const end = line.from + line.text.trimEnd().length
  return containersAt(state, /^[ \t]*([-+*]|\d{1,9}[.)]|>)$/.test(line.text.trimEnd()) ? line.to : end)
}

/** Parts of items by the offsets of the items. Each is found once: it depends on those of all items around it. */
const itemParts = new WeakMap<EditorState, Map<number, Container>>()

/** Returns the part that an item has of its own first line. */
export function partOfItem(state: EditorState, item: SyntaxNode): Container {
  const known = itemParts.get(state) ?? new Map<number, Container>()
  itemParts.set(state, known)
  const found = known.get(item.from)
  if (found) return found
  const containers = containersOf(item)
  const part = partsOf(state, state.doc.lineAt(item.from), containers)[containers.length - 1] ?? {
    kind: 'item',
    node: item,
    from: 0,
    to: 0,
    markFrom: 0,
    mark: '',
    width: 0,
  }
  known.set(item.from, part)
  return part
}

/** Returns the item before or after one in its list; null without one. */
export function itemBeside(item: SyntaxNode, side: 'before' | 'after'): SyntaxNode | null {
  const step = (node: SyntaxNode) => (side === 'before' ? node.prevSibling : node.nextSibling)
  let beside = step(item)
  // In a quote its marks stand between the items.
  while (beside && beside.name !== 'ListItem') beside = step(beside)
  return beside
}

/** Returns the blanks and marks with which a line continues containers. */
export const continuation = (state: EditorState, line: Line, containers: readonly Container[]): string =>
  containers
    .map(({ kind, from, to, width }) => {
      if (kind === 'item') return ' '.repeat(width)
      const text = state.sliceDoc(line.from + from, line.from + to)
      return text.endsWith('>') ? `${text} ` : text
    })
    .join('')

/** Returns the length of a task's box with the blank after it, at the beginning of a text; 0 without one. */
export const boxLength = (text: string): number => box.exec(text)?.[0].length ?? 0

const box = new RegExp(`^${taskBox}(?:[ \\t]|$)`)

/** Returns the number of columns that a text takes from a column on. */
export function columns(text: string, from = 0): number {
  let column = from
  for (const character of text) column += character === '\t' ? 4 - (column % 4) : 1
  return column - from
}

/** Returns the number and the delimiter of an ordered item's mark; null for a bullet. */
export function numberOf(mark: string): { number: number; delimiter: string } | null {
  const found = /^(\d{1,9})([.)])$/.exec(mark)
  return found ? { number: Number(found[1]), delimiter: found[2] ?? '.' } : null
}

/** Returns the mark of the item after one with this mark. */
export function markAfter(mark: string): string {
  const found = numberOf(mark)
  return found ? `${Math.min(found.number + 1, 999_999_999)}${found.delimiter}` : mark
}

function containersOf(node: SyntaxNode): SyntaxNode[] {
  const nodes: SyntaxNode[] = []
  for (let cursor: SyntaxNode | null = node; cursor; cursor = cursor.parent)
    if (cursor.name === 'Blockquote' || cursor.name === 'ListItem') nodes.unshift(cursor)
  return nodes
}

function partsOf(state: EditorState, line: Line, nodes: readonly SyntaxNode[]): Container[] {
  const parts: Container[] = []
  let at = 0
  for (const node of nodes) {
    const part = node.name === 'Blockquote' ? quotePart(line, node, at) : itemPart(state, line, node, at)
    if (!part) break
    parts.push(part)
    at = part.to
  }
  return parts
}

function quotePart(line: Line, node: SyntaxNode, from: number): Container | null {
  const found = /^([ \t]*)>[ \t]?/.exec(line.text.slice(from))
  if (!found) return null
  const markFrom = from + (found[1]?.length ?? 0)
  const to = from + found[0].length
  return { kind: 'quote', node, from, to, markFrom, mark: '>', width: columns(found[0], from) }
}

function itemPart(state: EditorState, line: Line, node: SyntaxNode, from: number): Container | null {
  const sign = node.firstChild
  if (sign?.name !== 'ListMark') return null
  if (sign.from < line.from) return continuingPart(state, line, node, from)
  const markFrom = sign.from - line.from
  const mark = state.sliceDoc(sign.from, sign.to)
  const end = markFrom + mark.length
  const blanks = /^[ \t]*/.exec(line.text.slice(end))?.[0].length ?? 0
  const isEmpty = end + blanks === line.text.length
  // Text that is indented further is code, which begins one blank after the mark.
  const to = end + (isEmpty || blanks <= 4 ? blanks : 1)
  const width = isEmpty
    ? columns(line.text.slice(from, end), from) + 1
    : columns(line.text.slice(from, to), from)
  return { kind: 'item', node, from, to, markFrom, mark, width }
}

/** A line that is indented less is a lazy one: its item has no part of it. */
function continuingPart(state: EditorState, line: Line, node: SyntaxNode, from: number): Container | null {
  const { width } = partOfItem(state, node)
  let to = from
  while (columns(line.text.slice(from, to), from) < width && /[ \t]/.test(line.text[to] ?? '')) to++
  if (columns(line.text.slice(from, to), from) < width) return null
  return { kind: 'item', node, from, to, markFrom: to, mark: '', width }
}
