import { expect, it } from 'vitest'
import { parseQuery } from '../../../main/search/query'
import { randomFrom } from '../../support/random'

const pieces = [
  ...[
    'a',
    'k',
    'S',
    'b+',
    '.',
    '\\b',
    '\\B',
    '\\w',
    '\\W',
    '\\d*',
    '\\s+',
    '^',
    '$',
    '[^k]',
    '[a-s]',
    '[\\W_]',
  ],
  ...['(k|s)', '(?<=s)', '(?!a)', '\\.', '\\u212a', '\\xe4', '\\p{Lu}', 'ä', 'ſ', '(?<n>a)\\k<n>', '(.)\\1'],
]
const letters = [
  'a',
  'k',
  's',
  'K',
  'S',
  'b',
  ' ',
  '\n',
  '_',
  '7',
  '.',
  'ä',
  'Ä',
  'ß',
  'ẞ',
  'ſ',
  '\u212a',
  '😀',
]

it('an expression finds in any text what it finds with the flag u', () => {
  const random = randomFrom(31)
  let found = 0
  for (let run = 0; run < 2_500; run++) {
    const source = Array.from({ length: 1 + (run % 4) }, () => random.pick(pieces)).join('')
    const alphabet = letters.slice(0, [11, 15, letters.length][run % 3])
    const text = Array.from({ length: 30 }, () => random.pick(alphabet)).join('')
    const [finder] = parseQuery({ text: source, kind: 'regexp' })?.finders ?? []
    // The name of a group may stand in it twice.
    if (!finder) continue
    const expected = [...text.matchAll(new RegExp(source, 'gimu'))].flatMap(({ 0: { length }, index }) =>
      length > 0 ? [[index, index + length]] : [],
    )
    expect([source, text, finder.ranges(text, 1_000)]).toEqual([source, text, expected])
    found += expected.length
  }
  expect(found).toBeGreaterThan(1_000)
})
