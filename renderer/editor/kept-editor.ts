import { receiveUpdates } from '@codemirror/collab'
import { historyField } from '@codemirror/commands'
import { foldEffect, foldedRanges } from '@codemirror/language'
import {
  ChangeSet,
  EditorSelection,
  EditorState,
  type Extension,
  type StateEffect,
  type Text,
} from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { maxFolds, type Place } from '../../preload/contract/place'
import { toText } from '../../preload/text'
import { difference } from '../../preload/text-difference'

/** Maximum work of applying a difference, in changes times UTF-16 code units of the longest line: about 0.1 s. */
const maxWork = 50_000_000

/** What is kept of an editor that left the screen. */
export interface KeptEditor {
  readonly text: Text
  readonly selection: EditorSelection
  /** The value of CodeMirror's field for undo and redo; null without one. */
  readonly history: unknown
  readonly folds: Place['folds']
  readonly top: Place['top']
}

/** Returns what is to be kept of an editor. Must be called while it is on screen. */
export function keepEditor(view: EditorView): KeptEditor {
  const { state } = view
  return {
    text: state.doc,
    selection: state.selection,
    history: state.field(historyField, false) ?? null,
    folds: foldsOf(state),
    top: topOf(view),
  }
}

/** Returns the place in an editor, to be found again after a restart. Must be called while it is on screen. */
export function placeOf(view: EditorView): Place {
  const { anchor, head } = view.state.selection.main
  return { anchor, head, top: topOf(view), folds: foldsOf(view.state) }
}

/**
 * Returns the state to start an editor with, and the effect that scrolls to its place. A kept editor is brought to
 * `text` by the difference, which counts as others' edits: undo takes back only what was typed here. Offsets of a
 * place, which may belong to another text, are brought into the bounds of this one.
 */
export function startState(
  text: string,
  start: KeptEditor | Place | null,
  extensions: Extension,
): { state: EditorState; scrollTo: StateEffect<unknown> | null } {
  const newest = toText(text)
  if (!start) return { state: EditorState.create({ doc: newest, extensions }), scrollTo: null }
  const kept = 'text' in start ? start : inBounds(start, newest)
  const { history, selection } = kept
  const before = EditorState.create({
    doc: kept.text,
    selection,
    extensions: [extensions, history === null ? [] : historyField.init(() => history)],
  })
  const folded = before.update({ effects: kept.folds.map(([from, to]) => foldEffect.of({ from, to })) }).state
  const changes = stepsTo(newest, kept.text)
  const state = changes.empty ? folded : receiveUpdates(folded, [{ clientID: 'peer', changes }]).state
  const { offset, distance } = kept.top
  const scrollTo = EditorView.scrollIntoView(changes.mapPos(offset), { y: 'start', yMargin: distance })
  return { state, scrollTo }
}

/** The steps from a kept text to the newest one; where they would take too long, all counts as replaced. */
function stepsTo(newest: Text, kept: Text): ChangeSet {
  if (kept.eq(newest)) return ChangeSet.empty(newest.length)
  const changes = difference(kept, newest, { wholeWords: true })
  let count = 0
  changes.iterChanges(() => count++)
  let longest = 0
  for (const line of kept.iterLines()) longest = Math.max(longest, line.length)
  return count * longest <= maxWork
    ? changes
    : ChangeSet.of({ from: 0, to: kept.length, insert: newest }, kept.length)
}

function inBounds({ anchor, head, top, folds }: Place, text: Text): KeptEditor {
  const inside = (offset: number) => Math.min(offset, text.length)
  return {
    text,
    selection: EditorSelection.single(inside(anchor), inside(head)),
    history: null,
    folds: folds.filter(([from, to]) => from < to && to <= text.length),
    top: { ...top, offset: inside(top.offset) },
  }
}

function foldsOf(state: EditorState): Place['folds'] {
  const folds: Place['folds'] = []
  const cursor = foldedRanges(state).iter()
  for (; cursor.value && folds.length < maxFolds; cursor.next()) folds.push([cursor.from, cursor.to])
  return folds
}

/** The row of text at the upper edge, as an offset and its distance from the edge in px. */
function topOf(view: EditorView): Place['top'] {
  const { top } = view.scrollDOM.getBoundingClientRect()
  const { left } = view.contentDOM.getBoundingClientRect()
  const offset = view.posAtCoords({ x: left + 1, y: top + 1 }, false)
  const row = view.coordsAtPos(offset)
  return { offset, distance: row ? row.top - top : 0 }
}
