import { describe, expect, it, vi } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { tipProofSize } from '../../../../main/log/format/segment'
import { packDocument, sealSnapshot } from '../../../../main/log/format/snapshot'
import { snapshotPartKey } from '../../../../main/log/format/store-keys'
import { checkInterval } from '../../../../main/log/scrub/scrubber'
import { TimeSlicer } from '../../../../main/log/scrub/time-slicer'
import { ManualClock } from '../../../support/manual-clock'
import { collect } from '../fixture'
import { atOnce, clock, documentId, isWhole, keys, mended, name, random, stored } from './stored-log'

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
