/** A cell of a row: offsets of its words in the row's text, without the blanks around them. */
export interface Cell {
  readonly from: number
  readonly to: number
}

/** Returns the offsets of the bars of a line that part cells: a backslash takes the meaning from a bar. */
export function barsOf(line: string): number[] {
  const bars: number[] = []
  for (let index = 0; index < line.length; index++) {
    const character = line[index]
    if (character === '\\') index++
    else if (character === '|') bars.push(index)
  }
  return bars
}

/**
 * Returns the cells of a line of a table, offsets in UTF-16 code units from its start. A cell without words stands
 * one blank after its bar, if there is one.
 */
export function cellsOf(line: string): Cell[] {
  const bars = barsOf(line)
  const edges = [-1, ...bars, line.length]
  return edges.slice(1).flatMap((end, index) => {
    const start = (edges[index] ?? -1) + 1
    const text = line.slice(start, end)
    const words = text.trim()
    const outside = index === 0 || index === bars.length
    if (words === '' && outside) return []
    const from = start + (words === '' ? Math.min(1, text.length) : text.length - text.trimStart().length)
    return [{ from, to: from + words.length }]
  })
}

/** How a column's words stand; null for the reader's own way. */
export type Alignment = 'left' | 'center' | 'right' | null

/** Returns the columns' alignments from the line of hyphens below a table's header. */
export const alignmentsOf = (line: string): Alignment[] =>
  cellsOf(line).map(({ from, to }) => {
    const left = line[from] === ':'
    const right = to > from + 1 && line[to - 1] === ':'
    if (left && right) return 'center'
    if (right) return 'right'
    return left ? 'left' : null
  })
