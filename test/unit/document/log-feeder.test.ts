import { beforeEach, describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { LogFeeder } from '../../../main/document/log-feeder'
import type { LiveReplica, LoadOutcome } from '../../../main/document/supervisor'
import { keysFromWrite } from '../../../main/keys/derive'
import { DocumentLog } from '../../../main/log/document-log'
import type { Segment } from '../../../main/log/format/segment'
import type { Fault } from '../../../main/replica/intake'
import type { ToReplica } from '../../../main/replica/replica-protocol'
import { MemoryStore } from '../../../main/storage/memory-store'
import { Author } from '../../support/author'
import { ManualClock, quiet } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const keys = keysFromWrite(Buffer.alloc(32, 9))
const { documentId, verify } = keys

const clock = new ManualClock()
let log: DocumentLog
let feeder: LogFeeder
let ada: Author
let posted: ToReplica[]
/** Segments as the log stored them. */
let stored: Segment[]

const replica: LiveReplica = {
  thread: { post: (message) => posted.push(message), stop: () => undefined, leave: () => undefined },
  session: null,
}
const begin = (snapshot: Uint8Array | null): ToReplica => ({ type: 'check', snapshot }) as ToReplica
const load = (): Promise<LoadOutcome> => feeder.load(replica, begin)

/** How many segments each message of a type has brought. */
const counts = (type: 'load' | 'segments'): number[] =>
  posted.flatMap((message) => (message.type === type ? [message.segments.length] : []))

/** Ada writes `count` entries of `size` code units, which come to be stored. */
async function arrive(count: number, size = 1): Promise<void> {
  const before = ada.written
  for (let entry = 0; entry < count; entry++) ada.write([{ from: 0, to: 0, insert: randomText(size) }])
  for (const { segment, certificate } of ada.sealed(before, ada.written))
    expect(log.accept(segment, certificate)).toBe('accepted')
  await quiet()
}

const { bytes } = randomFrom(1)
/** Words that do not pack well. */
const randomText = (size: number): string => bytes(size).toString('base64').slice(0, size)

beforeEach(async () => {
  posted = []
  stored = []
  ada = new Author(keys, 0)
  const environment = { clock, random: randomFrom(2).bytes }
  log = new DocumentLog({ store: new MemoryStore(), environment, documentId, verify })
  await log.open()
  feeder = new LogFeeder(log)
  log.onReceived((segments) => {
    stored.push(...segments)
    feeder.add(segments)
  })
})

describe('a replica that loads', () => {
  it('gets the log in batches, of which one is the last', async () => {
    await arrive(8, 100_000)
    expect(await load()).toBe('sent')
    const batches = counts('load')
    expect(batches.length).toBeGreaterThan(2)
    expect(batches.reduce((sum, count) => sum + count)).toBe(stored.length)
    expect(posted.map((message) => message.type === 'load' && message.last)).toEqual([
      ...batches.map(() => false),
      true,
    ])
  })

  it('gets what is stored meanwhile after it has loaded, and is not current before', async () => {
    await arrive(1)
    await load()
    await arrive(2)
    feeder.deliver()
    expect([counts('segments'), feeder.isCurrent]).toEqual([[], false])
    feeder.loaded([])
    expect(feeder.isCurrent).toBe(false)
    feeder.deliver()
    expect(counts('segments')).toEqual([2])
    feeder.applied([], true)
    expect(feeder.isCurrent).toBe(true)
  })

  it('that was replaced gets no more', async () => {
    await arrive(2, 300_000)
    const first = load()
    const second = load()
    expect(await Promise.all([first, second])).toEqual(['sent', 'sent'])
    const starts = posted.filter(({ type }) => type === 'check')
    const ends = posted.filter((message) => message.type === 'load' && message.last)
    expect([starts.length, ends.length]).toEqual([1, 1])
  })

  it.each([
    ['damaged', new SwarmpadError('STORE_DAMAGED', { part: 'document' })],
    ['failed', new Error('a fault of this program')],
  ])('from a log that cannot be read has %s', async (outcome, error) => {
    log.snapshots.read = () => Promise.reject(error)
    expect(await load()).toBe(outcome)
    expect(posted).toEqual([])
  })
})

describe('a replica that has loaded', () => {
  beforeEach(async () => {
    await load()
    feeder.loaded([])
  })

  it('gets one batch at a time', async () => {
    await arrive(1)
    feeder.deliver()
    await arrive(2)
    await arrive(1)
    feeder.deliver()
    expect(counts('segments')).toEqual([1])
    feeder.applied([], false)
    feeder.deliver()
    expect(counts('segments')).toEqual([1])
    feeder.applied([], true)
    feeder.deliver()
    expect(counts('segments')).toEqual([1, 3])
  })

  it('and ended, leaves nothing to the next one but the log', async () => {
    await arrive(1)
    feeder.stop()
    await arrive(1)
    expect(feeder.isCurrent).toBe(false)
    await load()
    feeder.loaded([])
    feeder.deliver()
    expect([counts('segments'), counts('load').at(-1)]).toEqual([[], 2])
  })

  it('adds faults as it applies, and the next one begins with its own', async () => {
    const fault = (session: string, lacksContent: boolean): Fault => ({
      session,
      seq: 1,
      code: 'NOT_AS_SIGNED',
      why: '',
      lacksContent,
    })
    feeder.applied([fault('aa', false)], true)
    expect(log.snapshots.isLacking).toBe(false)
    feeder.applied([fault('bb', true)], true)
    expect(feeder.faults.map(({ session }) => session)).toEqual(['aa', 'bb'])
    expect(log.snapshots.isLacking).toBe(true)
    feeder.loaded([])
    expect([feeder.faults, log.snapshots.isLacking]).toEqual([[], false])
  })
})
