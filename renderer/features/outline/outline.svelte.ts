import { type ChangeDesc, EditorSelection } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import type { EditorFeature, EditorSession } from '../../editor/extension'
import { Throttle } from '../../editor/throttle'
import { type Heading, type ReadHeadings, readHeadings } from './headings'

/** Time from a change until headings are read again, in ms. */
const pause = 400
/** Interval at which the current section is looked for while text scrolls, in ms. */
const interval = 100
/** Time for reading before the window is free again, in ms. */
const slice = 8
/** Distance of a heading that was gone to from the upper edge, in px. */
const margin = 24

/** Keeps an outline in step with the editor; `of` returns it. */
export const outline = (of: () => Outline): EditorFeature => ({
  extension: EditorView.updateListener.of(({ docChanged, changes }) => {
    if (docChanged) of().changed(changes.desc)
  }),
  attach: (view, session) => of().attach(view, session),
})

/** The headings of the document on screen. They are read while something watches them. */
export class Outline {
  /** Null until they were read. */
  headings = $state.raw<readonly Heading[] | null>(null)
  /** Index of the heading whose section the person is in; -1 before the first. */
  current = $state(-1)
  private known: ReadHeadings | null = null
  private view: EditorView | null = null
  private isWatched = false
  /** Changes of the text since the headings on screen were read; null for none. */
  private since: ChangeDesc | null = null
  /** The reading under way, with the changes of the text since it began. */
  private reading: { since: ChangeDesc | null } | null = null
  /** Cancels the reading that is due or under way; null without one. */
  private cancel: (() => void) | null = null
  private readonly looking = new Throttle(interval, later, () => this.look())

  /** Notes that the text changed. */
  changed(changes: ChangeDesc): void {
    if (this.headings) this.since = together(this.since, changes)
    if (this.reading) this.reading.since = together(this.reading.since, changes)
  }

  /** Follows an editor; the result ends it. */
  attach(view: EditorView, session: EditorSession): () => void {
    // Earlier headings belong to the text of an earlier editor.
    this.forget()
    this.view = view
    const look = (): void => {
      if (this.isWatched) this.looking.request()
    }
    const stops = [session.on('text', () => this.request(pause)), session.on('selection', look)]
    view.scrollDOM.addEventListener('scroll', look, { passive: true })
    this.request(0)
    return () => {
      for (const stop of stops) stop()
      view.scrollDOM.removeEventListener('scroll', look)
      this.stop()
      this.looking.stop()
      this.view = null
    }
  }

  /** Reads the headings from now on; the result stops it. */
  watch(): () => void {
    this.isWatched = true
    this.request(0)
    return () => {
      this.isWatched = false
      this.forget()
    }
  }

  /** Moves the caret to a heading, at the upper edge, and the keyboard to the text. */
  goTo(index: number): void {
    const heading = this.headings?.[index]
    const { view } = this
    if (!heading || !view) return
    const line = view.state.doc.lineAt(this.offsetOf(heading))
    view.dispatch({
      selection: EditorSelection.cursor(line.to),
      effects: EditorView.scrollIntoView(line.from, { y: 'start', yMargin: margin }),
      userEvent: 'select',
    })
    view.focus()
  }

  /** Reads in `ms` ms, unless a reading is due or under way: its end asks for the next one. */
  private request(ms: number): void {
    if (this.isWatched && this.view) this.cancel ??= later(ms, () => this.read())
  }

  private stop(): void {
    this.cancel?.()
    this.cancel = null
    this.reading = null
  }

  private forget(): void {
    this.stop()
    this.known = null
    this.headings = null
    this.since = null
  }

  private read(): void {
    const { view, known, since: changes } = this
    if (!view) return
    const reading: { since: ChangeDesc | null } = { since: null }
    this.reading = reading
    const steps = readHeadings(view.state.doc, known && changes ? { known, changes } : null)
    const go = (): void => {
      const end = performance.now() + slice
      let step = steps.next()
      while (!step.done && performance.now() < end) step = steps.next()
      if (!step.done) {
        this.cancel = later(0, go)
        return
      }
      this.stop()
      this.known = step.value
      this.headings = step.value.headings
      this.since = reading.since
      this.look()
      if (this.since) this.request(pause)
    }
    go()
  }

  private look(): void {
    const { view, headings } = this
    if (!view || !headings) return
    const offset = offsetInSight(view)
    let [low, high] = [0, headings.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const heading = headings[middle]
      if (heading && this.offsetOf(heading) <= offset) low = middle + 1
      else high = middle
    }
    this.current = low - 1
  }

  private offsetOf({ from }: Heading): number {
    return this.since?.mapPos(from, 1) ?? from
  }
}

const together = (before: ChangeDesc | null, changes: ChangeDesc): ChangeDesc =>
  before?.composeDesc(changes) ?? changes

/** The caret if it is in sight, else the first line that is. */
function offsetInSight(view: EditorView): number {
  const { head } = view.state.selection.main
  const { top, bottom } = view.scrollDOM.getBoundingClientRect()
  const block = view.lineBlockAt(head)
  const [from, to] = [block.top + view.documentTop, block.bottom + view.documentTop]
  if (to > top && from < bottom) return head
  return view.lineBlockAtHeight(top + margin - view.documentTop).from
}

function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
