import { describe, expect, it, vi } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { DocumentLog } from '../../../../main/log/document-log'
import { makeForkProof } from '../../../../main/log/format/fork'
import { decodeSegment, tipProofSize } from '../../../../main/log/format/segment'
import { packDocument, sealSnapshot } from '../../../../main/log/format/snapshot'
import {
  logRanges,
  segmentKey,
  sessionKey,
  sessionRange,
  snapshotKey,
  snapshotPartKey,
} from '../../../../main/log/format/store-keys'
import { checkInterval } from '../../../../main/log/scrub/scrubber'
import { TimeSlicer } from '../../../../main/log/scrub/time-slicer'
import { SessionLog } from '../../../../main/log/session-log'
import { MemoryDisk, MemoryStore } from '../../../../main/storage/memory-store'
import { ManualClock } from '../../../support/manual-clock'
import { collect, fixture, flipped } from '../fixture'

const { keys, identity, random, environment, clock, session, change } = fixture(71)
const { documentId } = keys
const name = (key: Uint8Array) => Buffer.from(key).toString('latin1')
const atOnce = () => new TimeSlicer({ clock, slice: 1_000, rest: 0 })

/** Returns a disk with an own and a foreign session, of three two-change segments each; its log is closed. */
async function stored() {
  const disk = new MemoryDisk()
  const store = () => new MemoryStore(disk)
  const seed = random.bytes(32)
  const made = { documentId, keys, identity, name: 'Eve', environment, seed }
  const [own, other, twin] = [session(), new SessionLog(made), new SessionLog(made)]
  const open = async (verify = keys.verify) => {
    const log = new DocumentLog({ store: store(), environment, documentId, verify })
    await log.open()
    return log
  }
  const log = await open()
  const segments: Uint8Array[] = []
  for (let n = 0; n < 3; n++) {
    await log.append(own, [change(), change()])
    const { bytes } = other.seal([change(), change()])
    segments.push(bytes)
    expect(log.accept(bytes, n === 0 ? other.certificate : null)).toBe('accepted')
  }
  await log.idle()
  const mine = (await collect(log.segments(hex(own.session), 0))).map(({ bytes }) => Uint8Array.from(bytes))
  await log.close()
  const at = (key: Uint8Array) => disk.values.get(name(key)) ?? expect.fail()
  const spoil = (key: Uint8Array, place: number) => disk.values.set(name(key), flipped(at(key), place))
  const segment = (seqTo: number, of = other) => segmentKey(documentId, of.session, seqTo)
  const record = (kind: 'certificate' | 'tip' | 'own' | 'fork', of = other) =>
    sessionKey(kind, documentId, of.session)
  /** As peers give it who are asked: all that follows what is held, the certificate first where nothing is. */
  const giveAgain = (to: DocumentLog) => {
    for (const [of, all] of [
      [own, mine],
      [other, segments],
    ] as const)
      for (const bytes of all) to.accept(bytes, to.tip(hex(of.session)) === 0 ? of.certificate : null)
  }
  return { disk, store, own, other, twin, open, at, spoil, segment, record, segments, mine, giveAgain }
}

/** Resolves when a log says that all is there again. */
const mended = (log: DocumentLog) =>
  new Promise<string>((resolve) => {
    log.onMended(resolve)
  })

const isWhole = async (log: DocumentLog, tips: readonly number[] = [6, 6]) => {
  await vi.waitFor(() => expect(log.health.isDamaged).toBe(false))
  expect([...log.vector.values()].map(({ tip }) => tip)).toEqual(tips)
  expect((await collect(log.all())).length).toBe(6)
}

