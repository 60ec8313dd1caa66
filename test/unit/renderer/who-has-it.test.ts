import { describe, expect, it } from 'vitest'
import type { Holder, Person } from '../../../preload/contract/document'
import type { Writer } from '../../../preload/contract/sharing'
import { whoHasIt } from '../../../renderer/features/sharing/who-has-it'

const person = (name: string, rest: Partial<Person> = {}): Person => ({
  key: `channel of ${name}`,
  name,
  fingerprint: `print of ${name}`,
  own: false,
  role: 'write',
  color: 1,
  hasMine: true,
  ...rest,
})
const holder = (name: string, rest: Partial<Holder> = {}): Holder => ({
  key: `computer of ${name}`,
  kind: 'person',
  name,
  fingerprint: `print of ${name}`,
  here: false,
  hasMine: true,
  confirmedAt: 1,
  deniedAt: null,
  ...rest,
})
const writer = (name: string, rest: Partial<Writer> = {}): Writer => ({
  key: `author ${name}`,
  name,
  fingerprint: `print of ${name}`,
  here: false,
  ...rest,
})
const words = (...given: Parameters<typeof whoHasIt>): string[] =>
  whoHasIt(...given).map(({ name, fingerprint, about }) =>
    [name, fingerprint, about].filter(Boolean).join(' | '),
  )

describe('who has a document', () => {
  it('is each person once: those here, those who store it, keepers, those who wrote', () => {
    expect(
      words(
        [person('Ben'), person('Cleo', { role: 'read' })],
        [
          holder('attic', { kind: 'keeper' }),
          holder('Ben', { here: true }),
          holder('Dora', { hasMine: false }),
          holder('Eve', { deniedAt: 2 }),
        ],
        [writer('Ben', { here: true }), writer('Dora'), writer('Finn')],
      ),
    ).toEqual([
      'Ben | here now',
      'Cleo | here now · reads only',
      'Dora | does not have your last words yet',
      'Eve | lost some of your words',
      'Keeper attic | has all your words',
      'Finn | wrote here',
    ])
    expect(words([], [], [])).toEqual([])
  })

  it('has fingerprints where names look alike', () => {
    expect(words([person('Ben')], [], [writer('B\u0435n')])).toEqual([
      'Ben | print of Ben | here now',
      'B\u0435n | print of B\u0435n | wrote here',
    ])
  })

  it("has this person's other computer once, and keepers that have no name", () => {
    const own = { own: true, fingerprint: 'mine' }
    const held = { kind: 'own', fingerprint: 'mine' } as const
    expect(
      words(
        [person('Ada', own)],
        [holder('Ada', { ...held, here: true }), holder('', { kind: 'keeper', here: true })],
        [],
      ),
    ).toEqual(['You, on another computer | here now', 'A keeper | here now · has all your words'])
    expect(words([], [holder('Ada', held)], [])).toEqual(['You, on another computer | has all your words'])
  })
})
