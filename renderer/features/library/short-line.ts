import type { SearchHit } from '../../../preload/contract/search'

/** As much of the line stands before its first hit, in UTF-16 code units: a row shows little more. */
const before = 16

/** Returns the line of a hit and its marks, begun shortly before the first mark, at a word, so that a narrow row shows it. */
export function shortLine({
  line,
  marks,
}: Pick<SearchHit, 'line' | 'marks'>): Pick<SearchHit, 'line' | 'marks'> {
  const first = marks[0]?.[0] ?? 0
  if (first <= before) return { line, marks }
  const start = line.lastIndexOf(' ', first - before) + 1 || first - before
  const lead = '… '
  const by = lead.length - start
  return { line: lead + line.slice(start), marks: marks.map(([from, to]) => [from + by, to + by] as const) }
}
