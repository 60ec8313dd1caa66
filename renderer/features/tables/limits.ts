import { cellsOf } from './rows'

/** Bounds of a table that is drawn or aligned; a greater one stays as it was typed. Length in UTF-16 code units. */
export const tableLimits = { rows: 200, columns: 20, cells: 1_200, length: 30_000 } as const

/** True if lines of a table are within the bounds. */
export function isSmall(lines: readonly string[]): boolean {
  const length = lines.reduce((sum, line) => sum + line.length + 1, 0)
  if (lines.length > tableLimits.rows + 2 || length > tableLimits.length) return false
  const columns = cellsOf(lines[0] ?? '').length
  return columns <= tableLimits.columns && columns * (lines.length - 2) <= tableLimits.cells
}
