import type { TextRange } from '../../preload/contract/search'
import { isLowSurrogate } from '../../preload/text'
import type { Finder, Range } from './query'

/** Length of an excerpt, and how much of it stands before the hit, in UTF-16 code units. */
const width = 120
const before = 40
/** How far from a hit the ends of its line are looked for, in UTF-16 code units: a text may have no line breaks. */
const reach = 2_000
/** Places of each word that are compared, to find the best line. */
const maxPlaces = 100

/** Matches marks of Markdown at the beginning of a line, and the blanks after them. */
const lineMarks = /^[\s>#*+-]*(?:\d{1,9}[.)]\s+)?(?:\[[ xX]\]\s+)?/

/**
 * Returns the place of a text that shows best that it matches: the first hit of the line in which most of the finders
 * find something, a heading before other lines. Null if none finds anything.
 */
export function bestPlace(
  text: string,
  finders: readonly Finder[],
  headings: readonly Range[],
): Range | null {
  const starts = new Set(headings.map(([from]) => from))
  const value = (start: number, count: number) => 2 * count + (starts.has(start) ? 1 : 0)
  let best: { value: number; hit: Range } | null = null
  for (const [start, line] of linesWithHits(text, finders)) {
    const found = { value: value(start, line.finders.size), hit: line.hit }
    if (!best || found.value > best.value || (found.value === best.value && found.hit[0] < best.hit[0]))
      best = found
  }
  return best?.hit ?? null
}

/** A line in which finders find something, and the first hit in it. */
interface FoundLine {
  readonly finders: Set<Finder>
  hit: Range
}

/** Returns the lines with the first hits of each finder, by the offset at which they begin. */
function linesWithHits(text: string, finders: readonly Finder[]): Map<number, FoundLine> {
  const lines = new Map<number, FoundLine>()
  for (const finder of finders) {
    let around: TextRange | null = null
    for (const hit of finder.ranges(text, maxPlaces)) {
      // Most lines with hits have several of them.
      if (!around || hit[0] >= around.to) around = lineAround(text, hit[0])
      const line = lines.get(around.from)
      if (!line) lines.set(around.from, { finders: new Set([finder]), hit })
      else {
        line.finders.add(finder)
        if (hit[0] < line.hit[0]) line.hit = hit
      }
    }
  }
  return lines
}

/** A part of a line. */
export interface Excerpt {
  readonly line: string
  /** Where it begins in the text, and the length of what stands before that in `line`: a mark that it was cut. */
  readonly start: number
  readonly lead: number
}

/** Returns about 120 code units of the line of a hit, without marks of Markdown at its beginning. */
export function excerpt(text: string, hit: Range): Excerpt {
  const line = lineAround(text, hit[0])
  const marks = lineMarks.exec(text.slice(line.from, hit[0]))?.[0].length ?? 0
  const first = line.from + marks
  let start = line.to - first <= width ? first : Math.max(first, Math.min(hit[0] - before, line.to - width))
  let end = Math.min(line.to, start + width)
  if (start > first && isLowSurrogate(text.charCodeAt(start))) start--
  if (end < line.to && isLowSurrogate(text.charCodeAt(end))) end--
  const lead = start > first ? '…' : ''
  const cut = lead + text.slice(start, end) + (end < line.to ? '…' : '')
  return { line: cut, start, lead: lead.length }
}

/** Returns the range of the line around a place, as far as it is within reach. */
function lineAround(text: string, place: number): TextRange {
  const left = Math.max(0, place - reach)
  const head = text.slice(left, place)
  const tail = text.slice(place, place + reach)
  const end = tail.indexOf('\n')
  return { from: left + head.lastIndexOf('\n') + 1, to: place + (end < 0 ? tail.length : end) }
}
