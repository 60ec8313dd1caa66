import type { Transaction } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'

/** How long others' words wait for a composition in which nothing happens, in ms. */
const patience = 5_000

/**
 * Knows the word that an input method is composing. Its letters stand in the page before they are final, and the
 * input method counts from where it put them: text that others insert beside them would be taken for its own.
 */
export class Composition {
  private active = false
  private awaited = false
  private timer: ReturnType<typeof setTimeout> | undefined

  /** `onEnd` is called after a composition for which something waited. */
  constructor(
    private readonly view: EditorView,
    private readonly onEnd: () => void,
  ) {
    const { contentDOM } = view
    contentDOM.addEventListener('compositionstart', this.composes)
    contentDOM.addEventListener('compositionupdate', this.composes)
    contentDOM.addEventListener('compositionend', this.ended)
  }

  /** True if changes that follow each other touch the line that is being composed: they wait for its end. */
  mustWait(transactions: readonly Transaction[]): boolean {
    if (!this.active || !touchLine(transactions, this.view.state.selection.main.head)) return false
    this.awaited = true
    this.restart()
    return true
  }

  /** Stops listening. */
  close(): void {
    const { contentDOM } = this.view
    contentDOM.removeEventListener('compositionstart', this.composes)
    contentDOM.removeEventListener('compositionupdate', this.composes)
    contentDOM.removeEventListener('compositionend', this.ended)
    clearTimeout(this.timer)
  }

  private readonly composes = (): void => {
    this.active = true
    if (this.awaited) this.restart()
  }

  private readonly ended = (): void => {
    this.active = false
    clearTimeout(this.timer)
    if (!this.awaited) return
    // CodeMirror reads the final letters from the page first. A composition that begins before that is waited for too.
    this.timer = setTimeout(() => {
      this.awaited = false
      this.onEnd()
    })
  }

  private restart(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      // Takes the word as it stands.
      this.view.contentDOM.blur()
      this.view.focus()
    }, patience)
  }
}

function touchLine(transactions: readonly Transaction[], head: number): boolean {
  let position = head
  let touches = false
  for (const { changes, startState } of transactions) {
    const line = startState.doc.lineAt(position)
    changes.iterChangedRanges((from, to) => {
      touches ||= to >= line.from && from <= line.to
    })
    position = changes.mapPos(position)
  }
  return touches
}