describe('a log that is checked (S15)', () => {
  it('sees a signature that was altered inside, holds what is sound before it, and deletes nothing', async () => {
    const { disk, other, open, spoil, segment } = await stored()
    spoil(segment(4), tipProofSize - 30)
    const before = [...disk.values.keys()].filter((key) => key[0] === 'g')
    const log = await open()
    // Nobody who reads sees it.
    expect((await collect(log.all())).length).toBe(6)
    let told = 0
    log.onDamaged(() => told++)
    await log.health.check(atOnce())
    expect(told).toBe(1)
    expect(log.health.isDamaged).toBe(true)
    expect(log.tip(hex(other.session))).toBe(2)
    expect(log.vector.get(hex(other.session))?.tip).toBe(2)
    expect((await collect(log.all())).length).toBe(4)
    await log.close()
    expect([...disk.values.keys()].filter((key) => key[0] === 'g')).toEqual(before)
    // Nor does it claim it again after a restart, whole or not.
    const again = await open()
    expect(again.health.isDamaged).toBe(true)
    expect(again.vector.get(hex(other.session))?.tip).toBe(2)
    await again.close()
  })

  it('takes again what is damaged, and finds the rest where it lies', async () => {
    const { open, spoil, segment, segments, other, disk } = await stored()
    const values = new Map(disk.values)
    spoil(segment(2), 310)
    const log = await open()
    await log.health.check(atOnce())
    expect(log.vector.has(hex(other.session))).toBe(false)
    const whole = mended(log)
    expect(log.accept(segments[0] ?? expect.fail(), null)).toBe('unknown-session')
    expect(log.accept(segments[0] ?? expect.fail(), other.certificate)).toBe('accepted')
    expect(await whole).toBe('others')
    await isWhole(log)
    await log.idle()
    const after = [...disk.values].filter(([key]) => key[0] !== 'k').sort()
    expect(after.map(([key, value]) => [key, hex(value)])).toEqual(
      [...values].sort().map(([key, value]) => [key, hex(value)]),
    )
    await log.close()
  })

  it('finds what is on the disk alone damaged, and writes it again from memory', async () => {
    const { open, spoil, record, at, own, other, disk } = await stored()
    const log = await open()
    const before = new Map(disk.values)
    spoil(record('certificate'), 80)
    spoil(record('tip'), 60)
    spoil(record('tip', own), tipProofSize + 3)
    disk.values.delete(name(record('own', own)))
    await log.health.check(atOnce())
    await log.idle()
    expect(log.health.isDamaged).toBe(false)
    for (const key of [record('certificate'), record('tip'), record('tip', own), record('own', own)])
      expect(hex(at(key))).toBe(hex(before.get(name(key)) ?? expect.fail()))
    expect(log.tip(hex(other.session))).toBe(6)
    await log.close()
  })

  it('mends a mark that was altered, for which peers would take it for another history (S11)', async () => {
    const { open, spoil, record, at, other } = await stored()
    const right = hex(at(record('tip')).subarray(tipProofSize))
    spoil(record('tip'), tipProofSize + 3)
    const log = await open()
    expect(hex(log.vector.get(hex(other.session))?.mark ?? expect.fail())).not.toBe(right)
    await log.health.check(atOnce())
    await log.idle()
    expect(hex(log.vector.get(hex(other.session))?.mark ?? expect.fail())).toBe(right)
    expect(hex(at(record('tip')).subarray(tipProofSize))).toBe(right)
    await log.close()
  })

  it('takes away what does not belong where all else is there', async () => {
    const { open, segment, at, disk } = await stored()
    disk.values.set(name(segment(3)), at(segment(6)))
    const log = await open()
    await expect(collect(log.all())).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await log.health.check(atOnce())
    await log.idle()
    await isWhole(log)
    await log.close()
  })

  it('is left alone for a week, whether all was sound or not', async () => {
    const { open, spoil, segment } = await stored()
    const log = await open()
    expect(await log.health.isDue()).toBe(true)
    await log.health.check(atOnce())
    await log.idle()
    expect(await log.health.isDue()).toBe(false)
    await log.close()
    clock.tick(checkInterval)
    spoil(segment(4), 150)
    const later = await open()
    expect(await later.health.isDue()).toBe(true)
    await later.health.check(atOnce())
    await later.idle()
    expect(later.health.isDamaged).toBe(true)
    expect(await later.health.isDue()).toBe(false)
    await later.close()
  })

  it('does not take a record whose key was altered for a session that is missing', async () => {
    const { open, record, at, disk } = await stored()
    const altered = Uint8Array.from(record('tip'))
    altered[50] = (altered[50] ?? 0) ^ 1
    disk.values.set(name(altered), at(record('tip')))
    disk.values.delete(name(record('tip')))
    const log = await open()
    expect(log.health.isDamaged).toBe(false)
    await isWhole(log)
    await log.close()
  })

  it('does not give peers what is damaged and was not found yet, and finds it then', async () => {
    const { open, spoil, segment, other } = await stored()
    spoil(segment(4), tipProofSize - 30)
    const log = await open()
    expect((await collect(log.segments(hex(other.session), 0))).length).toBe(3)
    await expect(collect(log.signedSegments(hex(other.session), 0))).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
    })
    await vi.waitFor(() => expect(log.health.isDamaged).toBe(true))
    await log.close()
  })

  it('keeps a snapshot that came while it looked at a damaged one', async () => {
    const { open, spoil, other } = await stored()
    const log = await open()
    const make = async (seq: number) => {
      const settled = (await log.snapshots.settled(hex(other.session), seq)) ?? expect.fail()
      const packed = packDocument(random.bytes(300_000)) ?? expect.fail()
      const nonce = random.bytes(24)
      return sealSnapshot({ keys, sessions: [settled], packed, nonce, madeAt: 1 }) ?? expect.fail()
    }
    const [older, newer] = [await make(4), await make(6)]
    await log.snapshots.install(older, true)
    await log.close()
    spoil(snapshotPartKey(documentId, 1), 200)
    const again = await open()
    const look = again.snapshots.restoreSummary.bind(again.snapshots)
    again.snapshots.restoreSummary = async (isWhole) => {
      const found = look(isWhole)
      expect(await again.snapshots.install(newer, true)).toBe(true)
      return found
    }
    await again.health.check(atOnce())
    expect(hex(again.snapshots.held?.id ?? expect.fail())).toBe(hex(newer.id))
    expect(again.tip(hex(other.session))).toBe(6)
    await again.close()
  })

  it('goes on without what is missing when the person says so, and takes it all the same when it comes', async () => {
    const { open, spoil, segment, other, giveAgain } = await stored()
    spoil(segment(4), 150)
    const log = await open()
    await log.health.check(atOnce())
    expect(log.health.isDamaged).toBe(true)
    const mended: string[] = []
    log.onMended((by) => mended.push(by))
    await log.health.goOnWithout()
    expect([log.health.isDamaged, mended, log.tip(hex(other.session))]).toEqual([false, ['nobody'], 2])
    await collect(log.all())
    await log.close()
    const again = await open()
    expect([again.health.isDamaged, again.tip(hex(other.session))]).toEqual([false, 2])
    giveAgain(again)
    await again.idle()
    await isWhole(again)
    await again.close()
  })

  it('rests after each slice, and reads nothing meanwhile', async () => {
    const { open } = await stored()
    const log = await open()
    const slow = new ManualClock()
    // Each look at the time finds it 3 ms later.
    slow.uptime = () => slow.now()
    const busy = {
      now: () => slow.now(),
      set: slow.set.bind(slow),
      clear: slow.clear.bind(slow),
      uptime: () => spent++ * 3,
    }
    let spent = 0
    let done = false
    const checked = log.health.check(new TimeSlicer({ clock: busy, slice: 4, rest: 36 })).then(() => {
      done = true
    })
    let rests = 0
    while (!done) {
      await vi.waitFor(() => expect(done || slow.nextIn !== null).toBe(true))
      if (done) break
      expect(slow.nextIn).toBe(36)
      rests++
      slow.tick(36)
    }
    await checked
    expect(rests).toBeGreaterThanOrEqual(3)
    await log.close()
  })
})

