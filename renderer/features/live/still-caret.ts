import { type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'

/** Smaller moves are differences between fonts in a row, not rows, in px. */
const least = 6

/**
 * Keeps the row of the caret at its height on the screen when marks that show or hide above it, or in its own line,
 * wrap the text differently.
 */
export const stillCaret = ViewPlugin.fromClass(
  class {
    constructor(private readonly view: EditorView) {}

    update(update: ViewUpdate): void {
      if (update.docChanged || !update.selectionSet) return
      const { view } = this
      const { head } = update.state.selection.main
      // The page still has the layout before this update, and the text is the same.
      const before = rowIn(view, head)
      const top = view.scrollDOM.scrollTop
      if (before === null) return
      view.requestMeasure({
        key: this,
        read: () => {
          const after = view.coordsAtPos(head)
          const scrolled = view.scrollDOM.scrollTop - top
          return after ? (after.top + after.bottom) / 2 + scrolled - before : 0
        },
        write: (moved) => {
          if (Math.abs(moved) >= least) view.scrollDOM.scrollTop += moved
        },
      })
    }
  },
)

/** The middle of the row of an offset, in px from the top of the window; null if it is not in sight. */
function rowIn(view: EditorView, offset: number): number | null {
  const { from, to } = view.viewport
  if (offset < from || offset > to) return null
  const { node, offset: at } = view.domAtPos(offset)
  const range = document.createRange()
  range.setStart(node, at)
  const rect = range.getClientRects()[0]
  const { top, bottom } = view.scrollDOM.getBoundingClientRect()
  if (!rect || rect.height === 0 || rect.top < top || rect.bottom > bottom) return null
  return (rect.top + rect.bottom) / 2
}
