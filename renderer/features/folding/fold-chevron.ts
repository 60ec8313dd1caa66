import { foldedRanges } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import { isFoldable } from './foldable'

/** Distance between the chevron and the text, and the width of the chevron, in px. */
const gap = 4
const width = 20

/** Where the chevron is shown, in px from the corner of the scrolled text. */
interface Spot {
  readonly left: number
  readonly top: number
  readonly height: number
  readonly isFolded: boolean
}

/**
 * Shows a chevron left of the line under the pointer, if something can be folded there. It stands beside the text,
 * never in it, and takes no place. `toggle` folds or opens what stands below the line at an offset.
 */
export const foldChevron = (toggle: (view: EditorView, offset: number) => void): Extension =>
  ViewPlugin.fromClass(
    class {
      private readonly button = document.createElement('button')
      /** Start of the line under the pointer; null without one. */
      private line: number | null = null

      constructor(private readonly view: EditorView) {
        const { button } = this
        button.type = 'button'
        // Commands fold by keyboard.
        button.tabIndex = -1
        button.className = 'fold-chevron'
        button.hidden = true
        button.addEventListener('mousedown', (event) => event.preventDefault())
        button.addEventListener('click', () => {
          if (this.line !== null) toggle(view, this.line)
        })
        view.scrollDOM.append(button)
        view.dom.addEventListener('mousemove', this.moved, { passive: true })
        view.dom.addEventListener('mouseleave', this.left)
        view.contentDOM.addEventListener('keydown', this.left)
      }

      update(update: ViewUpdate): void {
        if (this.line === null) return
        if (update.docChanged) this.line = update.state.doc.lineAt(update.changes.mapPos(this.line)).from
        const folds = foldedRanges(update.startState) !== foldedRanges(update.state)
        if (update.docChanged || update.geometryChanged || folds) this.place()
      }

      destroy(): void {
        const { view } = this
        this.button.remove()
        view.dom.removeEventListener('mousemove', this.moved)
        view.dom.removeEventListener('mouseleave', this.left)
        view.contentDOM.removeEventListener('keydown', this.left)
      }

      private readonly moved = (event: MouseEvent): void => {
        const { view, button } = this
        if (event.target === button) return
        const block = view.lineBlockAtHeight(event.clientY - view.documentTop)
        const line = view.state.doc.lineAt(block.from).from
        if (line === this.line) return
        this.line = line
        this.place()
      }

      private readonly left = (): void => {
        // On each key; setting `hidden` again would cost it another calculation of styles.
        if (this.line === null) return
        this.line = null
        this.button.hidden = true
      }

      private place(): void {
        this.view.requestMeasure({ key: this, read: () => this.read(), write: (spot) => this.write(spot) })
      }

      private read(): Spot | null {
        const { view, line } = this
        if (line === null || line > view.state.doc.length) return null
        const first = view.state.doc.lineAt(line)
        const isFolded = startsFold(view, first.from, first.to)
        const row = isFolded || isFoldable(view.state, first) ? view.coordsAtPos(first.from, 1) : null
        if (!row) return null
        const edge = view.scrollDOM.getBoundingClientRect()
        return {
          left: Math.max(2, row.left - edge.left + view.scrollDOM.scrollLeft - width - gap),
          top: row.top - edge.top + view.scrollDOM.scrollTop,
          height: row.bottom - row.top,
          isFolded,
        }
      }

      private write(spot: Spot | null): void {
        const { button } = this
        button.hidden = spot === null
        if (!spot) return
        button.style.left = `${spot.left}px`
        button.style.top = `${spot.top}px`
        button.style.height = `${spot.height}px`
        button.classList.toggle('folded', spot.isFolded)
        button.title = spot.isFolded ? 'Unfold' : 'Fold'
        button.setAttribute('aria-label', button.title)
      }
    },
  )

function startsFold(view: EditorView, from: number, to: number): boolean {
  let found = false
  foldedRanges(view.state).between(from, to, (start) => {
    found ||= start >= from && start <= to
  })
  return found
}
