import type { Text } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import type { EditorSession } from './extension'
import { inSlices } from './slices'
import { later } from './throttle'

/** Time from a change until the text is read again, in ms. */
const pause = 400

/** Code that reads something out of a text. */
export interface TextReader<Result> {
  /** Begins to read a text; each step takes well below a millisecond. */
  read(text: Text): Generator<void, Result>
  /** Takes the result. The text may have changed since the reading began; then another reading follows. */
  take(result: Result): void
  /** Forgets the result: nothing shows it, or the editor has another text. */
  forget(): void
}

/** Reads the text of an editor in slices while something watches: at once, and a while after changes. */
export class TextReading<Result> {
  private view: EditorView | null = null
  private isWatched = false
  /** The text changed since the last reading began. */
  private isStale = false
  /** Cancels the reading that is due or under way; null without one. */
  private cancel: (() => void) | null = null

  constructor(private readonly reader: TextReader<Result>) {}

  /** Follows an editor; the result ends it. */
  attach(view: EditorView, session: EditorSession): () => void {
    this.forget()
    this.view = view
    this.request(0)
    const stopListening = session.on('text', () => {
      this.isStale = true
      this.request(pause)
    })
    return () => {
      stopListening()
      this.stop()
      this.view = null
    }
  }

  /** Reads from now on; the result stops it. */
  watch(): () => void {
    this.isWatched = true
    this.request(0)
    return () => {
      this.isWatched = false
      this.forget()
    }
  }

  /** Reads in `ms` ms, unless a reading is due or under way: others may write without a pause. */
  private request(ms: number): void {
    const { view } = this
    if (this.isWatched && view) this.cancel ??= later(ms, () => void this.read(view))
  }

  private async read(view: EditorView): Promise<void> {
    const reading = { isOver: false }
    this.cancel = () => (reading.isOver = true)
    this.isStale = false
    const result = await inSlices(this.reader.read(view.state.doc), () => reading.isOver)
    if (result === null || reading.isOver) return
    this.cancel = null
    this.reader.take(result)
    if (this.isStale) this.request(pause)
  }

  private stop(): void {
    this.cancel?.()
    this.cancel = null
  }

  private forget(): void {
    this.stop()
    this.reader.forget()
  }
}
