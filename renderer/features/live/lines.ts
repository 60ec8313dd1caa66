import type { Line, Text } from '@codemirror/state'

/** A line longer than this, in UTF-16 code units, is shown as it is written. */
export const longestLine = 5_000

/** A stretch of the text, in UTF-16 code units. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** Layout of a line in sight, as the blocks around it make it. Offsets are UTF-16 code units in the document. */
export interface LineLayout {
  readonly line: Line
  /** Nesting of quotes and of lists; `before` are the lists outside the outermost quote. */
  quotes: number
  lists: number
  before: number
  /** Columns that a line inside a list is indented by, at most. */
  indent: number
  /** End of the marks at its beginning, with the blank after them. */
  contentFrom: number
  /** Drawn in place of the mark of an item of a list, such as '•' or '3.'; null for other lines. */
  item: string | null
  task: { readonly from: number; readonly done: boolean } | null
  /** Level of a heading; 0 for other lines. */
  heading: number
  /** Offset of the heading that the line underlines; null for other lines. */
  underlines: number | null
}

/** The lines of a stretch of the text, each with its layout. */
export class Lines {
  private readonly doc: Text
  private readonly layouts = new Map<number, LineLayout>()
  private readonly first: number
  private readonly last: number

  constructor(doc: Text, from: number, to: number) {
    this.doc = doc
    this.first = doc.lineAt(from).number
    this.last = doc.lineAt(to).number
    for (let number = this.first; number <= this.last; number++) {
      const line = doc.line(number)
      if (line.length <= longestLine) this.layouts.set(number, empty(line))
    }
  }

  /** Every line that is laid out, in the order of the text. */
  all(): Iterable<LineLayout> {
    return this.layouts.values()
  }

  /** The line at an offset; undefined if it is out of sight or too long. */
  at(offset: number): LineLayout | undefined {
    const { number } = this.doc.lineAt(offset)
    return this.layouts.get(number)
  }

  /** Calls `change` for each line of a block. */
  each(from: number, to: number, change: (layout: LineLayout, isFirst: boolean) => void): void {
    const begin = this.doc.lineAt(from).number
    const end = Math.min(this.last, this.doc.lineAt(Math.max(from, to)).number)
    for (let number = Math.max(this.first, begin); number <= end; number++) {
      const layout = this.layouts.get(number)
      if (layout) change(layout, number === begin)
    }
  }

  /** Notes a mark at the beginning of a line; marks come in the order of the text. */
  addMark(from: number, to: number): LineLayout | undefined {
    const layout = this.at(from)
    if (!layout || !isPrefix(layout, from)) return undefined
    const blank = layout.line.text[to - layout.line.from] === ' ' ? 1 : 0
    layout.contentFrom = to + blank
    return layout
  }

  /** Extends the beginning of each line over the blanks that only say how deep it lies in a list. */
  finish(): void {
    for (const layout of this.layouts.values()) {
      const { line } = layout
      if (layout.item || layout.indent === 0) continue
      const rest = line.text.slice(layout.contentFrom - line.from)
      const blanks = /^[ \t]*/.exec(rest)?.[0].length ?? 0
      // A line of blanks has no words that they could indent.
      if (blanks === rest.length) continue
      const limit = Math.max(0, line.from + layout.indent - layout.contentFrom)
      layout.contentFrom += Math.min(blanks, limit)
    }
  }
}

/** Only marks and blanks stand before `offset`. */
const isPrefix = ({ line, contentFrom }: LineLayout, offset: number): boolean =>
  offset >= contentFrom && /^[ \t]*$/.test(line.text.slice(contentFrom - line.from, offset - line.from))

const empty = (line: Line): LineLayout => ({
  line,
  quotes: 0,
  lists: 0,
  before: 0,
  indent: 0,
  contentFrom: line.from,
  item: null,
  task: null,
  heading: 0,
  underlines: null,
})
