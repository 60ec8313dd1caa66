import {
  type ChangeSpec,
  EditorSelection,
  type EditorState,
  type Line,
  type SelectionRange,
  type StateCommand,
} from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { taskBox } from '../../../preload/text/markdown/grammar/tasks'
import { isLiteral } from '../format/leaf-blocks'
import {
  boxLength,
  type Container,
  containersAt,
  continuation,
  itemBeside,
  markAfter,
  partOfItem,
} from './containers'

interface Step {
  readonly changes: ChangeSpec
  readonly range: SelectionRange
}

/**
 * Begins the next item of a list or the next line of a quote. In an empty item or line of a quote it goes one
 * level out instead. Only the line at the caret changes: the numbers after it stay.
 */
export const continueList: StateCommand = ({ state, dispatch }) => breakLines(state, dispatch, nextItem)

/** Begins a new line in the same item or quote. */
export const continueItem: StateCommand = ({ state, dispatch }) => breakLines(state, dispatch, sameItem)

function breakLines(
  state: EditorState,
  dispatch: Parameters<StateCommand>[0]['dispatch'],
  step: (state: EditorState, range: SelectionRange) => Step | null,
): boolean {
  if (state.readOnly) return false
  const steps = new Map(state.selection.ranges.map((range) => [range, step(state, range)]))
  if ([...steps.values()].every((found) => found === null)) return false
  const spec = state.changeByRange((range) => steps.get(range) ?? insertion(range.from, range.to, '\n'))
  dispatch(state.update(spec, { scrollIntoView: true, userEvent: 'input' }))
  return true
}

const insertion = (from: number, to: number, insert: string): Step => ({
  changes: { from, to, insert },
  range: EditorSelection.cursor(from + insert.length),
})

/** The containers whose marks stand before an offset. */
function containersBefore(state: EditorState, offset: number): { line: Line; containers: Container[] } {
  const line = state.doc.lineAt(offset)
  const containers = containersAt(state, offset).filter(({ to }) => to <= offset - line.from)
  return { line, containers }
}

function sameItem(state: EditorState, { from, to }: SelectionRange): Step | null {
  const { line, containers } = containersBefore(state, from)
  return containers.length === 0 ? null : insertion(from, to, `\n${continuation(state, line, containers)}`)
}

function nextItem(state: EditorState, range: SelectionRange): Step | null {
  const { line, containers } = containersBefore(state, range.from)
  const inner = containers[containers.length - 1]
  const literal = isLiteral(state, range.from)
  if (!literal && range.empty && bareMark.test(line.text.slice(inner?.to ?? 0)))
    return leaveBare(state, line, containers)
  if (!inner) return null
  const prefix = continuation(state, line, containers)
  if (literal) {
    const indent = /^[ \t]*/.exec(line.text.slice(inner.to, range.from - line.from))?.[0] ?? ''
    return insertion(range.from, range.to, `\n${prefix}${indent}`)
  }
  const text = line.text.slice(inner.to)
  const box = inner.kind === 'item' ? boxLength(text) : 0
  const isEmpty = text.slice(box).trim() === '' && (inner.kind === 'quote' || inner.node.to <= line.to)
  if (isEmpty && range.empty && inner.mark !== '') return leave(state, line, containers, range.to)
  const start = line.from + inner.to + (inner.mark === '' ? 0 : box)
  const before = line.text.slice(start - line.from, Math.max(0, range.from - line.from))
  const from = Math.max(start, range.from - (before.length - before.trimEnd().length))
  const to = Math.max(from, range.to + blanksAfter(state, range.to))
  if (inner.kind === 'quote' || !isFirstBlock(inner.node, range.from))
    return insertion(from, to, `\n${prefix}`)
  const outer = continuation(state, line, containers.slice(0, -1))
  const gap = isLoose(state, inner.node) ? `${outer.trimEnd()}\n` : ''
  return insertion(from, to, `\n${gap}${outer}${nextMark(state, inner.node)}`)
}

/** A mark without words below a paragraph, which Markdown does not take for an item. */
const bareMark = new RegExp(String.raw`^[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]+(?:${taskBox}[ \t]*)?$`)

function leaveBare(state: EditorState, line: Line, containers: readonly Container[]): Step {
  const inner = containers[containers.length - 1]
  if (inner?.kind !== 'item' || inner.mark !== '') return insertion(line.from + (inner?.to ?? 0), line.to, '')
  const prefix = continuation(state, line, containers.slice(0, -1))
  return insertion(line.from, line.to, prefix + nextMark(state, inner.node))
}

function blanksAfter(state: EditorState, offset: number): number {
  const rest = state.sliceDoc(offset, state.doc.lineAt(offset).to)
  return rest.length - rest.trimStart().length
}

/** Goes one level out: to the item around an inner one, else to a line of its own after an empty one. */
function leave(state: EditorState, line: Line, containers: readonly Container[], to: number): Step {
  const outer = containers.slice(0, -1)
  const inner = containers[containers.length - 1]
  const around = outer[outer.length - 1]
  if (!inner) return insertion(to, to, '')
  // The container around it begins in this line, so that its mark stays.
  if (around && around.kind === 'item' && around.mark !== '') return insertion(line.from + inner.from, to, '')
  if (inner.kind === 'item' && around?.kind === 'item') {
    const prefix = continuation(state, line, outer.slice(0, -1))
    return insertion(line.from, to, prefix + nextMark(state, around.node))
  }
  const prefix = continuation(state, line, outer)
  const whole = inner.kind === 'item' ? (inner.node.parent ?? inner.node) : inner.node
  // Without an empty line, words typed here would still belong to what is left.
  const before = whole.from < line.from && !isBlank(state, line.number - 1) ? `${prefix.trimEnd()}\n` : ''
  const after =
    line.number < state.doc.lines && !isBlank(state, line.number + 1) ? `\n${prefix.trimEnd()}` : ''
  return {
    changes: { from: line.from, to: line.to, insert: before + prefix + after },
    range: EditorSelection.cursor(line.from + before.length + prefix.length),
  }
}

const isBlank = (state: EditorState, number: number): boolean => /^[\s>]*$/.test(state.doc.line(number).text)

/** Returns the mark of a new item after this one, indented like it, with a box without a tick if this is a task. */
function nextMark(state: EditorState, item: SyntaxNode): string {
  const { text } = state.doc.lineAt(item.from)
  const { from, markFrom, mark, to } = partOfItem(state, item)
  const blanks = text.slice(markFrom + mark.length, to) || ' '
  const box = boxLength(text.slice(to)) > 0 ? '[ ] ' : ''
  return text.slice(from, markFrom) + markAfter(mark) + blanks + box
}

/** Returns true up to the end of an item's first paragraph: from there on, new lines stay in the item. */
function isFirstBlock(item: SyntaxNode, offset: number): boolean {
  const block = item.firstChild?.nextSibling
  return !block || offset <= Math.max(block.to, item.firstChild?.to ?? 0)
}

/** Returns true if empty lines stand between an item and its neighbours. */
function isLoose(state: EditorState, item: SyntaxNode): boolean {
  const next = itemBeside(item, 'after')
  return (
    (itemBeside(item, 'before') !== null && isBlank(state, state.doc.lineAt(item.from).number - 1)) ||
    (next !== null && isBlank(state, state.doc.lineAt(next.from).number - 1))
  )
}
