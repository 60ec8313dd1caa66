import { syntaxTree } from '@codemirror/language'
import { StateEffect } from '@codemirror/state'
import { type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import { sourceMode } from './source-mode'

/** The pointer let go of the text. */
const released = StateEffect.define<null>()

/** Events of the window after which the pointer holds nothing. */
const ends = ['mouseup', 'dragend', 'blur'] as const

/** Dispatches an effect when the pointer lets go of the text, upon which `needsRedraw` returns true. */
export const pointerRelease = ViewPlugin.fromClass(
  class {
    private held = false

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
export const needsRedraw = ({ docChanged, viewportChanged, startState, state, transactions }: ViewUpdate) =>
  docChanged ||
  viewportChanged ||
  syntaxTree(startState) !== syntaxTree(state) ||
  startState.field(sourceMode) !== state.field(sourceMode) ||
  transactions.some(
    (transaction) =>
      (transaction.selection && !transaction.isUserEvent('select.pointer')) ||
      transaction.effects.some((effect) => effect.is(released)),
  )
