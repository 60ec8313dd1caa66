import { describe, expect, it } from 'vitest'
import type { DocumentStatus } from '../../../preload/contract'
import { type ConnectionFacts, connectionWords } from '../../../renderer/state/connection'

const calm: DocumentStatus = {
  savedVersion: 3,
  loading: false,
  connection: 'connected',
  inSyncWith: 2,
  unshared: false,
  outdated: [],
  problem: null,
}

const facts = (
  status: Partial<DocumentStatus> = {},
  rest: Partial<ConnectionFacts> = {},
): ConnectionFacts => ({
  status: { ...calm, ...status },
  pending: false,
  ownVersion: 3,
  failure: null,
  people: 2,
  ...rest,
})

describe('the status line', () => {
  it.each<[string, ConnectionFacts]>([
    ['Saved on this computer · In sync with 2 people', facts()],
    ['Saved on this computer · In sync with 1 of 2 people', facts({ inSyncWith: 1 })],
    ['Saved on this computer · Connected to 2 people', facts({ inSyncWith: 0 })],
    ['Saving… · Connected to 2 people', facts({}, { pending: true })],
    ['Saving… · Connected to 2 people', facts({ savedVersion: 2 })],
    ['Saved on this computer · Offline', facts({ connection: 'off', inSyncWith: 0 }, { people: 0 })],
    [
      'Saved on this computer · Looking for peers · Edits not yet with anyone',
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
    ['Needs attention · Not saved yet · Connected to 2 people', facts({}, { pending: true, failure: 'why' })],
    ['Needs attention · Saved on this computer · In sync with 2 people', facts({ problem: 'why' })],
    ['Reading from this computer… · In sync with 2 people', facts({ loading: true })],
  ])('%s', (line, given) => {
    expect(connectionWords(given).line).toBe(line)
  })

  it('never claims more than the facts say', () => {
    for (const connection of ['off', 'unreachable', 'looking', 'connected'] as const)
      for (const inSyncWith of [0, 1, 2])
        for (const pending of [false, true])
          for (const savedVersion of [2, 3])
            for (const loading of [false, true])
              for (const failure of [null, 'why']) {
                const { line, tone } = connectionWords(
                  facts({ connection, inSyncWith, savedVersion, loading }, { pending, failure }),
                )
                const saved = !pending && savedVersion >= 3
                if (!saved) expect(line).not.toMatch(/Saved|In sync/)
                if (connection !== 'connected' || inSyncWith === 0) expect(line).not.toContain('In sync')
                if (failure !== null) expect(tone).toBe('alert')
                if (tone === 'calm') expect([saved, connection]).toEqual([true, 'connected'])
              }
  })

  it('explains each part', () => {
    const { details } = connectionWords(
      facts({ unshared: true, outdated: ['Nora'], problem: 'The disk is full.' }),
    )
    expect(details.map(({ title }) => title)).toEqual([
      'Needs attention',
      'Saved on this computer',
      'In sync with 2 people',
      'Edits not yet with anyone',
      'Update needed',
    ])
    expect(details[0]?.text).toBe('The disk is full.')
  })
})
