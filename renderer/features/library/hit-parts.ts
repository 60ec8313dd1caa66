import type { SearchHit } from '../../../preload/contract/search'

/** A piece of a line: words that were searched for, or those around them. */
interface HitPart {
  readonly words: string
  readonly isHit: boolean
}

/** As much of the line stands before its first hit, in UTF-16 code units: the row shows little more. */
const before = 16

/** Returns the line of a hit in pieces. It begins shortly before its first hit, at a word, so that a narrow row shows it. */
export function hitParts({ line, marks }: SearchHit): HitPart[] {
  const first = marks[0]?.[0] ?? 0
  const start = first > before ? line.lastIndexOf(' ', first - before) + 1 || first - before : 0
  const parts: HitPart[] = start > 0 ? [{ words: '… ', isHit: false }] : []
  let at = start
  for (const [from, to] of marks) {
    parts.push(
      { words: line.slice(at, from), isHit: false },
      { words: line.slice(Math.max(at, from), to), isHit: true },
    )
    at = Math.max(at, to)
  }
  parts.push({ words: line.slice(at), isHit: false })
  return parts.filter(({ words }) => words !== '')
}
