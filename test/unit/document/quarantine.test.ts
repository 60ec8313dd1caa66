import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Environment, systemEnvironment } from '../../../main/base/environment'
import { Quarantine } from '../../../main/document/quarantine'
import { QuarantineFile } from '../../../main/document/quarantine-file'
import type { StartReplica } from '../../../main/document/replica-thread'
import { Salvager } from '../../../main/document/salvager'
import { type DocumentKeys, keysFromWrite } from '../../../main/keys/derive'
import { openSegment, type Segment } from '../../../main/log/format/segment'
import type { Fault } from '../../../main/replica/intake'
import type { FaultCode } from '../../../preload/messages/codes'
import { leftOutSentences } from '../../../preload/messages/faults'
import { HostileWriter } from '../../support/hostile-writer'
import { InlineReplicas } from '../../support/inline-replica'
import { ManualClock } from '../../support/manual-clock'

const keys: DocumentKeys = keysFromWrite(Buffer.alloc(32, 7))
const contentKey = keys.content ?? new Uint8Array()
let clock: ManualClock
let environment: Environment
let replicas: InlineReplicas
let writer: HostileWriter
beforeEach(async () => {
  clock = new ManualClock()
  environment = { clock, random: systemEnvironment.random }
  replicas = new InlineReplicas(() => 0)
  writer = new HostileWriter({ keys, environment })
  await writer.open()
})
afterEach(async () => {
  replicas.freeAll()
  await writer.close()
})

/** A thread that ends when it is asked for anything, or that never answers; counted. */
function broken(kind: 'dies' | 'hangs'): {
  start: StartReplica
  started: () => number
  stopped: () => number
} {
  let [started, stopped] = [0, 0]
  const start: StartReplica = (listener) => {
    started++
    return {
      post: () => {
        if (kind === 'dies') setImmediate(() => listener.onEnd(new Error('ended by the test')))
      },
      stop: () => {
        stopped++
      },
      leave: () => undefined,
    }
  }
  return { start, started: () => started, stopped: () => stopped }
}

const fault = (seq: number, code: FaultCode = 'FOREIGN_ACTOR'): Fault => ({
  session: writer.id,
  seq,
  code,
  why: 'change: described for developers',
  lacksContent: false,
})

const leftOut = (faults: Fault[], startReplica: StartReplica = replicas.start, dismissed: string[] = []) =>
  new Quarantine({
    log: writer.log,
    contentKey,
    faults: () => faults,
    startReplica,
    clock,
    dismissed: () => dismissed,
    sentences: leftOutSentences,
  })

async function segments(): Promise<Segment[]> {
  const all: Segment[] = []
  for await (const segment of writer.log.segments(writer.id, 0)) all.push(segment)
  return all
}

/** Waits for something that waits for the clock. */
async function timely<T>(work: Promise<T>): Promise<T> {
  let done = false
  void work.finally(() => {
    done = true
  })
  for (let turn = 0; !done && turn < 1_000; turn++) await clock.advance(1_000)
  return work
}

async function read(file: AsyncIterable<string>): Promise<ReturnType<typeof JSON.parse>> {
  let text = ''
  for await (const piece of file) text += piece
  return JSON.parse(text)
}

