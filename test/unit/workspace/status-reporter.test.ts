import { beforeEach, describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { identityFromSeed } from '../../../main/keys/identity'
import type { PeerState } from '../../../main/sync/state/peer-state'
import { StatusReporter } from '../../../main/workspace/status-reporter'
import type { DocumentStatus } from '../../../preload/contract/document'
import { Emitter } from '../../../preload/emitter'
import { ManualClock } from '../../support/manual-clock'

interface LogEvents {
  problem: null
  shortage: null
  fork: null
  damaged: null
  mended: null
}

const peer = (key: string): PeerState => ({
  key,
  name: `peer ${key}`,
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
})

let clock: ManualClock
let document: {
  version: number
  savedVersion: number
  loading: boolean
  isCurrent: boolean
  isJournaled: boolean
  faults: []
  trouble: null
}
let log: { problem: SwarmpadError | null; shortage: null; health: { isDamaged: boolean } }
let peers: PeerState[]
let events: Emitter<LogEvents>
/** Times that the list of peers and the one of left-out edits were read. */
let reads: { peers: number; leftOut: number }
let signals: number
let sent: Partial<DocumentStatus>[]
let synced: number[]
let problems: string[]
let reporter: StatusReporter
/** Runs in each 'status' event. */
let onStatus: () => void

beforeEach(() => {
  clock = new ManualClock()
  document = {
    ...{ version: 3, savedVersion: 3, loading: false, isCurrent: true },
    ...{ isJournaled: false, faults: [], trouble: null },
  }
  log = { problem: null, shortage: null, health: { isDamaged: false } }
  peers = [peer('a'), peer('b')]
  events = new Emitter()
  reads = { peers: 0, leftOut: 0 }
  signals = 0
  sent = []
  synced = []
  problems = []
  onStatus = () => undefined
  const on = (name: keyof LogEvents) => (listener: (detail: never) => void) =>
    events.on(name, listener as () => void)
  reporter = new StatusReporter({
    clock,
    document,
    log: Object.assign(log, {
      onProblem: on('problem'),
      onShortage: on('shortage'),
      onFork: on('fork'),
      onDamaged: on('damaged'),
      onMended: on('mended'),
    }),
    quarantine: {
      list: () => {
        reads.leftOut++
        return []
      },
    },
    peers: () => ({
      get peers() {
        reads.peers++
        return peers
      },
      unshared: false,
      replicas: [],
      connectedReplicas: new Set(),
    }),
    reachability: () => 'online',
    self: () => ({ identity: identityFromSeed(Buffer.alloc(32, 1)) }),
    isShared: () => true,
    onDirty: () => signals++,
    onStatus: (changes) => {
      sent.push(changes)
      onStatus()
    },
    onSynced: (count) => synced.push(count),
    onProblem: (message) => problems.push(message),
  })
  reporter.report()
})

/** All that was sent, the later fields over the earlier ones. */
const merged = () => Object.assign({}, ...sent)

describe('a status reporter', () => {
  it('sends all fields at first, and then those that changed', () => {
    expect([sent.length, merged()]).toEqual([1, reporter.current])
    reporter.report()
    document.loading = true
    reporter.report()
    reporter.report()
    expect(sent.slice(1)).toEqual([{ loading: true }])
  })

  it('reads neither peers nor left-out edits for a key of this person', () => {
    reads = { peers: 0, leftOut: 0 }
    for (let key = 0; key < 20; key++) {
      document.version++
      reporter.report()
    }
    expect([reads, sent.length]).toEqual([{ peers: 0, leftOut: 0 }, 1])
  })

  it('reads peers once for any number of them, and for marks and what was saved', () => {
    peers = Array.from({ length: 50 }, (_, index) => peer(`${index}`))
    reads.peers = 0
    reporter.mark('peers', 'holders')
    reporter.mark('peers')
    reporter.report()
    expect([reads.peers, sent.at(-1)]).toEqual([1, { inSyncWith: 50 }])
    document.savedVersion = document.version = 4
    reporter.report()
    expect([reads.peers, sent.at(-1)]).toEqual([2, { savedVersion: 4 }])
  })

  it('never calls saved what it says is in sync by what was known before', () => {
    document.version = 4
    reporter.report()
    document.savedVersion = 4
    peers = peers.map((one) => ({ ...one, coversAll: false }))
    reporter.report()
    expect([sent.at(-1), synced]).toEqual([{ savedVersion: 4, inSyncWith: 0 }, [2]])
    peers = peers.map((one) => ({ ...one, coversAll: true }))
    reporter.mark('peers')
    reporter.report()
    expect(synced).toEqual([2, 2])
  })

  it('tells that it is synced once for each version, also when nobody saw that it was not', () => {
    reporter.report()
    expect(synced).toEqual([2])
    document.savedVersion = document.version = 4
    reporter.report()
    reporter.mark('peers')
    reporter.report()
    expect(synced).toEqual([2, 2])
  })

  it('finds within a second what nothing signalled', () => {
    peers = []
    reporter.report()
    expect(sent).toHaveLength(1)
    clock.jump(1_000)
    reporter.report()
    expect(sent.at(-1)).toEqual({ connection: 'looking', inSyncWith: 0 })
  })

  it('sends what it returns, so that later changes fit it', () => {
    peers = []
    expect(reporter.current.inSyncWith).toBe(0)
    peers = [peer('a'), peer('b')]
    reporter.mark('peers')
    reporter.report()
    expect(merged()).toEqual(reporter.current)
    expect(sent).toHaveLength(3)
  })

  it('returns to a listener what it just sent', () => {
    const seen: boolean[] = []
    onStatus = () => {
      document.loading = !document.loading
      seen.push(reporter.current.loading)
    }
    document.loading = true
    reporter.report()
    expect([seen, sent.length]).toEqual([[true], 2])
  })

  it('signals events of the log, and tells each problem once', () => {
    for (const name of ['problem', 'shortage', 'fork', 'damaged', 'mended'] as const) events.emit(name, null)
    expect(signals).toBe(5)
    log.problem = new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' })
    for (let turn = 0; turn < 3; turn++) reporter.report()
    expect(problems).toHaveLength(1)
  })

  it('sends nothing once it is stopped, and still knows the status', () => {
    reporter.stop()
    document.loading = true
    reporter.report()
    events.emit('problem', null)
    expect([sent.length, signals, reporter.current.loading]).toEqual([1, 0, true])
  })
})
