import {
  type ChangeSpec,
  EditorSelection,
  type EditorState,
  type SelectionRange,
  type StateCommand,
  type Transaction,
} from '@codemirror/state'
import { type InlineKind, inlineKinds } from './inline-kinds'
import { elementsOf, type Inline, readInline, type Span } from './inline-text'
import { isLiteral, leafBlocks, pieceOf } from './leaf-blocks'
import { formatSpans, isFormatted, longestParagraph } from './toggle-inline'
import { wordAt } from './word-at'

/** As many paragraphs are formatted at once, so that a key on a whole book does not take long. */
const mostBlocks = 1_000

/** A paragraph's text with the spans in it that are to be formatted, counted from its beginning. */
interface Task {
  readonly block: Span
  readonly text: string
  readonly inlines: readonly Inline[]
  readonly spans: Span[]
}

/**
 * Returns the command that switches a format on or off: for the selected words, the word at the caret, or what is
 * typed next. It is switched off if everything selected has it.
 */
export function toggleInline(kind: InlineKind): StateCommand {
  return ({ state, dispatch }) => {
    if (state.readOnly) return false
    const tasks = tasksOf(state, kind)
    if (tasks.length === 0) return typeFormatted(state, dispatch, kind)
    const on = !tasks.every(({ text, inlines, spans }) => isFormatted(text, inlines, spans, kind))
    const changes = tasks.flatMap(({ block, text, inlines, spans }) =>
      (formatSpans(text, inlines, spans, kind, on) ?? []).map(({ from, to, insert }) => ({
        from: from + block.from,
        to: to + block.from,
        insert,
      })),
    )
    if (changes.length === 0) return true
    const set = state.changes(changes)
    const selection = EditorSelection.create(
      state.selection.ranges.map(({ empty, anchor, head, from }) => {
        const moved = (offset: number): number => set.mapPos(offset, empty || offset === from ? 1 : -1)
        return EditorSelection.range(moved(anchor), moved(head))
      }),
      state.selection.mainIndex,
    )
    dispatch(state.update({ changes: set, selection, userEvent: 'input.format', scrollIntoView: true }))
    return true
  }
}

/** Returns true if all selected words have a format. */
export function hasFormat(state: EditorState, kind: InlineKind): boolean {
  const tasks = tasksOf(state, kind)
  return (
    tasks.length > 0 && tasks.every(({ text, inlines, spans }) => isFormatted(text, inlines, spans, kind))
  )
}

function tasksOf(state: EditorState, kind: InlineKind): Task[] {
  const tasks = new Map<number, Task>()
  for (const range of state.selection.ranges)
    for (const block of leafBlocks(state, range.from, range.to)) {
      if (tasks.size >= mostBlocks) break
      const task = tasks.get(block.from) ?? taskFor(state, block)
      if (!task) continue
      const span = range.empty ? spanAtCaret(task, range.head, kind) : pieceOf(state, block, range)
      if (!span) continue
      task.spans.push(range.empty ? span : { from: span.from - block.from, to: span.to - block.from })
      tasks.set(block.from, task)
    }
  return [...tasks.values()]
}

function taskFor(state: EditorState, block: Span): Task | null {
  if (block.to - block.from > longestParagraph) return null
  const text = state.sliceDoc(block.from, block.to)
  return { block, text, inlines: readInline(text), spans: [] }
}

/** Returns what a caret stands for: the element of this format around it, else its word. */
function spanAtCaret({ block, text, inlines }: Task, head: number, kind: InlineKind): Span | null {
  const at = head - block.from
  const element = elementAt(inlines, at, kind)
  // Before the closing mark a format is ended, not taken away.
  if (element) return at === element.content.to ? null : element.content
  return wordAt(text, withinMarks(inlines, at))
}

/** Moves an offset beside the marks of an element to the words in it, as those look next to each other. */
function withinMarks(inlines: readonly Inline[], at: number): number {
  const element = inlines.find(({ from, to }) => from === at || to === at)
  if (!element) return at
  const { content, to, children } = element
  return withinMarks(children, to === at ? content.to : content.from)
}

function elementAt(inlines: readonly Inline[], at: number, kind: InlineKind): Inline | undefined {
  return elementsOf(inlines, kind)
    .filter(({ from, to }) => from <= at && at <= to)
    .pop()
}

/** At carets without a word: ends the format that the caret is at the end of, or puts it between new marks. */
function typeFormatted(
  state: EditorState,
  dispatch: (transaction: Transaction) => void,
  kind: InlineKind,
): boolean {
  const { ranges } = state.selection
  if (ranges.some(({ empty, head }) => !empty || isLiteral(state, head))) return false
  dispatch(
    state.update(
      state.changeByRange((range) => placeMarks(state, range, kind)),
      {
        userEvent: 'input.format',
        scrollIntoView: true,
      },
    ),
  )
  return true
}

function placeMarks(
  state: EditorState,
  { head }: SelectionRange,
  kind: InlineKind,
): { range: SelectionRange; changes?: ChangeSpec } {
  const [block] = leafBlocks(state, head, head)
  const task = block && taskFor(state, block)
  const element = task && elementAt(task.inlines, head - task.block.from, kind)
  if (element) return { range: EditorSelection.cursor(task.block.from + element.to) }
  const [sign = ''] = inlineKinds[kind].marks
  const around = pairAt(state, head, sign)
  const { length } = sign
  if (around)
    return {
      changes: { from: head - length, to: head + length },
      range: EditorSelection.cursor(head - length),
    }
  return {
    changes: { from: head, insert: sign + sign },
    range: EditorSelection.cursor(head + length),
  }
}

/** Returns true if a caret stands between the two marks of a format with nothing in it. */
function pairAt(state: EditorState, head: number, sign: string): boolean {
  const line = state.doc.lineAt(head)
  const character = sign.charAt(0)
  const before = line.text.slice(0, head - line.from)
  const after = line.text.slice(head - line.from)
  const run = Math.min(
    before.length - trimEndOf(before, character).length,
    after.length - trimStartOf(after, character).length,
  )
  // Two asterisks are bold, one is italic, three are both.
  return character === '*' ? (run & sign.length) !== 0 && run <= 3 : run === sign.length
}

function trimEndOf(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end--
  return text.slice(0, end)
}

function trimStartOf(text: string, character: string): string {
  let start = 0
  while (text[start] === character) start++
  return text.slice(start)
}