describe('a session that is damaged', () => {
  const kinds = [
    ['certificate', [0, 1, 2, 33, 34, 60, 298]],
    ['tip', [0, 2, 40, 80, 106, 150]],
  ] as const

  it.each(kinds)('in its %s comes again, in whatever byte it is, and is as it was', async (kind, places) => {
    for (const place of places)
      for (const whose of ['own', 'other'] as const) {
        const { open, spoil, record, giveAgain, [whose]: damaged, own } = await stored()
        spoil(record(kind, damaged), place)
        const log = await open()
        await log.health.check(atOnce())
        giveAgain(log)
        await vi.waitFor(() => expect(log.health.isDamaged).toBe(false))
        expect(
          [...log.vector.values()].map(({ tip }) => tip),
          `${kind} ${place} ${whose}`,
        ).toEqual([6, 6])
        // The session's ownership is not lost.
        expect(log.ownSessions()).toEqual([hex(own.session)])
        await log.close()
        const again = await open()
        await again.health.check(atOnce())
        expect(again.health.isDamaged).toBe(false)
        expect((await collect(again.all())).length).toBe(6)
        expect(again.ownSessions()).toEqual([hex(own.session)])
        await again.close()
      }
  })

  it('has its proof of two histories when it is back (S8)', async () => {
    const { open, spoil, record, other, twin, segments, giveAgain } = await stored()
    const log = await open()
    const proof = makeForkProof(
      decodeSegment(segments[0] ?? expect.fail()).tipProof,
      twin.seal([change()]).tipProof,
    )
    expect(log.acceptFork(proof)).toBe('accepted')
    await log.idle()
    await log.close()
    spoil(record('certificate'), 1)
    const again = await open()
    expect(again.tip(hex(other.session))).toBe(0)
    expect(again.forks().size).toBe(0)
    giveAgain(again)
    await vi.waitFor(() => expect(again.health.isDamaged).toBe(false))
    expect(again.tip(hex(other.session))).toBe(6)
    expect(hex(again.forks().get(hex(other.session)) ?? expect.fail())).toBe(hex(proof))
    await again.close()
  })

  it('counts once what it takes of the room (S14)', async () => {
    const { open, spoil, segment, segments, giveAgain, store } = await stored()
    spoil(segment(4), 150)
    const log = await open()
    await log.health.check(atOnce())
    giveAgain(log)
    await vi.waitFor(() => expect(log.health.isDamaged).toBe(false))
    await log.close()
    const size = await store().get(Buffer.concat([Buffer.from('z'), documentId]))
    expect(Number(Buffer.from(size ?? []).readBigUInt64BE())).toBe(
      segments.reduce((sum, { length }) => sum + length, 0),
    )
  })

  it('and runs in this process is written again from memory', async () => {
    const { open, spoil, segment } = await stored()
    const log = await open()
    const live = session()
    for (let n = 0; n < 3; n++) await log.append(live, [change(), change()])
    spoil(segment(4, live), 150)
    await log.health.check(atOnce())
    expect(log.health.isDamaged).toBe(false)
    await log.append(live, [change()])
    expect(log.vector.get(hex(live.session))?.tip).toBe(7)
    await log.close()
    const again = await open()
    await again.health.check(atOnce())
    expect(again.health.isDamaged).toBe(false)
    await again.close()
  })

  it('and is no longer in memory signs nothing more (S13)', async () => {
    const { open, spoil, segment } = await stored()
    const log = await open()
    const live = session()
    await log.append(live, [change(), change()])
    // More than is remembered.
    for (let n = 0; n < 12; n++) await log.append(live, [change(100_000)])
    spoil(segment(2, live), 150)
    const retired: string[] = []
    log.onRetired(({ session: id }) => retired.push(id))
    await log.health.check(atOnce())
    expect(retired).toEqual([hex(live.session)])
    await expect(log.append(live, [change()])).rejects.toMatchObject({ code: 'CLOSED' })
    expect(log.tip(hex(live.session))).toBe(0)
    await log.close()
  })
})