describe('a session that is left out from a change on', () => {
  beforeEach(async () => {
    await writer.write('sound ')
    await writer.writeUnsound('stolen ')
    await writer.write('later ')
  })

  it('is told once, from the first of its changes that was found wanting', async () => {
    const edits = leftOut([fault(3), fault(2), fault(3)])
    expect(edits.list()).toMatchObject([{ key: `unreadable:${writer.id}`, name: 'Mallory' }])
    expect(await edits.details()).toMatchObject([
      {
        reason: 'This was written by someone else, and passed off as their own.',
        lost: { first: 2, edits: 2, text: 'stolen later ' },
      },
    ])
  })

  it('is told without a name when no certificate names its author', () => {
    const [entry] = leftOut([{ ...fault(1), session: 'ab'.repeat(32) }]).list()
    expect(entry).toMatchObject({ name: '', fingerprint: '' })
  })

  it('is told anew when the log was read anew', () => {
    const faults = [fault(2)]
    const edits = leftOut(faults)
    expect(edits.list()).toHaveLength(1)
    faults.splice(0, 1, { ...fault(1), session: 'ab'.repeat(32) })
    expect(edits.list()).toMatchObject([{ key: `unreadable:${'ab'.repeat(32)}` }])
    faults.push(fault(2))
    expect(edits.list()).toHaveLength(2)
    faults.splice(0)
    expect(edits.list()).toEqual([])
  })

  it('is told after those that were not put away', () => {
    const other = { ...fault(1), session: 'ab'.repeat(32) }
    const list = leftOut([fault(2), other], replicas.start, [`unreadable:${writer.id}`]).list()
    expect(list.map(({ dismissed }) => dismissed)).toEqual([false, true])
  })

  it('is exported change by change, as it stands in the log', async () => {
    const { sessions, whole } = await read(leftOut([fault(2)]).export('Plan'))
    const stored = (await segments()).flatMap((segment) => openSegment(contentKey, segment).changes)
    expect(whole).toBe(true)
    expect(sessions[0].leftOut.map(({ change }: { change: string }) => change)).toEqual(
      stored.slice(1).map((bytes) => Buffer.from(bytes).toString('base64')),
    )
  })

  it('is exported sealed where its seal does not open', async () => {
    const edits = new Quarantine({
      log: writer.log,
      contentKey: Buffer.alloc(32, 1),
      faults: () => [fault(2, 'SEALED_OTHERWISE')],
      startReplica: replicas.start,
      clock,
      dismissed: () => [],
      sentences: leftOutSentences,
    })
    const { sessions } = await read(edits.export(''))
    const [, second] = await segments()
    expect(sessions[0]).toMatchObject({
      author: '',
      why: 'This is locked with another key than the one of this document.',
      reason: 'change: described for developers',
    })
    expect(sessions[0].leftOut[0]).toEqual({
      from: 2,
      to: 2,
      sealedSegment: Buffer.from(second?.bytes ?? []).toString('base64'),
    })
  })

  it('is cut where a file would become too large, and says so', async () => {
    for (let count = 0; count < 20; count++) await writer.write('x'.repeat(400))
    const size = async (limit: number) => {
      const file = new QuarantineFile({
        title: '',
        faults: [fault(2)],
        log: writer.log,
        authorOf: () => ({ authorKey: '', name: '', fingerprint: '' }),
        salvager: () => new Salvager({ contentKey, startReplica: replicas.start, clock }),
        sentences: leftOutSentences,
        limit,
      })
      const { sessions, whole } = await read(file)
      expect(whole).toBe(file.whole)
      return { whole, changes: sessions[0].leftOut.length }
    }
    expect(await size(1_000_000)).toEqual({ whole: true, changes: 22 })
    const cut = await size(5_000)
    expect(cut.whole).toBe(false)
    expect(cut.changes).toBeLessThan(22)
    expect(cut.changes).toBeGreaterThan(2)
  })
})

describe.each(['dies', 'hangs'] as const)('a thread that %s while it opens what was left out', (kind) => {
  beforeEach(async () => {
    for (let count = 0; count < 6; count++) await writer.writeUnsound(`words ${count}`)
  })

  it('is replaced a few times and no more, and nothing is lost in the file', async () => {
    const thread = broken(kind)
    const { sessions, whole } = await timely(read(leftOut([fault(1)], thread.start).export('Plan')))
    expect(whole).toBe(true)
    const sealed = (await segments()).map(({ bytes }) => Buffer.from(bytes).toString('base64'))
    expect(sessions[0].leftOut.map((item: { sealedSegment: string }) => item.sealedSegment)).toEqual(sealed)
    expect([thread.started(), thread.stopped()]).toEqual([3, 3])
  })

  it('costs the words alone where it is told what there is', async () => {
    const [details] = await timely(leftOut([fault(1)], broken(kind).start).details())
    expect(details?.lost).toMatchObject({ first: 1, edits: 6, text: '' })
  })
})

it('an answer that comes too late is not taken for the next one', async () => {
  await writer.writeUnsound('one')
  await writer.writeUnsound('two')
  const late: (() => void)[] = []
  const salvager = new Salvager({
    contentKey,
    clock,
    startReplica: (listener) => ({
      post: () => late.push(() => listener.onMessage({ type: 'salvaged', changes: [] })),
      stop: () => undefined,
      leave: () => undefined,
    }),
  })
  const [first, second] = await segments()
  if (!first || !second) throw new Error('nothing was written')
  expect(await timely(salvager.salvage(first, 1))).toBeNull()
  const asked = salvager.salvage(second, 2)
  late[0]?.()
  late[1]?.()
  expect(await asked).toEqual([])
  salvager.close()
})
