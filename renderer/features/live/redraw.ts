import { syntaxTree } from '@codemirror/language'
import { StateEffect } from '@codemirror/state'
import { type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import { sourceMode } from './source-mode'

/** The pointer let go of the text. */
const released = StateEffect.define<null>()

/** Events of the window after which the pointer holds nothing. */
const ends = ['mouseup', 'dragend', 'blur'] as const

/** Knows that the pointer's button is held down in the text, and dispatches an effect when it lets go. */
export const pointerHold = ViewPlugin.fromClass(
  class {
    held = false

    constructor(private readonly view: EditorView) {
      view.contentDOM.addEventListener('mousedown', this.hold)
      for (const end of ends) window.addEventListener(end, this.release)
    }

    destroy(): void {
      this.view.contentDOM.removeEventListener('mousedown', this.hold)
      for (const end of ends) window.removeEventListener(end, this.release)
    }

    private readonly hold = ({ button }: MouseEvent): void => {
      this.held = button === 0
    }

    private readonly release = (): void => {
      if (!this.held) return
      this.held = false
      this.view.dispatch({ effects: released.of(null) })
    }
  },
)

/**
 * Returns true if what is in sight, or where the caret is, changed. While the pointer selects, decorations stay as they
 * are until it lets go: text that moved under it would be selected by mistake.
 */
export const needsRedraw = (update: ViewUpdate): boolean =>
  update.docChanged ||
  update.viewportChanged ||
  syntaxTree(update.startState) !== syntaxTree(update.state) ||
  update.startState.field(sourceMode) !== update.state.field(sourceMode) ||
  (update.selectionSet && !update.view.plugin(pointerHold)?.held) ||
  update.transactions.some(({ effects }) => effects.some((effect) => effect.is(released)))
