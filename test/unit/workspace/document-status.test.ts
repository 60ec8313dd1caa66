import { describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { identityFromSeed } from '../../../main/keys/identity'
import type { ShortageCause } from '../../../main/log/quota'
import { type StatusInputs, statusParts } from '../../../main/workspace/document-status'
import type { LeftOut } from '../../../preload/contract/quarantine'
import { errorWords } from '../../../preload/messages/errors'

const mallory: LeftOut = {
  key: 'a',
  name: 'Mallory',
  fingerprint: 'k7qm-2xdp',
  kind: 'unreadable',
  dismissed: false,
}
const peer: StatusInputs['peers'][number] = {
  key: 'p',
  name: 'Ben',
  role: 'write',
  authorKey: null,
  caret: null,
  connected: true,
  outdated: false,
  full: false,
  coversAll: true,
  route: 'direct',
  connection: null,
  syncedAt: null,
  coversMine: true,
  upToDate: true,
}
const parts = (changes: Partial<StatusInputs> = {}): StatusInputs => ({
  version: 3,
  savedVersion: 3,
  late: false,
  loading: false,
  isCurrent: true,
  reachability: 'online',
  peers: [],
  unshared: false,
  journaled: false,
  shared: false,
  holders: [],
  holdersHere: new Set(),
  self: identityFromSeed(Buffer.alloc(32, 1)),
  diskProblem: null,
  shortage: null,
  leftOut: [],
  damaged: false,
  trouble: null,
  ...changes,
})

const documentStatus = (inputs: StatusInputs) => ({
  ...statusParts.saving(inputs),
  ...statusParts.peers(inputs),
  ...statusParts.holders(inputs),
  ...statusParts.leftOut(inputs),
})

const diskWords = (problem: SwarmpadError): string =>
  `${errorWords(problem)} Swarmpad keeps trying, and saves as soon as that works again.`

describe('the status of a document', () => {
  it('counts who is in sync only when all that is stored is in the text', () => {
    expect(documentStatus(parts({ peers: [peer] })).inSyncWith).toBe(1)
    expect(documentStatus(parts({ peers: [peer], isCurrent: false })).inSyncWith).toBe(0)
    expect(documentStatus(parts({ peers: [{ ...peer, upToDate: false }] })).inSyncWith).toBe(0)
    expect(documentStatus(parts({ peers: [{ ...peer, role: 'keep' }] })).inSyncWith).toBe(0)
  })

  it('S19 counts nobody as having what is in the journal alone', () => {
    const keeper: typeof peer = { ...peer, role: 'keep' }
    const holder = {
      key: 'ab'.repeat(32),
      name: 'Shed',
      isKeeper: true,
      author: null,
      coversMine: true,
      confirmedAt: 1,
      deniedAt: null,
    }
    const status = (journaled: boolean) => {
      const { keepers, holders, unshared } = documentStatus(
        parts({ peers: [keeper], holders: [holder], journaled }),
      )
      return [keepers.withMine, holders[0]?.hasMine, unshared]
    }
    expect(status(false)).toEqual([1, true, false])
    expect(status(true)).toEqual([0, false, true])
  })

  it('S17 tells of damage what it means and what to do, a keeper being as good as people', () => {
    const problem = (changes: Partial<StatusInputs>) =>
      documentStatus(parts({ damaged: true, ...changes })).problem
    expect(problem({})).toMatch(/mended as soon as someone who has the document is there.*backup\.$/)
    expect(problem({ peers: [{ ...peer, role: 'keep' }] })).toMatch(
      /being mended with what others’ computers hold/,
    )
    expect(problem({ peers: [{ ...peer, outdated: true }] })).toMatch(/as soon as someone/)
    expect(problem({ loading: true })).toMatch(/until then you see the text as it was last seen\.$/i)
    expect(problem({ damaged: false, trouble: 'Other.' })).toBe('Other.')
  })

  it('is connected by company alone, and off whoever is there', () => {
    const connection = (changes: Partial<StatusInputs>) => documentStatus(parts(changes)).connection
    expect(connection({})).toBe('looking')
    expect(connection({ reachability: 'unreachable' })).toBe('unreachable')
    expect(connection({ peers: [peer] })).toBe('connected')
    expect(connection({ peers: [{ ...peer, outdated: true }] })).toBe('looking')
    expect(connection({ peers: [peer], reachability: 'off' })).toBe('off')
  })

  it('S14 tells that there is no more room beside all else, and whether more can be given', () => {
    const shortage = (cause: ShortageCause, limit: number) =>
      documentStatus(parts({ shortage: { cause, limit }, trouble: 'x' }))
    const { problem, shortage: told } = shortage('document', 2 ** 30)
    expect(problem).toBe('x')
    expect(told?.canTakeMore).toBe(true)
    expect(told?.text).toMatch(/^This document has reached the 1 GB that it may take on this computer, so /)
    expect(shortage('profile', 16 * 2 ** 30).shortage?.text).toMatch(/^Your documents together .* the 16 GB /)
    expect(shortage('profile', 3 * 2 ** 20).shortage?.text).toMatch(/ the 3 MB /)
    expect(shortage('disk', 2 ** 29).shortage).toMatchObject({ canTakeMore: false })
    expect(documentStatus(parts()).shortage).toBeNull()
  })

  it('tells the disk before all else, and what was left out beside it', () => {
    const diskProblem = new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' })
    const { problem, leftOut } = documentStatus(parts({ diskProblem, trouble: 'x', leftOut: [mallory] }))
    expect(problem).toBe(
      `${errorWords(diskProblem)} Swarmpad keeps trying, and saves as soon as that works again.`,
    )
    expect(leftOut).toEqual([mallory])
    expect(documentStatus(parts({ leftOut: [mallory] })).problem).toBeNull()
    expect(documentStatus(parts({ trouble: 'x' })).problem).toBe('x')
  })

  it('gives the reason why edits are not saved while there are such edits, and says it once', () => {
    const diskProblem = new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' })
    const status = (changes: Partial<StatusInputs>) => documentStatus(parts({ version: 4, ...changes }))
    expect(status({})).toMatchObject({ unsaved: null, problem: null })
    expect(status({ diskProblem })).toMatchObject({
      unsaved: diskWords(diskProblem),
      problem: null,
    })
    expect(status({ trouble: 'It can take no more.' })).toMatchObject({
      unsaved: 'It can take no more.',
      problem: null,
    })
    expect(status({ late: true }).unsaved).toMatch(/^Saving takes unusually long/)
    expect(status({ damaged: true, loading: true, trouble: 'Damaged.' })).toMatchObject({
      unsaved: expect.stringMatching(/^A part of this document is damaged/),
      problem: null,
    })
    // A damaged document that was loaded before is still saved, and the damage is reported all the same.
    expect(status({ damaged: true })).toMatchObject({
      unsaved: null,
      problem: expect.stringMatching(/^A part of this document is damaged/),
    })
    expect(status({ damaged: true, trouble: 'It can take no more.' })).toMatchObject({
      unsaved: 'It can take no more.',
      problem: expect.stringMatching(/^A part of this document is damaged/),
    })
  })

  it('names no reason why something is not saved when all of it is, whatever is wrong', () => {
    const diskProblem = new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' })
    for (const wrong of [{ diskProblem }, { trouble: 'x' }, { late: true }, { damaged: true, loading: true }])
      expect(documentStatus(parts(wrong)).unsaved).toBeNull()
  })
})
