import { maxCount, type SearchHit } from '../../preload/contract/search'
import { FoldedText } from '../../preload/text/fold'
import { bestPlace, excerpt } from './excerpt'
import { headings } from './headings'
import type { ParsedQuery, Range } from './query'

/** Places of each word that are marked in a line. */
const maxMarks = 50

/** A document as it is searched. */
export class SearchedDocument {
  readonly id: string
  readonly title: FoldedText
  /** When its text last changed here, in ms since the Unix epoch; null for never. */
  readonly editedAt: number | null
  /** The text last seen; null while it is not here. */
  readonly text: FoldedText | null
  private foldedHeadings: readonly Range[] | null = null

  constructor(options: { id: string; title: FoldedText; editedAt: number | null; text: FoldedText | null }) {
    this.id = options.id
    this.title = options.title
    this.editedAt = options.editedAt
    this.text = options.text
  }

  /** Returns the text that a query looks through; '' while it is not here. */
  subject(query: ParsedQuery): string {
    return this.text ? subjectOf(this.text, query) : ''
  }

  /** Returns the ranges of the headings in that. */
  headings(query: ParsedQuery): readonly Range[] {
    if (query.kind === 'regexp') return headings(this.subject(query))
    this.foldedHeadings ??= headings(this.subject(query))
    return this.foldedHeadings
  }
}

/** A document in which all was found that was looked for. */
export interface Match {
  readonly document: SearchedDocument
  readonly where: SearchHit['where']
  /** How well it matches; more is better. */
  readonly rank: number
  /** Number of hits, up to `maxCount`. */
  readonly count: number
}

/** Returns how a document matches a query; null if something is not in it. */
export function match(document: SearchedDocument, query: ParsedQuery): Match | null {
  const { finders } = query
  const title = subjectOf(document.title, query)
  const text = document.subject(query)
  if (finders.length > 1 && !finders.every((finder) => finder.isIn(title) || finder.isIn(text))) return null
  let count = 0
  for (const finder of finders) {
    count += finder.count(title, maxCount - count)
    count += finder.count(text, maxCount - count)
  }
  if (count === 0) return null
  const isWithin = (part: string) => finders.every((finder) => finder.isIn(part))
  if (isWithin(title)) return { document, count, where: 'title', rank: 2 + titleRank(title, query.whole) }
  const isHeading = document.headings(query).some(([from, to]) => isWithin(text.slice(from, to)))
  return isHeading
    ? { document, count, where: 'heading', rank: 1 }
    : { document, count, where: 'text', rank: 0 }
}

/** Returns how well a title that has all words answers to them in a row, from 0. */
function titleRank(title: string, whole: string): number {
  if (whole === '') return 0
  if (title === whole) return 3
  if (title.startsWith(whole)) return 2
  return title.includes(` ${whole}`) ? 1 : 0
}

/** Compares matches by rank, number of hits and age, so that the best one comes first. */
export function compareMatches(a: Match, b: Match): number {
  return (
    b.rank - a.rank ||
    b.count - a.count ||
    (b.document.editedAt ?? 0) - (a.document.editedAt ?? 0) ||
    (a.document.id < b.document.id ? -1 : 1)
  )
}

/** Returns the hit of a match, for people. */
export function hitOf({ document, where, count }: Match, query: ParsedQuery): SearchHit {
  const { id, title, text } = document
  const place = bestPlace(document.subject(query), query.finders, document.headings(query))
  const found = { id, title: title.original, where, count }
  if (!text || !place) return { ...found, line: title.original, marks: marksIn(title, query), at: null }
  const [from, to] = originalRange(text, query, place)
  const { line, start, lead } = excerpt(text.original, [from, to])
  const marks = marksIn(new FoldedText(line), query)
  // A phrase may go over the end of the line, and an expression may look around.
  const own: Range = [from - start + lead, Math.min(to - start + lead, line.length)]
  return { ...found, line, marks: marks.length > 0 ? marks : [own], at: { from, to } }
}

/** Returns the places of a line in which a finder finds something, in order, without overlaps. */
function marksIn(line: FoldedText, query: ParsedQuery): Range[] {
  const places = query.finders
    .flatMap((finder) => finder.ranges(subjectOf(line, query), maxMarks))
    .map((range) => originalRange(line, query, range))
    .sort(([a], [b]) => a - b)
  const marks: [number, number][] = []
  for (const [from, to] of places) {
    const last = marks.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else marks.push([from, to])
  }
  return marks
}

const subjectOf = (text: FoldedText, { kind }: ParsedQuery): string =>
  kind === 'words' ? text.folded : text.original

function originalRange(text: FoldedText, { kind }: ParsedQuery, [from, to]: Range): Range {
  if (kind === 'regexp') return [from, to]
  const range = text.range(from, to)
  return [range.from, range.to]
}
