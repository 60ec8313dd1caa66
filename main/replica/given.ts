import { isHighSurrogate, isLowSurrogate } from '../../preload/text'
import { nameLength } from './given-format'

/**
 * Ranges of UTF-16 code units: from, to, from, to, and so on; sorted, none empty, and with at least one unit between
 * two.
 */
export type Ranges = readonly number[]

/** Returns the units that are in either. */
export function union(one: Ranges, other: Ranges): number[] {
  const all: number[] = []
  for (let left = 0, right = 0; left < one.length || right < other.length; ) {
    const isLeft = right >= other.length || (one[left] ?? Number.POSITIVE_INFINITY) <= (other[right] ?? 0)
    const [from = 0, to = 0] = isLeft ? [one[left], one[left + 1]] : [other[right], other[right + 1]]
    if (isLeft) left += 2
    else right += 2
    const end = all.at(-1)
    if (end === undefined || from > end) all.push(from, to)
    else if (to > end) all[all.length - 1] = to
  }
  return all
}

/** Returns the units of `one` that are not in `other`. */
export function minus(one: Ranges, other: Ranges): number[] {
  const rest: number[] = []
  let next = 0
  for (const [start, to] of pairs(one)) {
    let from = start
    while ((other[next + 1] ?? Number.POSITIVE_INFINITY) <= from) next += 2
    for (let place = next; (other[place] ?? Number.POSITIVE_INFINITY) < to; place += 2) {
      if ((other[place] ?? 0) > from) rest.push(from, other[place] ?? 0)
      from = Math.max(from, other[place + 1] ?? 0)
    }
    if (from < to) rest.push(from, to)
  }
  return rest
}

/** Returns the number of units in ranges. */
export function sizeOf(ranges: Ranges): number {
  let size = 0
  for (const [from, to] of pairs(ranges)) size += to - from
  return size
}

/** Iterates over ranges. */
export function* pairs(ranges: Ranges): Generator<readonly [from: number, to: number]> {
  for (let place = 0; place < ranges.length; place += 2) yield [ranges[place] ?? 0, ranges[place + 1] ?? 0]
}

/** Encodes ranges: for each, units since the one before and its length, as LEB128. Rule D6a. */
export function packRanges(ranges: Ranges): Uint8Array {
  const bytes: number[] = []
  let last = 0
  for (const place of ranges) {
    let rest = place - last
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
    bytes.push(rest)
    last = place
  }
  return Uint8Array.from(bytes)
}

/**
 * Decodes ranges of a text, as far as they are sound. A surrogate pair of which a half is in them is in them as a whole.
 * Rule D6a.
 */
export function unpackRanges(bytes: Uint8Array, text: string): Ranges {
  const ranges: number[] = []
  let last = 0
  let shift = 1
  let value = 0
  for (const byte of bytes) {
    value += (byte & 0x7f) * shift
    shift *= 0x80
    if (byte > 0x7f) continue
    last += value
    if (last > text.length) break
    ranges.push(last)
    shift = 1
    value = 0
  }
  if (ranges.length % 2 === 1) ranges.pop()
  return wholePairs(ranges, text)
}

function wholePairs(ranges: number[], text: string): Ranges {
  if (!ranges.some((place) => isInPair(text, place))) return ranges
  const whole: number[] = []
  for (const [start, end] of pairs(ranges)) {
    const from = isInPair(text, start) ? start - 1 : start
    const to = isInPair(text, end) ? end + 1 : end
    if (from <= (whole.at(-1) ?? -1)) whole[whole.length - 1] = to
    else whole.push(from, to)
  }
  return whole
}

/** Returns true for a place between the halves of a surrogate pair. */
export const isInPair = (text: string, place: number): boolean =>
  isLowSurrogate(text.charCodeAt(place)) && isHighSurrogate(text.charCodeAt(place - 1))

/**
 * How many values take out each unit of a text: places where that number changes, and by how much; place, change,
 * place, change, and so on, sorted, without changes of 0.
 */
export type Coverage = readonly number[]

/** Returns the coverage of a text of some length by ranges. */
export function coverageOf(values: Iterable<Ranges>, length: number): number[] {
  const changes = new Int32Array(length + 1)
  for (const ranges of values)
    for (const [from, to] of pairs(ranges)) {
      changes[from] = (changes[from] ?? 0) + 1
      changes[to] = (changes[to] ?? 0) - 1
    }
  const coverage: number[] = []
  changes.forEach((change, place) => {
    if (change !== 0) coverage.push(place, change)
  })
  return coverage
}

/** Adds ranges to a coverage, or with `times` -1 removes them. */
export function cover(coverage: Coverage, ranges: Ranges, times: 1 | -1): number[] {
  const sum: number[] = []
  const add = (place: number, change: number) => {
    if (sum.at(-2) !== place) sum.push(place, change)
    else if (sum.at(-1) === -change) sum.length -= 2
    else sum[sum.length - 1] = (sum.at(-1) ?? 0) + change
  }
  let known = 0
  for (const [index, place] of ranges.entries()) {
    for (; (coverage[known] ?? Number.POSITIVE_INFINITY) <= place; known += 2)
      add(coverage[known] ?? 0, coverage[known + 1] ?? 0)
    add(place, index % 2 === 0 ? times : -times)
  }
  for (; known < coverage.length; known++) sum.push(coverage[known] ?? 0)
  return sum
}

/** Returns the units that are covered at least once. */
export function coveredBy(coverage: Coverage): Ranges {
  const ranges: number[] = []
  let times = 0
  for (let index = 0; index < coverage.length; index += 2) {
    const before = times
    times += coverage[index + 1] ?? 0
    if ((before === 0) !== (times === 0)) ranges.push(coverage[index] ?? 0)
  }
  return ranges
}

/** Returns true if each unit from one place to another is covered exactly once. */
export function isCoveredOnce(coverage: Coverage, from: number, to: number): boolean {
  let times = 0
  for (let index = 0; (coverage[index] ?? Number.POSITIVE_INFINITY) < to; index += 2) {
    if ((coverage[index] ?? 0) > from && times !== 1) return false
    times += coverage[index + 1] ?? 0
  }
  return times === 1
}

/** Returns the key of a page of a session (hex) at a place in given text. */
export const kidKey = (session: string, index: number): string => `+${index}.${session.slice(0, nameLength)}`

/** Returns the beginning of the keys of a session's (hex) values, to which a number is added. */
export const valueKeys = (session: string): string => `-${session.slice(0, nameLength)}.`

/** Returns the index of the page with a key in given text; null for another key. */
export function kidIndex(key: string): number | null {
  const index = /^\+(0|[1-9][0-9]{0,8})\./.exec(key)?.[1]
  return index === undefined ? null : Number(index)
}

/** Returns true for the key of a value that takes ranges out of given text. */
export const isValueKey = (key: string): boolean => key.startsWith('-')
