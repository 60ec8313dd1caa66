import { isolateHistory } from '@codemirror/commands'
import {
  ChangeSet,
  type ChangeSpec,
  EditorSelection,
  type EditorState,
  type TransactionSpec,
} from '@codemirror/state'
import { taskBox } from '../../../preload/text/markdown/grammar/tasks'
import type { PastedMarkdown } from './html/html-to-markdown'

/** A place that is replaced by what is pasted, in UTF-16 code units. */
export interface PastePlace {
  readonly from: number
  readonly to: number
}

/** Quote marks, then the mark of an item with its box, at the beginning of a line. */
const lineStart = new RegExp(
  String.raw`^((?:[ \t]*>[ \t]?)*)([ \t]*)((?:[-*+]|\d{1,9}[.)])[ \t]+)?(${taskBox}[ \t]+)?`,
)

/**
 * Returns the step that puts pasted Markdown at places, as one edit for undo. Like CodeMirror, it puts one line at
 * each of several places if there are as many lines, else all at each.
 */
export function insertMarkdown(
  state: EditorState,
  places: readonly PastePlace[],
  pasted: PastedMarkdown,
): TransactionSpec {
  const lines = pasted.markdown.split('\n')
  const spread = places.length > 1 && lines.length === places.length
  const edits = places.map(({ from, to }, index) =>
    spread
      ? { from, to, insert: lines[index] ?? '' }
      : { from, to, insert: fitted(state, { from, to }, pasted) },
  )
  return pasteStep(state, edits, places)
}

/** Returns the step of a paste: a caret that stands at one of some places, or selects it, is put behind what comes. */
export function pasteStep(
  state: EditorState,
  edits: readonly { from: number; to: number; insert: string }[],
  places: readonly PastePlace[],
): TransactionSpec {
  const changes = ChangeSet.of(edits as ChangeSpec[], state.doc.length, '\n')
  const { ranges, mainIndex, main } = state.selection
  const isPlace = (range: PastePlace) => places.some(({ from, to }) => range.from === from && range.to === to)
  const carets = ranges.map((range) =>
    isPlace(range) ? EditorSelection.cursor(changes.mapPos(range.to, 1)) : range.map(changes),
  )
  return {
    changes,
    selection: EditorSelection.create(carets, mainIndex),
    scrollIntoView: isPlace(main),
    userEvent: 'input.paste',
    annotations: isolateHistory.of('full'),
  }
}

/** Fits Markdown into its place: blocks get lines of their own, and go on in the quote or the item they are in. */
function fitted(state: EditorState, { from, to }: PastePlace, pasted: PastedMarkdown): string {
  const { markdown, startsInline, endsInline } = pasted
  const line = state.doc.lineAt(from)
  const before = line.text.slice(0, from - line.from)
  const [start = '', quote = '', indent = '', mark = '', box = ''] = lineStart.exec(before) ?? []
  const isAtStart = before === start
  const goesOn = quote + indent + ' '.repeat(mark.length)
  if (isAtStart && mark && itemStart.test(markdown))
    return inLines(withoutItem(markdown, box !== ''), quote + indent)
  const empty = `${goesOn.trimEnd()}\n${goesOn}`
  const opens = startsInline
    ? ''
    : isAtStart
      ? followsText(state, line.number)
        ? `\n${goesOn}`
        : ''
      : `\n${empty}`
  const last = state.doc.lineAt(to)
  const rest = state.sliceDoc(to, last.to).trim()
  const closes = endsInline ? '' : rest !== '' ? `\n${empty}` : precedesText(state, last.number) ? '\n' : ''
  return opens + inLines(markdown, goesOn) + closes
}

const itemStart = new RegExp(String.raw`^(?:[-*+]|\d{1,9}[.)])[ \t]+(${taskBox}[ \t]+)?`)

/** Takes the mark from the first item, which comes into an item that is there, and its box too if that has one. */
function withoutItem(markdown: string, hasBox: boolean): string {
  const [whole = '', box = ''] = itemStart.exec(markdown) ?? []
  return markdown.slice(whole.length - (hasBox ? 0 : box.length))
}

const isText = (line: string): boolean => /[^\s>]/.test(line)

const followsText = ({ doc }: EditorState, line: number): boolean =>
  line > 1 && isText(doc.line(line - 1).text) && !lineStart.exec(doc.line(line).text)?.[3]

const precedesText = ({ doc }: EditorState, line: number): boolean =>
  line < doc.lines && isText(doc.line(line + 1).text)

const inLines = (markdown: string, prefix: string): string =>
  prefix === ''
    ? markdown
    : markdown
        .split('\n')
        .map((line, index) => (index === 0 ? line : line === '' ? prefix.trimEnd() : prefix + line))
        .join('\n')
