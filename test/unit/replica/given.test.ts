import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cover,
  coverageOf,
  coveredBy,
  isCoveredOnce,
  minus,
  packRanges,
  pairs,
  type Ranges,
  sizeOf,
  union,
  unpackRanges,
} from '../../../main/replica/given'
import { checkRanges } from '../../../main/replica/given-format'
import { fuzz } from '../../support/fuzz'

const length = 40
const text = 'x'.repeat(length)
const units = fc.uniqueArray(fc.nat(length - 1), { maxLength: length })

/** Ranges of units, as their definition says it. */
function rangesOf(wanted: Iterable<number>): Ranges {
  const set = new Set(wanted)
  const ranges: number[] = []
  for (let unit = 0; unit <= length; unit++) if (set.has(unit) !== set.has(unit - 1)) ranges.push(unit)
  return ranges
}

const unitsOf = (ranges: Ranges): number[] =>
  [...pairs(ranges)].flatMap(([from, to]) => Array.from({ length: to - from }, (_, index) => from + index))

describe('ranges of given text (D6a)', () => {
  it('are united, subtracted, counted and packed as sets of units', () => {
    fuzz(300, fc.tuple(units, units), ([one, other]) => {
      const [left, right] = [rangesOf(one), rangesOf(other)]
      expect(union(left, right)).toEqual(rangesOf([...one, ...other]))
      expect(minus(left, right)).toEqual(rangesOf(one.filter((unit) => !other.includes(unit))))
      expect(sizeOf(left)).toBe(one.length)
      expect(unpackRanges(packRanges(left), text)).toEqual(left)
      expect(checkRanges(packRanges(left))).toBe(left.at(-1) ?? 0)
    })
  })

  it('that touch are joined', () => {
    expect(union([1, 3, 3, 5, 6, 7, 7, 9], [])).toEqual([1, 5, 6, 9])
  })

  it('cover a unit as often as values take it out, however values come and go', () => {
    fuzz(200, fc.array(units, { minLength: 1, maxLength: 6 }), (values) => {
      const ranges = values.map(rangesOf)
      const all = ranges.reduce<Ranges>((sum, value) => cover(sum, value, 1), [])
      expect(all).toEqual(coverageOf(ranges, length))
      expect(coveredBy(all)).toEqual(rangesOf(values.flat()))
      for (let unit = 0; unit < length; unit++) {
        const times = values.filter((value) => value.includes(unit)).length
        expect(isCoveredOnce(all, unit, unit + 1)).toBe(times === 1)
      }
      expect(ranges.reduce<Ranges>((sum, value) => cover(sum, value, -1), all)).toEqual([])
    })
  })

  it('take out a surrogate pair as a whole when they touch a half of it', () => {
    const pair = 'a😀b😀'
    expect(unpackRanges(packRanges([2, 3]), pair)).toEqual([1, 3])
    expect(unpackRanges(packRanges([0, 2, 3, 5]), pair)).toEqual([0, 6])
    expect(unitsOf(unpackRanges(packRanges([0, 1]), pair))).toEqual([0])
  })

  it('end where a value is cut short or leaves the text', () => {
    expect(unpackRanges(Uint8Array.of(1, 2, 3), text)).toEqual([1, 3])
    expect(unpackRanges(Uint8Array.of(1, 2, 3, 0x80), text)).toEqual([1, 3])
    expect(unpackRanges(Uint8Array.of(1, 2, 0xff, 0xff, 0xff, 0x7f, 1), text)).toEqual([1, 3])
  })
})
