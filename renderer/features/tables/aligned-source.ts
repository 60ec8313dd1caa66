import { syntaxTree } from '@codemirror/language'
import type { Range, Text } from '@codemirror/state'
import { Decoration, WidgetType } from '@codemirror/view'
import { caretInside } from '../blocks/caret-inside'
import { decorateSeen } from '../blocks/decorate-seen'
import { isSmall, tableLimits } from './limits'
import { barsOf } from './rows'

/** Room after the words of a cell; as wide as a number of letters of the code font. */
class Room extends WidgetType {
  constructor(private readonly letters: number) {
    super()
  }

  override eq(other: Room): boolean {
    return other.letters === this.letters
  }

  override toDOM(): HTMLElement {
    const room = document.createElement('span')
    room.className = 'table-room'
    room.style.width = `${this.letters}ch`
    return room
  }
}

const row = Decoration.line({ class: 'table-source', attributes: { spellcheck: 'false' } })

/**
 * Shows the source of tables in the code font, with its bars below each other where the caret is in a table, and in
 * quotes and lists, where no grid is drawn.
 */
export const alignedSource = decorateSeen(({ state, visibleRanges }, add) => {
  const { doc } = state
  for (const { from, to } of visibleRanges)
    syntaxTree(state).iterate({
      from,
      to,
      enter: (table) => {
        if (table.name !== 'Table') return
        const first = doc.lineAt(Math.max(from, table.from)).number
        const last = doc.lineAt(Math.min(to, table.to)).number
        for (let number = first; number <= last; number++) add(row.range(doc.line(number).from))
        const isNested = table.node.parent?.type.isTop === false
        if (isNested || caretInside(state, table.from, table.to))
          alignment(doc, table, first, last).forEach(add)
        return false
      },
    })
})

/**
 * Returns the room that puts the bars of a table's lines below each other, for its lines `first` to `last` (numbers in
 * `doc`). A table beyond `tableLimits` stays as it is.
 */
export function alignment(
  doc: Text,
  table: { readonly from: number; readonly to: number },
  first: number,
  last: number,
): Range<Decoration>[] {
  if (table.to - table.from > tableLimits.length) return []
  const lines = doc.sliceString(doc.lineAt(table.from).from, table.to).split('\n')
  if (!isSmall(lines)) return []
  const start = table.from - doc.lineAt(table.from).from
  const rows = lines.map((line, row) => widthsOf(line, row === 0 ? start : startOf(line, start)))
  const columns = Math.max(...rows.map((widths) => widths.length))
  const widest = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((widths) => widths[column]?.letters ?? 0)),
  )
  const top = doc.lineAt(table.from).number
  const ranges: Range<Decoration>[] = []
  for (let number = first; number <= last; number++)
    rows[number - top]?.forEach(({ letters, end }, column) => {
      const room = (widest[column] ?? 0) - letters
      if (room > 0)
        ranges.push(Decoration.widget({ widget: new Room(room), side: 1 }).range(doc.line(number).from + end))
    })
  return ranges
}

/** Offset in a further line of a table at which its words begin, after the marks of quotes and the room of lists. */
const startOf = (line: string, first: number): number =>
  /^[ \t>]*/.exec(line.slice(0, first))?.[0].length ?? 0

/** Widths of what stands before each bar of a line from `first` on, and the offsets where they end. */
function widthsOf(line: string, first: number): { letters: number; end: number }[] {
  let start = first
  return barsOf(line).flatMap((end) => {
    if (end < start) return []
    const letters = lettersIn(line.slice(start, end))
    start = end + 1
    return [{ letters, end }]
  })
}

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/

/** Width of a text in letters of the code font. */
function lettersIn(text: string): number {
  let letters = 0
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue
    letters += wide.test(character) || /\p{Emoji_Presentation}/u.test(character) ? 2 : 1
  }
  return letters
}
