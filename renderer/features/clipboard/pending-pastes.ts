import { isolateHistory } from '@codemirror/commands'
import type { ChangeDesc, EditorState, TransactionSpec } from '@codemirror/state'
import type { PastedMarkdown } from './html/html-to-markdown'
import { insertMarkdown, type PastePlace, pasteStep } from './insert-markdown'

/** The part of an EditorView that pastes need. */
export interface PasteEditor {
  readonly state: EditorState
  dispatch(spec: TransactionSpec): void
}

/** Something that is being converted or read, to be put into the text. */
export interface PendingPaste {
  /** Text to put in if the document is left before; '' for none. */
  readonly plain: string
  /** Empty places in the text as it is now. */
  places: readonly PastePlace[]
  /** The selected text that the paste replaced, for each place. */
  readonly removed: readonly string[]
  /** Nothing was edited here since the selected text was removed. */
  isNext: boolean
}

/**
 * Pastes whose text is not there yet. The selected text goes at once, so that what is typed meanwhile comes behind
 * the paste and is never replaced by it; pastes at one place keep their order.
 */
export class PendingPastes {
  /** In the order in which they began. */
  private entries: readonly PendingPaste[] = []
  /** Those before this index began earlier than the one that is being put in. */
  private earlier = Number.POSITIVE_INFINITY

  /** Begins a paste in place of the selected text. */
  begin(editor: PasteEditor, plain: string): PendingPaste {
    const { state } = editor
    const { ranges } = state.selection
    const removed = ranges.map(({ from, to }) => state.sliceDoc(from, to))
    const changes = state.changes(ranges.map(({ from, to }) => ({ from, to })))
    const isNext = !changes.empty
    if (isNext)
      editor.dispatch({
        changes,
        scrollIntoView: true,
        userEvent: 'delete.selection',
        annotations: isolateHistory.of('full'),
      })
    const places = ranges.map(({ from }) => changes.mapPos(from)).map((from) => ({ from, to: from }))
    return this.add({ places, plain, removed, isNext })
  }

  /** Begins a paste at an offset in UTF-16 code units. */
  beginAt(offset: number): PendingPaste {
    return this.add({ places: [{ from: offset, to: offset }], plain: '', removed: [], isNext: false })
  }

  /** True until the paste is put in. */
  has(paste: PendingPaste): boolean {
    return this.entries.includes(paste)
  }

  /** Moves the places along with an edit; `isOwn` if it was made here. */
  follow(changes: ChangeDesc, isOwn: boolean): void {
    this.entries.forEach((entry, index) => {
      // Text inserted at the place meanwhile is behind it, except for a paste that began earlier.
      const side = index < this.earlier ? -1 : 1
      entry.places = entry.places.map(({ from }) => {
        const place = changes.mapPos(from, side)
        return { from: place, to: place }
      })
      if (isOwn) entry.isNext = false
    })
  }

  /** Puts a paste in; if it has no text, the text that it replaced comes back. */
  put(editor: PasteEditor, paste: PendingPaste, pasted: PastedMarkdown): void {
    const index = this.entries.indexOf(paste)
    const entry = this.entries[index]
    if (!entry) return
    this.entries = this.entries.filter((other) => other !== entry)
    const { places, removed, isNext } = entry
    if (pasted.markdown === '' && removed.every((text) => text === '')) return
    const step =
      pasted.markdown === ''
        ? pasteStep(
            editor.state,
            places.map((place, at) => ({ ...place, insert: removed[at] ?? '' })),
            places,
          )
        : insertMarkdown(editor.state, places, pasted)
    this.earlier = index
    try {
      // CodeMirror's history joins edits of this name with the one before: here, the removal of the selected text.
      editor.dispatch(
        isNext ? { ...step, userEvent: 'input.type.compose', annotations: isolateHistory.of('after') } : step,
      )
    } finally {
      this.earlier = Number.POSITIVE_INFINITY
    }
  }

  /** Puts all in as plain text, since the document is left; returns those that have none. */
  leave(editor: PasteEditor): readonly PendingPaste[] {
    const { entries } = this
    for (const entry of entries)
      this.put(editor, entry, { markdown: entry.plain, startsInline: true, endsInline: true })
    return entries.filter(({ plain }) => plain === '')
  }

  private add(entry: PendingPaste): PendingPaste {
    this.entries = [...this.entries, entry]
    return entry
  }
}