describe('a snapshot that is damaged', () => {
  /** All of `other` up to 4 stands in a snapshot alone. */
  async function bearing() {
    const parts = await stored()
    const { open, other } = parts
    const log = await open()
    const settled = (await log.snapshots.settled(hex(other.session), 4)) ?? expect.fail()
    const packed = packDocument(random.bytes(300_000)) ?? expect.fail()
    const made = { keys, sessions: [settled], packed, nonce: random.bytes(24), madeAt: 1 }
    const snapshot = sealSnapshot(made) ?? expect.fail()
    return { ...parts, log, snapshot }
  }

  it('in place of segments: nothing is held of what began with it, until it is there again (T4)', async () => {
    for (const part of [0, 2]) {
      const { open, log, snapshot, spoil, other } = await bearing()
      expect(await log.snapshots.install(snapshot, true)).toBe(true)
      await log.close()
      spoil(snapshotPartKey(documentId, part), 200)
      const again = await open()
      await again.health.check(atOnce())
      expect(again.snapshots.held).toBeNull()
      expect(again.vector.has(hex(other.session))).toBe(false)
      expect(again.vector.size).toBe(1)
      await again.close()
      const third = await open()
      expect(third.health.isDamaged).toBe(true)
      expect(third.vector.size).toBe(1)
      const whole = mended(third)
      expect(await third.snapshots.install(snapshot, false)).toBe(true)
      // The segments after the snapshot were on the disk all the time.
      expect(await whole).toBe('others')
      expect(third.vector.get(hex(other.session))).toMatchObject({ base: 4, tip: 6 })
      await third.close()
      const last = await open()
      await last.health.check(atOnce())
      expect(last.health.isDamaged).toBe(false)
      expect(last.snapshots.bearing).toBe(true)
      await last.close()
    }
  })

  it('beside segments is forgotten: another is made', async () => {
    const { open, log, snapshot, spoil, disk } = await bearing()
    expect(await log.snapshots.keep(snapshot)).toBe(true)
    await log.close()
    spoil(snapshotPartKey(documentId, 1), 200)
    const again = await open()
    await again.health.check(atOnce())
    await again.idle()
    expect(again.health.isDamaged).toBe(false)
    expect(again.snapshots.held).toBeNull()
    expect(disk.values.has(name(snapshotKey(documentId)))).toBe(false)
    await isWhole(again)
    await again.close()
  })

  it('in what is noted of it is worked out again', async () => {
    for (const spoilt of [Buffer.alloc(3), null]) {
      const { open, log, snapshot, spoil, disk } = await bearing()
      expect(await log.snapshots.install(snapshot, true)).toBe(true)
      await log.close()
      const key = snapshotKey(documentId)
      if (spoilt) disk.values.set(name(key), spoilt)
      else spoil(key, 5)
      const again = await open()
      await again.health.check(atOnce())
      expect(again.health.isDamaged).toBe(false)
      expect(hex(again.snapshots.held?.id ?? expect.fail())).toBe(hex(snapshot.id))
      expect(hex((await again.snapshots.read())?.bytes ?? expect.fail())).toBe(hex(snapshot.bytes))
      await again.close()
    }
  })

  it('says again what a session began with, whose own record is damaged', async () => {
    for (const kind of ['base', 'certificate'] as const)
      for (const place of [2, 100, 150]) {
        const { open, log, snapshot, spoil, other } = await bearing()
        expect(await log.snapshots.install(snapshot, true)).toBe(true)
        await log.close()
        spoil(sessionKey(kind, documentId, other.session), place)
        const again = await open()
        await again.health.check(atOnce())
        if (!again.health.isDamaged)
          expect(again.vector.get(hex(other.session)), `${kind} ${place}`).toMatchObject({ base: 4, tip: 6 })
        else {
          // Seen only by its signature: it comes with the snapshot.
          await again.snapshots.install(snapshot, false)
          await vi.waitFor(() => expect(again.health.isDamaged).toBe(false))
        }
        expect(again.vector.get(hex(other.session))?.tip).toBe(6)
        await again.close()
      }
  })
})

it('what mends it is told for what it is: a backup', async () => {
  const { open, spoil, segment, segments, other } = await stored()
  spoil(segment(4), 150)
  const log = await open()
  await log.health.check(atOnce())
  const whole = mended(log)
  expect(log.restore(segments[1] ?? expect.fail(), other.certificate, false)).toBe('accepted')
  expect(await whole).toBe('backup')
  await log.close()
})

it('what is noted of damage goes with the document', async () => {
  const { open, spoil, segment, store } = await stored()
  spoil(segment(4), 150)
  const log = await open()
  await log.health.check(atOnce())
  await log.close()
  const harm = sessionRange('harm', documentId)
  expect((await collect(store().entries(harm))).length).toBe(1)
  expect(logRanges(documentId)).toContainEqual(harm)
})
