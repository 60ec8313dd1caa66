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
  const rect = letterAt(view.domAtPos(offset))
  const { top, bottom } = view.scrollDOM.getBoundingClientRect()
  if (!rect || rect.height === 0 || rect.top < top || rect.bottom > bottom) return null
  return (rect.top + rect.bottom) / 2
}

/**
 * The box of the letter after a place of the page, which says its row where the text wraps; else of the one before. At
 * the edge of a hidden mark it is the box of what stands there instead.
 */
function letterAt({ node, offset }: { node: Node; offset: number }): DOMRect | null {
  const child = node.childNodes[offset] ?? node.childNodes[offset - 1]
  if (child instanceof Element) return child.getBoundingClientRect()
  const text = child ?? node
  const length = text.nodeType === Node.TEXT_NODE ? (text.textContent?.length ?? 0) : 0
  if (length === 0) return null
  const range = document.createRange()
  const from = child ? 0 : Math.min(offset, length - 1)
  range.setStart(text, from)
  range.setEnd(text, from + 1)
  return range.getClientRects()[0] ?? null
}
