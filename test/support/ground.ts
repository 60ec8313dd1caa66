import { usualSizes } from '../../main/replica/writer'
import { typed } from './author'

const { page: pageCapacity } = usualSizes

/** Where the text of a test stands: alone in its document, in the middle of pages that nest, or of text given whole. */
export type Ground = 'short' | 'paged' | 'given'

/** All grounds, for tests about text: each holds on all of them. */
export const grounds: readonly Ground[] = ['short', 'paged', 'given']

const linesOf = (name: string): string => {
  const lines = Array.from(
    { length: 60 },
    (_, index) => `${name} ${index}: text that stands around the test's.\n`,
  )
  return lines.join('').slice(0, pageCapacity - 8)
}
const [outer, inner] = [linesOf('outer'), linesOf('inner')]
const middle = pageCapacity / 2

/** Text around the text of a test: as consecutive edits of an empty document, and as text. */
export interface Surroundings {
  readonly edits: readonly { from: number; to: number; insert: string }[]
  readonly before: string
  readonly after: string
}

const around = {
  before: outer.slice(0, middle) + inner.slice(0, middle),
  after: inner.slice(middle) + outer.slice(middle),
}

/**
 * The surroundings of each ground. In a given one, given text holds a page that holds given text. In a paged one the body holds a page that holds the test's text: both are full
 * but for 8 code units, so more than that goes into pages below.
 */
export const surroundings: Readonly<Record<Ground, Surroundings>> = {
  short: { edits: [], before: '', after: '' },
  paged: {
    edits: [...typed(0, outer), ...typed(middle, inner)],
    ...around,
  },
  given: {
    edits: [
      { from: 0, to: 0, insert: outer },
      { from: middle, to: middle, insert: inner },
    ],
    ...around,
  },
}

/** A text without what the ground put around it; as it is, where that does not stand there whole. */
export function ownText(text: string, ground: Ground): string {
  const { before, after } = surroundings[ground]
  const isWhole =
    text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after)
  return isWhole ? text.slice(before.length, text.length - after.length) : text
}

/** Where in a text what stands on the ground begins and ends, also where others wrote into the ground. */
export function placesOf(text: string, ground: Ground): { start: number; end: number } {
  const { before, after } = surroundings[ground]
  const [last, first] = [before.slice(-20), after.slice(0, 20)]
  const found = text.indexOf(last)
  const start = found < 0 ? 0 : found + last.length
  const end = first === '' ? text.length : text.indexOf(first, start)
  return { start, end: end < 0 ? text.length : end }
}
