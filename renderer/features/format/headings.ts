import type { EditorState, Line, StateCommand } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { boxLength, containersOfLine } from '../lists/containers'
import { changeLines, type LineEdit, touchedLines } from '../lists/items'
import { isLiteral, treeTo } from './leaf-blocks'

/** Level of a heading, 1 to 6; 0 is a paragraph. */
export type HeadingLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6

/** A line as a heading: its marks with the blanks around them, and its level. */
interface Headline {
  readonly line: Line
  /** Where the words' line begins, after the marks of quotes and lists. */
  readonly start: number
  readonly level: HeadingLevel
  readonly marks: readonly { readonly from: number; readonly to: number }[]
}

/** Returns the command that makes the touched lines headings; paragraphs again if all are such headings already. */
export function setHeading(level: HeadingLevel): StateCommand {
  return ({ state, dispatch }) => {
    if (state.readOnly) return false
    const lines = touchedLines(state)
    const headlines = lines ? headlinesOf(state, lines) : []
    if (headlines.length === 0) return false
    const wanted = headlines.every((headline) => headline.level === level) ? 0 : level
    const edits = headlines.flatMap((headline) => editsFor(state, headline, wanted))
    return changeLines(state, dispatch, edits, 'input.heading')
  }
}

/** Returns the level of the heading in the line of an offset, 0 without one. */
export const headingLevelAt = (state: EditorState, offset: number): HeadingLevel =>
  headlineOf(state, state.doc.lineAt(offset))?.level ?? 0

function headlinesOf(state: EditorState, lines: readonly Line[]): Headline[] {
  const filled = lines.filter(({ text }) => /[^\s>]/.test(text))
  const found = new Map<number, Headline>()
  for (const line of filled.length > 0 ? filled : lines) {
    const headline = headlineOf(state, line)
    if (headline) found.set(headline.line.number, headline)
  }
  return [...found.values()]
}

function headlineOf(state: EditorState, touched: Line): Headline | null {
  const node = blockAt(state, touched)
  if (node?.name === 'Table' || isLiteral(state, touched.to)) return null
  const setext = /^SetextHeading([12])$/.exec(node?.name ?? '')
  const line = node && setext ? state.doc.lineAt(node.from) : touched
  const containers = containersOfLine(state, line)
  const inner = containers[containers.length - 1]
  const at = inner?.to ?? 0
  const text = line.text.slice(at)
  if (inner?.kind === 'item' && boxLength(text) > 0) return null
  const start = line.from + at
  if (node && setext) {
    const words = state.doc.lineAt(node.lastChild?.from ?? node.to)
    const underline = { from: state.doc.line(words.number - 1).to, to: node.to }
    return { line, start, level: setext[1] === '1' ? 1 : 2, marks: [underline] }
  }
  const mark = /^[ \t]*(#{1,6})(?:[ \t]+|$)/.exec(text)
  if (!mark) return { line, start, level: 0, marks: [] }
  const words = wordsIn(text.slice(mark[0].length))
  return {
    line,
    start,
    level: (mark[1]?.length ?? 1) as HeadingLevel,
    marks: [
      { from: start, to: start + mark[0].length },
      { from: start + mark[0].length + words.length, to: line.to },
    ],
  }
}

/** Returns a heading's words without the marks that may close it. */
function wordsIn(text: string): string {
  const trimmed = text.trimEnd()
  let end = trimmed.length
  while (trimmed[end - 1] === '#') end--
  const isClosed = end < trimmed.length && /^$|[ \t]$/.test(trimmed.slice(Math.max(0, end - 1), end))
  return isClosed ? trimmed.slice(0, end).trimEnd() : text
}

const blocks = /^(SetextHeading[12]|Table)$/

function blockAt(state: EditorState, line: Line): SyntaxNode | null {
  let node: SyntaxNode | null = treeTo(state, line.to).resolveInner(line.to, -1)
  while (node && !blocks.test(node.name)) node = node.parent
  return node
}

function editsFor(state: EditorState, { start, line, marks }: Headline, level: HeadingLevel): LineEdit[] {
  const [first] = marks
  const words = first?.from === start ? state.sliceDoc(first.to, line.to) : state.sliceDoc(start, line.to)
  const insert = level === 0 ? escaped(words) : `${'#'.repeat(level)} `
  if (first?.from !== start)
    return [{ from: start, to: start, insert }, ...marks.map(({ from, to }) => ({ from, to, insert: '' }))]
  const at =
    insert === '\\' && /^\d/.test(words) ? first.to + (/^\d+/.exec(words)?.[0].length ?? 0) : first.to
  if (at === first.to)
    return marks.map(({ from, to }, index) => ({ from, to, insert: index === 0 ? insert : '' }))
  return [...marks.map(({ from, to }) => ({ from, to, insert: '' })), { from: at, to: at, insert }]
}

/** Words that would begin a list, a quote or a heading as a paragraph get a backslash. */
const escaped = (words: string): string =>
  /^(?:\d{1,9}[.)](?:[ \t]|$)|[-+*](?:[ \t]|$)|>|#{1,6}(?:[ \t]|$))/.test(words) ? '\\' : ''
