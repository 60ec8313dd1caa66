import { inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../../../main/base/hex'
import { keysFromKeep, keysFromWrite } from '../../../../main/keys/derive'
import { compareHeaders } from '../../../../main/log/format/fork-choice'
import { maxSnapshotContentSize } from '../../../../main/log/format/limits'
import {
  decodeSnapshot,
  openSnapshot,
  packDocument,
  type Snapshot,
  sealSnapshot,
  unpackDocument,
  verifySnapshot,
} from '../../../../main/log/format/snapshot'
import { snapshotPartKey } from '../../../../main/log/format/store-keys'
import { SessionLog } from '../../../../main/log/session-log'
import { MemoryStore } from '../../../../main/storage/memory-store'
import { quiet } from '../../../support/manual-clock'
import * as referenceLog from '../../../support/reference/log'
import * as reference from '../../../support/reference/primitives'
import certificateVector from '../../../vectors/certificate.json'
import keysVector from '../../../vectors/keys.json'
import segmentVector from '../../../vectors/segment.json'
import vector from '../../../vectors/snapshot.json'
import { codeOf, collect } from '../fixture'
import { durable, rejection, setUp } from '../open-log'

const parts = async (seed = 11) => {
  const all = await setUp(seed)
  const { log, environment, keys, change } = all
  const document = Buffer.from('the whole document')
  const packed = packDocument(document) ?? expect.fail()
  /** A session with so many segments of two changes each. */
  const write = async (segments: number): Promise<SessionLog> => {
    const session = all.session()
    for (let one = 0; one < segments; one++) await log.append(session, [change(), change()])
    return session
  }
  /** A snapshot of sessions up to a number. */
  const snapshotOf = async (tips: [SessionLog, number][], sealing = keys): Promise<Snapshot> => {
    const sessions = []
    for (const [{ session }, seq] of tips)
      sessions.push((await log.snapshots.settled(hex(session), seq)) ?? expect.fail())
    const nonce = environment.random(24)
    return sealSnapshot({ keys: sealing, sessions, packed, nonce, madeAt: 1_000 }) ?? expect.fail()
  }
  const verify = keys.verify ?? expect.fail()
  return { ...all, document, packed, write, snapshotOf, verify }
}

/** Two histories of one session, two segments each, each in a log of its own, with a snapshot: the one that goes on first. */
async function twoHistories({
  keys,
  identity,
  environment,
  change,
  random,
  openLog,
}: Awaited<ReturnType<typeof parts>>) {
  const secret = random.bytes(32)
  const nonce = random.bytes(24)
  const twin = () => {
    let first = true
    const own = (size: number) => {
      const bytes = first ? nonce : environment.random(size)
      first = false
      return bytes
    }
    const { documentId } = keys
    const given = { ...environment, random: own }
    return new SessionLog({ documentId, keys, identity, name: 'Eve', environment: given, seed: secret })
  }
  const sides = await Promise.all(
    [0, 1].map(async () => {
      const session = twin()
      const segments = [session.seal([change()]), session.seal([change()])]
      const held = await openLog(new MemoryStore())
      for (const { bytes } of segments) held.accept(bytes, session.certificate)
      await durable(held, hex(session.session))
      const settled = (await held.snapshots.settled(hex(session.session), 2)) ?? expect.fail()
      const packed = packDocument(random.bytes(10)) ?? expect.fail()
      const made = { keys, sessions: [settled], packed, nonce: random.bytes(24), madeAt: 1 }
      return { session, segments, held, snapshot: sealSnapshot(made) ?? expect.fail() }
    }),
  )
  const [one, other] = sides
  const [first, second] = [one?.segments[0], other?.segments[0]]
  if (!one || !other || !first || !second) return expect.fail()
  const [wins, loses] = compareHeaders(first.tipProof, second.tipProof) < 0 ? [one, other] : [other, one]
  const { certificate } = wins.session
  /** Has the one that loses take the other's first segment. */
  const cut = () => loses.held.accept(wins.segments[0]?.bytes ?? random.bytes(1), certificate)
  await loses.held.histories.remember(hex(loses.session.session))
  return { wins, loses, cut, id: hex(wins.session.session) }
}

describe('a snapshot', () => {
  it('is as the vector says, recomputed with libsodium alone (T1 to T3)', async () => {
    const { madeAt, packed, nonce, document, mark } = vector
    const certificate = fromHex(certificateVector.certificate)
    const tipProof = fromHex(segmentVector.segment).subarray(0, 202)
    const session = { certificate, tipProof, mark: fromHex(mark) }
    const made = { madeAt, sessions: [session], packed: fromHex(packed), nonce: fromHex(nonce) }
    const keys = reference.ladder(fromHex(keysVector.write))
    expect(hex(referenceLog.snapshot(keys, made))).toBe(vector.snapshot)
    expect(hex(inflateRawSync(fromHex(packed).subarray(8)))).toBe(document)
    const own = keysFromWrite(fromHex(keysVector.write))
    const sessions = [{ ...session, session: certificateVector.session, seq: 2 }]
    expect(hex(sealSnapshot({ ...made, keys: own, sessions })?.bytes ?? new Uint8Array())).toBe(
      vector.snapshot,
    )
    const read = decodeSnapshot(fromHex(vector.snapshot))
    await verifySnapshot(read, own.documentId, keys.verify)
    expect(hex(openSnapshot(keys.content, read))).toBe(document)
    expect([hex(read.id), read.changes, read.madeAt]).toEqual([vector.id, 2, madeAt])
  })

  it('is refused when any byte of it differs, or another document signs (T1, T3)', async () => {
    const { write, snapshotOf, keys, verify, random } = await parts()
    const [a, b] = [await write(3), await write(2)]
    const { bytes } = await snapshotOf([
      [a, 6],
      [b, 2],
    ])
    await verifySnapshot(decodeSnapshot(bytes), keys.documentId, verify)
    for (let place = 0; place < bytes.length; place += 7) {
      const altered = Uint8Array.from(bytes)
      altered[place] = (altered[place] ?? 0) ^ (1 << (place & 7))
      const taken = async () => verifySnapshot(decodeSnapshot(altered), keys.documentId, verify)
      expect(await rejection(taken()), `byte ${place}`).toBe('MALFORMED')
    }
    const other = keysFromWrite(random.bytes(32))
    const foreign = decodeSnapshot(bytes)
    expect(await rejection(verifySnapshot(foreign, other.documentId, verify))).toBe('MALFORMED')
    expect(await rejection(verifySnapshot(foreign, keys.documentId, other.verify ?? verify))).toBe(
      'MALFORMED',
    )
    const { sessions } = foreign
    const doubled = { keys, sessions: [...sessions, ...sessions.slice(0, 1)], madeAt: 0 }
    const again = { ...doubled, packed: random.bytes(64), nonce: random.bytes(24) }
    expect(() => sealSnapshot(again)).toThrow(/disorder/)
    const keeps = { ...again, keys: keysFromKeep(keys.keep, verify) }
    expect(codeOf(() => sealSnapshot(keeps))).toBe('ROLE_TOO_LOW')
  })

  it('inflates no more than it says (T2)', () => {
    const packed = Buffer.from(packDocument(Buffer.alloc(5_000_000)) ?? [])
    expect(unpackDocument(packed).length).toBe(5_000_000)
    packed.writeUInt32LE(1_000, 0)
    expect(() => unpackDocument(packed)).toThrow(/malformed/)
    packed.writeUInt32LE(maxSnapshotContentSize + 1, 0)
    expect(() => unpackDocument(packed)).toThrow(/malformed/)
    expect(packDocument(Buffer.alloc(maxSnapshotContentSize + 1))).toBe(null)
  })
})

describe('a log with a snapshot', () => {
  it('that replaces own segments alone frees nothing of the quota, and writes nothing for that (T4, S14)', async () => {
    const { log, write, snapshotOf, store } = await parts()
    const own = await write(2)
    await log.snapshots.keep(await snapshotOf([[own, 4]]))
    store.asked.splice(0)
    expect(await log.snapshots.compact()).toBe(true)
    await quiet()
    expect(store.asked.map(({ length }) => length > 0)).not.toContain(false)
  })

  it('gives up what it holds too, and goes on from there, in the next start too (T4, T5, V1)', async () => {
    const { log, write, snapshotOf, openLog, store, change } = await parts()
    const [a, b, c] = [await write(4), await write(3), await write(1)]
    const ids = [a, b, c].map(({ session }) => hex(session))
    const before = ids.map((id) => log.vector.get(id))
    await log.snapshots.keep(
      await snapshotOf([
        [a, 6],
        [b, 6],
      ]),
    )
    expect(log.snapshots.bearing).toBe(false)
    expect((await collect(log.all())).length).toBe(8)
    expect(await log.snapshots.compact()).toBe(true)
    const held = async (from: typeof log) => (await collect(from.all())).map(({ seqFrom }) => seqFrom)
    expect((await held(log)).sort()).toEqual([1, 7])
    await log.append(a, [change()])
    const reopened = await openLog(store)
    expect(reopened.snapshots.bearing).toBe(true)
    expect((await held(reopened)).sort()).toEqual([1, 7, 9])
    expect(ids.map((id) => reopened.vector.get(id)?.base)).toEqual([6, 6, 0])
    expect(reopened.vector.get(ids[1] ?? '')).toEqual({ ...before[1], base: 6 })
    expect(hex((await reopened.snapshots.read())?.id ?? new Uint8Array())).toBe(
      hex(log.snapshots.held?.id ?? new Uint8Array()),
    )
    await reopened.close()
  })

  it('takes one in place of what it lacks, and what follows after it (T4)', async () => {
    const { log, write, snapshotOf, openLog, random, clock } = await parts()
    const [a, b] = [await write(4), await write(3)]
    const fresh = await openLog(new MemoryStore())
    const settled: string[][] = []
    fresh.onSettled((sessions) => settled.push([...sessions]))
    const id = hex(b.session)
    const [first] = await collect(log.segments(id, 0))
    fresh.accept(first?.bytes ?? random.bytes(1), log.certificate(id))
    await durable(fresh, id)
    expect(
      await fresh.snapshots.install(
        await snapshotOf([
          [a, 6],
          [b, 6],
        ]),
        true,
      ),
    ).toBe(true)
    expect(settled).toEqual([[hex(a.session), id].sort()])
    expect(await collect(fresh.all())).toEqual([])
    expect(fresh.vector.get(id)).toEqual({ ...log.vector.get(id), base: 6 })
    const [last] = await collect(log.segments(hex(a.session), 6))
    expect(fresh.accept(last?.bytes ?? random.bytes(1), null)).toBe('accepted')
    expect(fresh.accept(first?.bytes ?? random.bytes(1), null)).toBe('duplicate')
    await clock.advance(10)
    await durable(fresh, hex(a.session))
    expect(fresh.vector.get(hex(a.session))).toEqual({ ...log.vector.get(hex(a.session)), base: 6 })
    await fresh.close()
  })

  it('takes none of another history, and forgets its own when it gives up a part of it (T4, S12)', async () => {
    const all = await parts()
    const { wins, loses, cut, id } = await twoHistories(all)
    expect(await loses.held.snapshots.install(wins.snapshot, true)).toBe(false)
    expect(await loses.held.snapshots.keep(wins.snapshot)).toBe(false)
    expect(await loses.held.snapshots.keep(loses.snapshot)).toBe(true)
    expect(cut()).toBe('accepted')
    expect(loses.held.snapshots.held).toBe(null)
    await durable(loses.held, id)
    expect(await loses.held.snapshots.read()).toBe(null)
    // A snapshot that replaces segments stays.
    await wins.held.snapshots.install(wins.snapshot, true)
    await wins.held.histories.remember(id)
    const { bytes } = loses.segments[0] ?? expect.fail()
    expect(wins.held.accept(bytes, null)).not.toBe('accepted')
    for (const { held } of [wins, loses]) await held.close()
  })

  it('keeps none that holds what was given up while it was being kept, whenever that was (T5)', async () => {
    const results: boolean[] = []
    for (let turns = 0; turns < 24; turns++) {
      const all = await parts(100 + turns)
      const { wins, loses, cut, id } = await twoHistories(all)
      const { held } = loses
      const keeping = held.snapshots.renew(loses.snapshot)
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      expect(cut()).toBe('accepted')
      results.push(await keeping)
      expect(held.snapshots.held).toBe(null)
      await durable(held, id)
      await held.idle()
      expect(await all.store.get(snapshotPartKey(all.keys.documentId, 0))).toBe(null)
      expect(await held.snapshots.part(0)).toBe(null)
      for (const one of [wins, loses]) await one.held.close()
    }
    // Before it was looked at, and after it was handed to the disk.
    expect(new Set(results)).toEqual(new Set([false, true]))
  })

  it('stays at its tip when more of a session comes while a snapshot of less is taken (T4)', async () => {
    const { log, write, snapshotOf, openLog } = await parts()
    const session = await write(6)
    const id = hex(session.session)
    const snapshot = await snapshotOf([[session, 4]])
    const fresh = await openLog(new MemoryStore())
    const segments = await collect(log.segments(id, 0))
    const offer = (segment: (typeof segments)[number]) => fresh.accept(segment.bytes, log.certificate(id))
    for (const segment of segments.slice(0, 1)) offer(segment)
    const installing = fresh.snapshots.install(snapshot, true)
    for (const segment of segments.slice(1)) expect(offer(segment)).toBe('accepted')
    expect(await installing).toBe(true)
    await durable(fresh, id)
    expect([fresh.tip(id), fresh.vector.get(id)?.base]).toEqual([12, 4])
    expect((await collect(fresh.all())).map(({ seqFrom }) => seqFrom)).toEqual([5, 7, 9, 11])
    await fresh.close()
  })

  it('is told as damaged when a part of it is missing or altered', async () => {
    const { log, write, snapshotOf, openLog, store, keys } = await parts()
    const session = await write(3)
    await log.snapshots.keep(await snapshotOf([[session, 6]]))
    await log.close()
    const key = snapshotPartKey(keys.documentId, 0)
    const part = Uint8Array.from((await store.get(key)) ?? [])
    for (const value of [
      null,
      part.subarray(1),
      part.map((byte, place) => (place === 400 ? byte ^ 1 : byte)),
    ]) {
      await store.write([{ key, value }])
      const reopened = await openLog(store)
      expect(await rejection(reopened.snapshots.read())).toBe('STORE_DAMAGED')
      await reopened.close()
    }
  })
})
