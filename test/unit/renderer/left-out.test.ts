import { describe, expect, it } from 'vitest'
import type { LeftOut, LeftOutDetails } from '../../../preload/contract/quarantine'
import { leftOutWords } from '../../../preload/left-out-words'
import { sizeWords } from '../../../preload/messages/format'
import { byPerson, lostWords } from '../../../renderer/features/quarantine/left-out'

const by = (name: string, fingerprint: string, kind: LeftOut['kind'] = 'unreadable'): LeftOut => ({
  key: `${kind}:${name}${fingerprint}`,
  name,
  fingerprint,
  kind,
  dismissed: false,
})
const mallory = by('Mallory', 'k7qm-2xdp')

describe('the notice', () => {
  it.each<[LeftOut[], string[]]>([
    [[], []],
    [[mallory], ['Edits by Mallory (k7qm-2xdp) could not be read and were left out.']],
    [
      [mallory, { ...mallory, key: 'again' }],
      ['Edits by Mallory (k7qm-2xdp) could not be read and were left out.'],
    ],
    [
      [mallory, by('', '')],
      ['Edits by Mallory (k7qm-2xdp) and someone whose name could not be read were left out.'],
    ],
    [
      [by('', 'aaaa-bbbb')],
      ['Edits by someone without a name (aaaa-bbbb) could not be read and were left out.'],
    ],
    [
      ['A', 'B', 'C', 'D', 'E'].map((name) => by(name, `${name}-1`)),
      ['Edits by A (A-1), B (B-1), C (C-1) and 2 more people could not be read and were left out.'],
    ],
  ])('names whose edits are left out: %#', (leftOut, words) => {
    expect(leftOutWords(leftOut)).toEqual(words)
  })

  it('tells of two copies in words of its own', () => {
    const words = leftOutWords([mallory, by('Ada', 'aaaa-bbbb', 'two-histories')])
    expect(words).toHaveLength(2)
    expect(words[1]).toMatch(/^Two copies of one running Swarmpad wrote here as Ada \(aaaa-bbbb\)\./)
  })
})

const details = (
  entry: LeftOut,
  lost: Partial<NonNullable<LeftOutDetails['lost']>> = {},
): LeftOutDetails => ({
  ...entry,
  reason: 'They are damaged.',
  lost: { first: 1, edits: 3, size: 1_234, more: false, text: '', ...lost },
})

describe('what the dialog tells', () => {
  it('goes by people, and marks a name that two of them use', () => {
    const again = { ...mallory, key: 'again' }
    const people = byPerson(
      [details(mallory), details(by('Ada', 'aaaa-bbbb')), details(again), details(by('', ''))],
      [{ name: 'Ada', fingerprint: 'cccc-dddd' }],
    )
    expect(people.map(({ name, sharesName, entries }) => [name, sharesName, entries.length])).toEqual([
      ['Mallory', false, 2],
      ['Ada', true, 1],
      ['', false, 1],
    ])
  })

  it.each<[Partial<NonNullable<LeftOutDetails['lost']>>, string]>([
    [{}, 'Nothing of one sitting could be read: 3 edits, 1.2 kB.'],
    [{ edits: 1, more: true }, 'Nothing of one sitting could be read: 1 edit, more than 1.2 kB.'],
    [{ first: 2 }, 'The first edit of one sitting is in the text. What follows is not: 3 edits, 1.2 kB.'],
    [{ first: 5 }, 'The first 4 edits of one sitting are in the text. What follows is not: 3 edits, 1.2 kB.'],
  ])('says how much there is: %#', (lost, words) => {
    expect(lostWords(details(mallory, lost), 'en')).toBe(words)
  })

  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1_000, '1 kB'],
    [64 * 1024 * 1024, '67 MB'],
    [5e15, '5,000 TB'],
  ])('gives %d bytes a round size', (bytes, words) => {
    expect(sizeWords(bytes, 'en')).toBe(words)
  })
})
