import type { Transaction } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'

/**
 * Keeps the text in sight where it is while others write: the line of the caret, or else the first whole line.
 * CodeMirror does so for one update between two frames, by heights that it estimates, and not for less than a pixel.
 */
export class Stillness {
  /** How far the text is from where it was, in px, as it scrolls by whole pixels. */
  private owed = 0

  constructor(private readonly view: EditorView) {}

  /** Applies changes that others made. */
  update(transactions: readonly Transaction[]): void {
    const { view } = this
    const landmark = landmarkOf(view)
    view.update(transactions)
    if (!landmark) return
    const position = transactions.reduce((place, { changes }) => changes.mapPos(place, 1), landmark.position)
    const place = view.coordsAtPos(position, 1)
    if (!place) return
    const off = place.top - landmark.top + this.owed
    const before = view.scrollDOM.scrollTop
    if (Math.abs(off) >= 0.5) view.scrollDOM.scrollTop = Math.round(before + off)
    const rest = off - (view.scrollDOM.scrollTop - before)
    // At the end of the text there may be nothing to scroll to.
    this.owed = Math.abs(rest) < 1 ? rest : 0
  }
}

/** A place in the text, in UTF-16 code units, and how far from the window's top it is, in px; null if none is in sight. */
function landmarkOf(view: EditorView): { position: number; top: number } | null {
  // A text that arrives as a whole is shown from its beginning.
  if (view.state.doc.length === 0) return null
  const sight = view.scrollDOM.getBoundingClientRect()
  const { head } = view.state.selection.main
  const caret = view.hasFocus ? view.coordsAtPos(head, 1) : null
  if (caret && caret.top >= sight.top && caret.bottom <= sight.bottom)
    return { position: head, top: caret.top }
  const line = view.viewportLineBlocks.find(({ top }) => view.documentTop + top >= sight.top)
  const place = line && view.coordsAtPos(line.from, 1)
  return place ? { position: line.from, top: place.top } : null
}
