import { expect, it } from 'vitest'
import { sameData } from '../../../main/base/same-data'

const same: [unknown, unknown][] = [
  [1, 1],
  [Number.NaN, Number.NaN],
  [null, null],
  ['a', 'a'],
  [[], []],
  [{ a: [1, { b: null }] }, { a: [1, { b: null }] }],
  [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
]
const different: [unknown, unknown][] = [
  [1, 2],
  [1, '1'],
  [null, undefined],
  [null, {}],
  [[], {}],
  [[1], [1, 2]],
  [
    [1, 2],
    [2, 1],
  ],
  [{ a: 1 }, { a: 1, b: 2 }],
  [{ a: undefined }, { b: undefined }],
  [{ a: { b: 1 } }, { a: { b: 2 } }],
]

it.each(same)('%j and %j are the same', (a, b) => {
  expect([sameData(a, b), sameData(b, a)]).toEqual([true, true])
})

it.each(different)('%j and %j differ', (a, b) => {
  expect([sameData(a, b), sameData(b, a)]).toEqual([false, false])
})
