import { EditorSelection, type EditorState, type Line, type StateCommand } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { containersOfLine, continuation } from '../lists/containers'
import { changeLines, type Ends, type LineEdit, touchedEnds } from '../lists/items'
import { treeTo } from './leaf-blocks'

/** Puts the touched paragraphs into a quote, or takes them out of it. */
export const toggleQuote: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const { first, last } = wholeBlocks(state, touchedEnds(state))
  const lines: Line[] = []
  for (let number = first.number; number <= last.number; number++) lines.push(state.doc.line(number))
  const filled = lines.filter(({ text }) => /\S/.test(text))
  const isQuoted = filled.length > 0 && filled.every((line) => quoteOf(state, line) !== null)
  const edits = isQuoted ? unquoted(state, lines) : quoted(state, lines)
  return changeLines(state, dispatch, edits, 'input.quote')
}

/** Puts the touched paragraphs into a block of code, or takes the fences around the caret away. */
export const toggleCodeBlock: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const { head } = state.selection.main
  const fenced = around(state, head, /^FencedCode$/)
  if (fenced) return changeLines(state, dispatch, withoutFences(state, fenced), 'input.code')
  const { first, last } = wholeBlocks(state, touchedEnds(state))
  const containers = containersOfLine(state, first)
  const start = first.from + (containers[containers.length - 1]?.to ?? 0)
  const prefix = continuation(state, first, containers)
  const ticks = [...state.sliceDoc(start, last.to).matchAll(/^[ \t>]*(`{3,})/gm)].map(
    ([, run]) => run?.length ?? 0,
  )
  const fence = '`'.repeat(Math.max(2, ...ticks) + 1)
  const opening = `${fence}\n${prefix}`
  const changes = [
    { from: start, insert: opening },
    { from: last.to, insert: `\n${prefix}${fence}` },
  ]
  const moved = (offset: number): number => Math.max(offset, start) + opening.length
  const { anchor } = state.selection.main
  const selection = EditorSelection.single(moved(anchor), moved(head))
  dispatch(state.update({ changes, selection, userEvent: 'input.code', scrollIntoView: true }))
  return true
}

/** Puts a line across the page below the paragraph at the caret. */
export const insertRule: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const caret = state.doc.lineAt(state.selection.main.head)
  const { last: line } = wholeBlocks(state, { first: caret, last: caret })
  const containers = containersOfLine(state, line).filter(({ kind }) => kind === 'quote')
  const prefix = continuation(state, line, containers)
  const isEmpty = !/[^\s>]/.test(line.text)
  const above = line.number > 1 ? state.doc.line(line.number - 1).text : ''
  // Right below words the line would make them a heading.
  const gap = isEmpty ? (/[^\s>]/.test(above) ? `${prefix.trimEnd()}\n` : '') : `\n${prefix.trimEnd()}\n`
  const insert = `${gap}${prefix}---\n${prefix}`
  const from = isEmpty ? line.from : line.to
  dispatch(
    state.update({
      changes: { from, to: line.to, insert },
      selection: { anchor: from + insert.length },
      userEvent: 'input.rule',
      scrollIntoView: true,
    }),
  )
  return true
}

/** Returns the innermost element around an offset whose name matches. */
export function around(state: EditorState, offset: number, name: RegExp): SyntaxNode | null {
  for (const side of [-1, 1] as const)
    for (
      let node: SyntaxNode | null = treeTo(state, offset).resolveInner(offset, side);
      node;
      node = node.parent
    )
      if (name.test(node.name)) return node
  return null
}

const whole = /^(Paragraph|Task|SetextHeading[12]|FencedCode|Table|HTMLBlock)$/

/** Takes in the lines of blocks of which some lines are touched. */
function wholeBlocks(state: EditorState, { first, last }: Ends): Ends {
  const from = around(state, first.to, whole)?.from ?? first.from
  const to = around(state, last.to, whole)?.to ?? last.to
  return {
    first: state.doc.lineAt(Math.min(from, first.from)),
    last: state.doc.lineAt(Math.max(to, last.to)),
  }
}

/** Returns the part that the innermost quote has of a line. */
const quoteOf = (state: EditorState, line: Line) =>
  containersOfLine(state, line)
    .filter(({ kind }) => kind === 'quote')
    .pop() ?? null

/** Items of lists in the lines come into the quote; those that the lines only continue stay around it. */
function quoted(state: EditorState, lines: readonly Line[]): LineEdit[] {
  const [first] = lines
  const outer = first ? containersOfLine(state, first).filter(({ node }) => node.from < first.from) : []
  const column = outer[outer.length - 1]?.to ?? 0
  return lines.map((line) => {
    const indent = /^[ \t>]*/.exec(line.text)?.[0].length ?? 0
    const from = line.from + Math.min(column, indent)
    return { from, to: from, insert: '> ' }
  })
}

function unquoted(state: EditorState, lines: readonly Line[]): LineEdit[] {
  const [first] = lines
  const edits = lines.flatMap((line) => {
    const part = quoteOf(state, line)
    return part ? [{ from: line.from + part.markFrom, to: line.from + part.to, insert: '' }] : []
  })
  const above = first && first.number > 1 ? state.doc.line(first.number - 1) : null
  // Right below words of the quote the line would still belong to them.
  if (first && above && /[^\s>]/.test(above.text) && quoteOf(state, above))
    return [{ from: first.from, to: first.from, insert: '\n' }, ...edits]
  return edits
}

/** Removes the lines of the fences, or the fences alone where a list's mark is in the line. */
function withoutFences(state: EditorState, code: SyntaxNode): LineEdit[] {
  const first = state.doc.lineAt(code.from)
  const last = state.doc.lineAt(code.to)
  const body = last.number > first.number ? state.doc.line(first.number + 1) : null
  const containers = body ? containersOfLine(state, first) : []
  const indent = containers[containers.length - 1]?.to ?? 0
  const opening = body
    ? { from: code.from, to: body.from + Math.min(indent, body.length), insert: '' }
    : { from: code.from, to: first.to, insert: '' }
  const isClosed = code.getChildren('CodeMark').length > 1 && last.number > first.number
  if (!isClosed) return [opening]
  // Between the fences there is nothing: both go with the break between them.
  if (last.number === first.number + 1) return [{ from: code.from, to: code.to, insert: '' }]
  return [opening, { from: state.doc.line(last.number - 1).to, to: last.to, insert: '' }]
}
