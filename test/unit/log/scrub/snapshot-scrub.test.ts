import { describe, expect, it, vi } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { packDocument, sealSnapshot } from '../../../../main/log/format/snapshot'
import { sessionKey, snapshotKey, snapshotPartKey } from '../../../../main/log/format/store-keys'
import { atOnce, documentId, isWhole, keys, mended, name, random, stored } from './stored-log'

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
