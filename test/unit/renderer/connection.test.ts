import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DocumentStatus, Holder } from '../../../preload/contract/document'
import type { LeftOut } from '../../../preload/contract/quarantine'
import {
  type ConnectionFacts,
  connectionWords,
  unsavedReason,
  untoldWords,
} from '../../../renderer/features/document/connection'

const mallory: LeftOut = {
  key: 'a',
  name: 'Mallory',
  fingerprint: 'k7qm-2xdp',
  kind: 'unreadable',
  dismissed: false,
}

const holder: Holder = {
  key: 'b',
  kind: 'person',
  name: 'Ben',
  fingerprint: 'k7qm-2xdp',
  here: false,
  hasMine: true,
  confirmedAt: 1,
  deniedAt: null,
}
const keeper: Holder = { ...holder, key: 'k', kind: 'keeper', name: 'Attic' }

const calm: DocumentStatus = {
  savedVersion: 3,
  loading: false,
  connection: 'connected',
  inSyncWith: 2,
  keepers: { all: 0, withMine: 0 },
  unshared: false,
  shared: true,
  holders: [],
  damaged: false,
  full: [],
  outdated: [],
  problem: null,
  unsaved: null,
  shortage: null,
  leftOut: [],
}

/** A note that was never shared. */
const alone: Partial<DocumentStatus> = { connection: 'looking', inSyncWith: 0, unshared: true, shared: false }

const facts = (
  status: Partial<DocumentStatus> = {},
  rest: Partial<ConnectionFacts> = {},
): ConnectionFacts => ({
  status: { ...calm, ...status },
  pending: false,
  ownVersion: 3,
  failure: null,
  slowToSave: false,
  slowToRead: false,
  people: 2,
  own: 0,
  ...rest,
})

const connections = ['off', 'unreachable', 'looking', 'connected'] as const
const everyCombination = connections.flatMap((connection) =>
  [0, 1, 2].flatMap((inSyncWith) =>
    [2, 3].flatMap((savedVersion) =>
      [false, true].flatMap((pending) =>
        [false, true].flatMap((loading) =>
          [null, 'why'].map((failure) => ({
            connection,
            inSyncWith,
            savedVersion,
            pending,
            loading,
            failure,
          })),
        ),
      ),
    ),
  ),
)

const isSaved = ({ status, pending, ownVersion }: ConnectionFacts): boolean =>
  !pending && ownVersion <= status.savedVersion && status.unsaved === null

/** Nobody else has it, or could have it. */
const isPrivate = ({ status, people }: ConnectionFacts): boolean =>
  !status.shared &&
  people === 0 &&
  status.connection !== 'connected' &&
  status.keepers.all + status.holders.length + status.outdated.length === 0

type Said = ReturnType<typeof connectionWords>

const wordsOf = ({ line, details }: Said): string => [line, ...details.map(({ title }) => title)].join('\n')

/** The words about saving and syncing hold. */
function expectSavingTrue(given: ConnectionFacts, said: Said): void {
  const { status, failure } = given
  const { line, details } = said
  const words = wordsOf(said)
  const saved = isSaved(given)
  const synced = saved && status.connection === 'connected' && status.inSyncWith > 0
  expect(/Saved/.test(words)).toBe(saved && !status.loading)
  expect(/In sync/.test(words)).toBe(synced)
  expect(details.some(({ text }) => /safely stored|confirmed that every edit/.test(text))).toBe(
    (saved && !status.loading) || synced,
  )
  const counted = /In sync with (\d+)/.exec(line)?.[1]
  if (counted) expect(Number(counted)).toBeLessThanOrEqual(status.inSyncWith)
  const reason = failure ?? status.unsaved
  expect(unsavedReason(given) !== null).toBe(!saved && reason !== null)
  expect(words.includes('Not saved')).toBe(!saved && reason !== null)
  expect(/Saving/.test(words)).toBe(!saved && reason === null)
  expect(line.includes('Saving…')).toBe(!saved && reason === null && given.slowToSave)
  expect(line.includes('Reading')).toBe(saved && status.loading && given.slowToRead)
}

/** All trouble is shown, and the tone is calm only without trouble. */
function expectTroubleShown(given: ConnectionFacts, { line, tone, details }: Said): void {
  const { status, failure } = given
  const reason = failure ?? status.unsaved
  const trouble = [
    status.problem,
    status.shortage?.text ?? null,
    reason,
    ...untoldWords(status.leftOut),
  ].filter((words) => words !== null)
  expect(tone === 'alert').toBe(trouble.length > 0)
  expect(line.includes('Needs attention')).toBe(trouble.length > 0)
  for (const reason of trouble) expect(details.some(({ text }) => text.includes(reason))).toBe(true)
  if (tone !== 'calm') return
  expect(isSaved(given)).toBe(true)
  if (isPrivate(given)) return
  expect(status.unshared).toBe(false)
  const kept = status.connection === 'looking' && status.holders.some(({ hasMine }) => hasMine)
  expect(status.connection === 'connected' || kept).toBe(true)
}

