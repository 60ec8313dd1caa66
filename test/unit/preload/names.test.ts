import { describe, expect, it } from 'vitest'
import confusables from '../../../preload/confusables.json'
import type { Holder } from '../../../preload/contract/document'
import { isProgramName, nameSkeleton, nameWords, ownDeviceWords } from '../../../preload/names'
import { alsoWith, holderNames } from '../../../renderer/features/people/holders'
import { nameNote, personWords, sharedNames } from '../../../renderer/features/people/people'

const alike: readonly [string, string][] = [
  ['Ben', 'Ben\u200b'],
  ['Ben', '\u2060B\u00ade\u034fn\ufe0f'],
  ['Ben', 'B\u0435n'],
  ['Ben', 'Веn'],
  ['Ben', 'Ｂｅｎ'],
  ['Ben', '𝐁𝐞𝐧'],
  ['Ben', 'Ⓑⓔⓝ'],
  ['Ben', 'ben'],
  ['Ben', 'Ben\u3164'],
  ['Ben', ' Ben\u2800'],
  ['Ada Lovelace', 'Ada\u00a0\u2003Lovelace'],
  ['Iris', 'lris'],
  ['Iris', '1ris'],
  ['Olga', '0lga'],
  ['Tom', 'Torn'],
  ['Zoë', 'Zoe\u0308'],
  ['Paul', 'Рaul'],
  ['Scope', 'Ѕсоре'],
]
const apart: readonly [string, string][] = [
  ['Ben', 'Bea'],
  ['Ada', 'Eda'],
  ['Zoë', 'Zoe'],
  ['Ben', 'Ben 2'],
  ['李', '王'],
  ['👩‍👩‍👧', '👩'],
  ['Иван', 'Иветта'],
]

describe('names that look alike (C5)', () => {
  it.each(alike)('%j and %j are one name to a reader', (a, b) => {
    expect(nameSkeleton(b)).toBe(nameSkeleton(a))
    expect(
      sharedNames([
        { name: a, fingerprint: '1' },
        { name: b, fingerprint: '2' },
      ]),
    ).toEqual(new Set([a, b]))
    // The same person on two computers.
    expect(
      sharedNames([
        { name: a, fingerprint: '1' },
        { name: b, fingerprint: '1' },
      ]),
    ).toEqual(new Set())
  })

  it.each(apart)('%j and %j are two', (a, b) => {
    expect(nameSkeleton(b)).not.toBe(nameSkeleton(a))
    expect(
      sharedNames([
        { name: a, fingerprint: '1' },
        { name: b, fingerprint: '2' },
      ]),
    ).toEqual(new Set())
  })

  it('are found by the whole of Unicode’s table, each by the letters that it names', () => {
    expect(confusables.unicode).toBe('17.0')
    expect(confusables.license).toContain('UNICODE LICENSE V3')
    let [count, compared] = [0, 0]
    for (const line of confusables.prototypes.split('\n')) {
      const [characters = '', prototype = ''] = [
        line.slice(0, line.indexOf('\t')),
        line.slice(line.indexOf('\t') + 1),
      ]
      for (const character of characters) {
        count++
        // By UTS 39 a character that can be taken apart is compared by its parts.
        if (character.normalize('NFD') !== character) continue
        compared++
        expect(nameSkeleton(`x${character}x`), character).toBe(nameSkeleton(`x${prototype}x`))
      }
    }
    expect(count).toBe(6_565)
    expect(compared).toBeGreaterThan(5_000)
  })

  it('have a skeleton that is its own', () => {
    for (const name of [...alike.flat(), ...apart.flat(), 'rn', 'ﬃ', 'ǅ', 'ß', 'İ'])
      expect(nameSkeleton(nameSkeleton(name)), name).toBe(nameSkeleton(name))
  })
})

describe('names that the program itself gives', () => {
  const taken = [
    ownDeviceWords,
    'You on another computer',
    'YOU, ON ANOTHER COMPUTER',
    'Yоu, on аnother cоmputer',
    'You\u200b, on another computer',
    'You',
    'Your other computer',
    '2 other computers of yours',
    'Keeper Attic',
    'A keeper',
    'Somebody',
    'Someone without a name',
    'Swarmpad',
  ]
  it.each(taken)('%j stands in quotation marks for anyone else, with a note', (name) => {
    const [person, self] = [
      { name, own: false },
      { name, own: true },
    ]
    expect(isProgramName(name)).toBe(true)
    expect(personWords(person)).toBe(`“${name}”`)
    expect(nameNote(person, new Set())).toContain('Somebody else chose this name')
    expect([personWords(self), nameNote(self, new Set([name]))]).toEqual([ownDeviceWords, null])
    const holder: Holder = {
      ...{ key: 'a', kind: 'person', name, fingerprint: 'abc', here: true, hasMine: true },
      ...{ confirmedAt: 0, deniedAt: null },
    }
    expect(holderNames([holder])).toBe(`Also with “${name}”`)
    expect(alsoWith([holder])).toBe('Also with 1 person')
  })

  it.each(['Ben', 'Youssef', 'Yourcenar', 'Zhang You', 'Anne Keeper', 'Somebody Else', '李'])(
    '%j is left as it is',
    (name) => {
      expect(nameWords(name)).toBe(name)
      expect(nameNote({ name, own: false }, new Set())).toBeNull()
    },
  )

  it('no name is told as none', () => {
    expect(nameWords('')).toBe('Someone without a name')
    expect(
      sharedNames([
        { name: '', fingerprint: '1' },
        { name: '', fingerprint: '2' },
      ]),
    ).toEqual(new Set())
  })
})
