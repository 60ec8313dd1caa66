import { type ChangeDesc, EditorSelection, type Text } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import type { EditorFeature, EditorSession } from '../../editor/extension'
import { TextReading } from '../../editor/text-reading'
import { later, Throttle } from '../../editor/throttle'
import { type Heading, type ReadHeadings, readHeadings } from './headings'

/** Interval at which the current section is looked for while text scrolls, in ms. */
const interval = 100
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
  /** Changes of the text since the headings on screen were read; null for none. */
  private since: ChangeDesc | null = null
  /** The reading under way, with the changes of the text since it began; null without one. */
  private underWay: { since: ChangeDesc | null } | null = null
  private readonly looking = new Throttle(interval, later, () => this.look())
  private readonly reading = new TextReading<ReadHeadings>({
    read: (text) => this.read(text),
    take: (read) => this.take(read),
    forget: () => this.forget(),
  })

  /** Notes that the text changed. */
  changed(changes: ChangeDesc): void {
    if (this.headings) this.since = together(this.since, changes)
    if (this.underWay) this.underWay.since = together(this.underWay.since, changes)
  }

  /** Follows an editor; the result ends it. */
  attach(view: EditorView, session: EditorSession): () => void {
    this.view = view
    const look = (): void => {
      if (this.headings) this.looking.request()
    }
    const stops = [this.reading.attach(view, session), session.on('selection', look)]
    view.scrollDOM.addEventListener('scroll', look, { passive: true })
    return () => {
      for (const stop of stops) stop()
      view.scrollDOM.removeEventListener('scroll', look)
      this.looking.stop()
      this.view = null
    }
  }

  /** Reads the headings from now on; the result stops it. */
  watch(): () => void {
    return this.reading.watch()
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

  private read(text: Text): Generator<void, ReadHeadings> {
    const { known, since } = this
    this.underWay = { since: null }
    return readHeadings(text, known && since ? { known, changes: since } : null)
  }

  private take(read: ReadHeadings): void {
    this.known = read
    this.headings = read.headings
    this.since = this.underWay?.since ?? null
    this.underWay = null
    this.look()
  }

  private forget(): void {
    this.known = null
    this.headings = null
    this.since = null
    this.underWay = null
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
