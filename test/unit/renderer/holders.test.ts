import { describe, expect, it } from 'vitest'
import type { Holder } from '../../../preload/contract/document'
import { alsoWith, holderNames, holderRows } from '../../../renderer/features/people/holders'

const now = new Date(2026, 10, 28, 15, 0).getTime()
const ben: Holder = {
  key: 'b',
  kind: 'person',
  name: 'Ben',
  fingerprint: 'k7qm-2xdp',
  here: true,
  hasMine: true,
  confirmedAt: now - 5 * 60_000,
  deniedAt: null,
}
const attic: Holder = { ...ben, key: 'k', kind: 'keeper', name: 'Attic', here: false, hasMine: false }
const nameless: Holder = { ...attic, key: 'n', name: '', deniedAt: now - 1_000 }
const own: Holder = { ...ben, key: 'o', kind: 'own', name: 'Ada' }

describe('who has what was written here', () => {
  it('counts those who have all of it, people, own computers and keepers apart', () => {
    expect(alsoWith([])).toBe('')
    expect(alsoWith([attic, nameless])).toBe('')
    const cleo = { ...ben, key: 'c', name: 'Cleo', fingerprint: 'zzzz-zzzz' }
    expect(alsoWith([ben, cleo, { ...attic, hasMine: true }])).toBe('Also with 2 people and 1 keeper')
    // Two computers of one person.
    expect(alsoWith([ben, { ...ben, key: 'd' }, cleo])).toBe('Also with 2 people')
    expect(alsoWith([own])).toBe('Also with your other computer')
  })

  it('names them for a hint', () => {
    expect(holderNames([attic])).toBe('')
    expect(holderNames([ben, { ...ben, key: 'd' }])).toBe('Also with Ben')
    expect(holderNames([ben, own, { ...attic, hasMine: true }, nameless])).toBe(
      'Also with Ben, Keeper Attic and your other computer',
    )
  })

  it('says of each since when, whether it is there, and when a word was broken', () => {
    expect(
      holderRows([ben, attic, nameless, own], now).map(({ name, about, has }) => [name, about, has]),
    ).toEqual([
      ['Ben', 'has all your words · confirmed 5 min ago · here now', 'all'],
      ['Keeper Attic', 'has not confirmed your last words · confirmed 5 min ago', 'some'],
      ['A keeper', 'no longer has all that it confirmed 5 min ago · told just now', 'broken'],
      ['You, on another computer', 'has all your words · confirmed 5 min ago · here now', 'all'],
    ])
  })
})