/** The words about other computers hold. */
function expectReplicasTrue(given: ConnectionFacts, said: Said): void {
  const { status } = given
  const { line } = said
  const saved = isSaved(given)
  const also = /Also with (.*?)( ·|$)/.exec(line)?.[1] ?? ''
  expect(saved || also === '').toBe(true)
  expect(also.includes('1 person')).toBe(also !== '' && status.holders.includes(holder))
  expect(also.includes('1 keeper')).toBe(also !== '' && status.holders.includes(keeper))
  expect(line.includes('on this computer only')).toBe(
    saved && !status.loading && status.unshared && !isPrivate(given),
  )
  expect(wordsOf(said).includes('Update needed')).toBe(status.outdated.length > 0)
}

describe('the status line', () => {
  it.each<[string, ConnectionFacts]>([
    ['Saved on this computer · In sync with 2 people', facts()],
    ['Saved on this computer · In sync with 1 of 2 people', facts({ inSyncWith: 1 })],
    [
      'Saved on this computer · In sync with your other computer',
      facts({ inSyncWith: 1 }, { people: 1, own: 1 }),
    ],
    ['Saved on this computer · In sync with 2 people', facts({}, { own: 1 })],
    ['Saved on this computer · Connected to 2 people', facts({ inSyncWith: 0 })],
    [
      'Saved on this computer · In sync with 2 people and 1 keeper',
      facts({ keepers: { all: 2, withMine: 1 } }),
    ],
    [
      'Saved on this computer · Also with 2 keepers',
      facts(
        {
          connection: 'looking',
          inSyncWith: 0,
          keepers: { all: 2, withMine: 2 },
          holders: [keeper, { ...keeper, key: 'l' }],
        },
        { people: 0 },
      ),
    ],
    [
      'Saving… · Connected to 1 keeper',
      facts(
        { connection: 'looking', inSyncWith: 0, keepers: { all: 1, withMine: 1 }, holders: [keeper] },
        { people: 0, pending: true, slowToSave: true },
      ),
    ],
    [
      'Saved on this computer only · Connected to 1 keeper',
      facts(
        { connection: 'looking', inSyncWith: 0, unshared: true, keepers: { all: 1, withMine: 0 } },
        { people: 0 },
      ),
    ],
    [
      'Saved on this computer · Also with 1 person, your other computer and 1 keeper · Offline',
      facts(
        {
          connection: 'off',
          inSyncWith: 0,
          holders: [
            holder,
            keeper,
            { ...holder, key: 'o', kind: 'own' },
            { ...holder, key: 'c', hasMine: false },
          ],
        },
        { people: 0 },
      ),
    ],
    [
      'Saved on this computer · In sync with 2 people · No room left: Attic',
      facts({ full: ['Attic'], keepers: { all: 1, withMine: 0 } }),
    ],
    ['Saving… · Connected to 2 people', facts({}, { pending: true, slowToSave: true })],
    ['Saving… · Connected to 2 people', facts({ savedVersion: 2 }, { slowToSave: true })],
    // Neither saved nor saving is said in the first seconds.
    ['Connected to 2 people', facts({ savedVersion: 2 })],
    ['', facts({ ...alone, savedVersion: 2 }, { people: 0 })],
    ['', facts({ ...alone, loading: true }, { people: 0 })],
    ['Saving…', facts({ ...alone, savedVersion: 2 }, { people: 0, slowToSave: true })],
    ['Saved', facts(alone, { people: 0 })],
    ['Saved', facts({ ...alone, connection: 'unreachable' }, { people: 0 })],
    ['Saved · Offline', facts({ ...alone, connection: 'off' }, { people: 0 })],
    ['Needs attention · Not saved', facts({ ...alone, savedVersion: 2, unsaved: 'why' }, { people: 0 })],
    ['Saved on this computer · Offline', facts({ connection: 'off', inSyncWith: 0 }, { people: 0 })],
    [
      'Saved on this computer only · Nobody else is here',
      facts({ connection: 'looking', inSyncWith: 0, unshared: true }, { people: 0 }),
    ],
    [
      'Saved on this computer · No connection to the network',
      facts({ connection: 'unreachable', inSyncWith: 0 }, { people: 0 }),
    ],
    [
      'Saved on this computer · Connected · Update needed: Nora',
      facts({ inSyncWith: 0, outdated: ['Nora'] }, { people: 0 }),
    ],
    ['Needs attention · Not saved · Connected to 2 people', facts({}, { pending: true, failure: 'why' })],
    ['Needs attention · Not saved · Connected to 2 people', facts({ savedVersion: 2, unsaved: 'why' })],
    // The window has heard of no edit of its own that waits: it is one that was put in again.
    ['Needs attention · Not saved · Connected to 2 people', facts({ unsaved: 'why' })],
    ['Needs attention · Saved on this computer · In sync with 2 people', facts({ problem: 'why' })],
    ['Reading from this computer… · In sync with 2 people', facts({ loading: true }, { slowToRead: true })],
  ])('%s', (line, given) => {
    expect(connectionWords(given).line).toBe(line)
  })

  it('says nothing of others where a note was never shared, and has no colour of trouble', () => {
    for (const status of [
      alone,
      { ...alone, unshared: false },
      { ...alone, connection: 'unreachable' as const },
    ]) {
      const said = connectionWords(facts(status, { people: 0 }))
      expect(said.tone).toBe('calm')
      expect(said.details.map(({ title }) => title)).toEqual([
        'Saved on this computer',
        'On this computer only',
      ])
    }
    // While it is typed in or opened, the dot has no colour.
    for (const status of [
      { ...alone, savedVersion: 2 },
      { ...alone, loading: true },
    ])
      expect(connectionWords(facts(status, { people: 0 })).tone).toBe('apart')
    expect(connectionWords(facts({ ...alone, shared: true }, { people: 0 })).line).toContain(
      'Nobody else is here',
    )
  })

  it('never claims more than the facts say', () => {
    for (const { pending, failure, ...status } of everyCombination) {
      const { line, tone } = connectionWords(facts(status, { pending, failure }))
      const saved = !pending && status.savedVersion >= 3
      if (!saved) expect(line).not.toMatch(/Saved|In sync/)
      if (status.connection !== 'connected' || status.inSyncWith === 0) expect(line).not.toContain('In sync')
      if (failure !== null) expect(tone).toBe('alert')
      if (tone === 'calm') expect([saved, status.connection]).toEqual([true, 'connected'])
    }
    expect(everyCombination.length).toBe(4 * 3 * 2 * 2 * 2 * 2)
  })

  it('claims nothing that its facts deny, and hides no trouble, whatever they are', () => {
    const given = fc.record({
      status: fc.record({
        savedVersion: fc.nat(4),
        loading: fc.boolean(),
        connection: fc.constantFrom(...connections),
        inSyncWith: fc.nat(3),
        keepers: fc.record({ all: fc.nat(2), withMine: fc.nat(2) }),
        unshared: fc.boolean(),
        shared: fc.boolean(),
        holders: fc.subarray([holder, keeper, { ...holder, key: 'c', hasMine: false }]),
        full: fc.subarray(['Attic', '']),
        damaged: fc.boolean(),
        outdated: fc.subarray(['Nora', 'Olu', 'Pia']),
        problem: fc.constantFrom(null, 'Damaged.'),
        unsaved: fc.constantFrom(null, 'The disk is full.'),
        shortage: fc.constantFrom(null, { text: 'No more room.', canTakeMore: true }),
        leftOut: fc.subarray([mallory, { ...mallory, key: 'b', name: 'Trudy', dismissed: true }]),
      }),
      pending: fc.boolean(),
      ownVersion: fc.nat(4),
      failure: fc.constantFrom(null, 'No answer.'),
      people: fc.nat(3),
      own: fc.nat(1),
      slowToSave: fc.boolean(),
      slowToRead: fc.boolean(),
    })
    fc.assert(
      fc.property(given, (all) => {
        const said = connectionWords(all)
        expectSavingTrue(all, said)
        expectTroubleShown(all, said)
        expectReplicasTrue(all, said)
      }),
      { numRuns: 5_000 },
    )
  })

  it('names whose edits were left out until that was put away', () => {
    const told = connectionWords(facts({ leftOut: [mallory] }))
    expect([told.line, told.tone]).toEqual([expect.stringMatching(/^Needs attention/), 'alert'])
    expect(told.details[0]?.text).toBe('Edits by Mallory (k7qm-2xdp) could not be read and were left out.')
    const away = connectionWords(facts({ leftOut: [{ ...mallory, dismissed: true }] }))
    expect(away.line).not.toContain('Needs attention')
    expect(away.details.map(({ title }) => title)).not.toContain('Needs attention')
  })

  it('explains each part', () => {
    const { details } = connectionWords(
      facts({ unshared: true, outdated: ['Nora'], problem: 'The disk is full.' }),
    )
    expect(details.map(({ title }) => title)).toEqual([
      'Needs attention',
      'Saved on this computer',
      'In sync with 2 people',
      'On this computer only',
      'Update needed',
    ])
    expect(details[0]?.text).toBe('The disk is full.')
  })
})
