import { describe, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { DocumentLog } from '../../../../main/log/document-log'
import { tipProofSize } from '../../../../main/log/format/segment'
import { segmentKey, sessionKey, sizeKey } from '../../../../main/log/format/store-keys'
import { MemoryDisk, MemoryStore } from '../../../../main/storage/memory-store'
import { collect, fixture, flipped } from '../fixture'
import { rejection } from '../open-log'

const { keys, environment, session, change } = fixture(51)
const { documentId } = keys
const name = (key: Uint8Array) => Buffer.from(key).toString('latin1')

/** Returns a disk with two sessions of three segments each, and a function that opens its log. */
async function stored() {
  const disk = new MemoryDisk()
  const [own, other] = [session(), session()]
  const open = async () => {
    const store = new MemoryStore(disk)
    const log = new DocumentLog({ store, environment, documentId, verify: keys.verify })
    await log.open()
    return log
  }
  const log = await open()
  for (let n = 0; n < 3; n++) {
    await log.append(own, [change(), change()])
    const taken = log.accept(other.seal([change(), change()]).bytes, n === 0 ? other.certificate : null)
    expect(taken).toBe('accepted')
  }
  await log.close()
  const at = (key: Uint8Array) => disk.values.get(name(key)) ?? expect.fail()
  const segment = (seqTo: number, of = other) => segmentKey(documentId, of.session, seqTo)
  return { disk, own, other, open, at, segment }
}

describe('what lies on the disk and was altered there', () => {
  /** Offsets in a segment's fixed fields: session, numbers, chains, hash; the hash covers the body. */
  it.each([0, 1, 2, 33, 34, 38, 42, 73, 74, 105, 106, 137, 202, 300])(
    'byte %i of a segment: the document is damaged, not its author unsound',
    async (place) => {
      for (const seqTo of [2, 4, 6]) {
        const { disk, open, at, segment } = await stored()
        disk.values.set(name(segment(seqTo)), flipped(at(segment(seqTo)), place))
        expect(await rejection(collect((await open()).all()))).toBe('STORE_DAMAGED')
      }
    },
  )

  it.each([2, 4, 6])('the segment that ends at %i is gone, or another’s stands there', async (seqTo) => {
    const { disk, open, at, segment, own } = await stored()
    const mine = at(segment(seqTo, own))
    disk.values.delete(name(segment(seqTo)))
    expect(await rejection(collect((await open()).all()))).toBe('STORE_DAMAGED')
    disk.values.set(name(segment(seqTo)), mine)
    expect(await rejection(collect((await open()).all()))).toBe('STORE_DAMAGED')
  })

  it('the certificate: what it admitted is not held, or not given (S15)', async () => {
    for (const place of [0, 1, 33, 34, 60, 298]) {
      const { disk, open, at, other } = await stored()
      const key = sessionKey('certificate', documentId, other.session)
      disk.values.set(name(key), flipped(at(key), place))
      const log = await open()
      if (log.health.isDamaged) expect(log.tip(hex(other.session)), `${place}`).toBe(0)
      else expect(await rejection(collect(log.all())), `${place}`).toBe('STORE_DAMAGED')
    }
  })

  it('the tip: it is read off the segments, so that no sound one is taken for unsound (S15)', async () => {
    for (const place of [0, 2, 40, 80, 106, 150]) {
      const { disk, open, at, other } = await stored()
      const key = sessionKey('tip', documentId, other.session)
      disk.values.set(name(key), flipped(at(key), place))
      const log = await open()
      expect(log.tip(hex(other.session)), `${place}`).toBe(6)
      expect(log.accept(other.seal([change()]).bytes, null), `${place}`).toBe('accepted')
    }
  })

  it('a tip that is gone is read off the segments', async () => {
    const { disk, open, at, other } = await stored()
    const key = sessionKey('tip', documentId, other.session)
    const before = Uint8Array.from(at(key))
    disk.values.delete(name(key))
    const log = await open()
    expect(log.vector.get(hex(other.session))?.tip).toBe(6)
    expect(hex(log.tipProof(hex(other.session)) ?? expect.fail())).toBe(hex(before.subarray(0, tipProofSize)))
    expect((await collect(log.all())).length).toBe(6)
  })

  it('a proof of two histories that proves nothing is forgotten', async () => {
    const { disk, open, other } = await stored()
    disk.values.set(name(sessionKey('fork', documentId, other.session)), Buffer.alloc(404, 1))
    expect((await open()).forks().size).toBe(0)
  })

  it('a size of which a bit fell over takes no room (S14)', async () => {
    for (let place = 0; place < 16; place++) {
      const { disk, open, at } = await stored()
      const key = sizeKey(documentId)
      const before = hex(at(key))
      disk.values.set(name(key), flipped(at(key), place, 0x40))
      await open()
      expect(hex(at(key)), `${place}`).toBe(before)
    }
  })

  it('a size past all whole numbers ends nothing, and is counted again (S14)', async () => {
    for (const value of [Buffer.alloc(8, 0xff), Buffer.alloc(3), Buffer.alloc(9)]) {
      const { disk, open, at, other } = await stored()
      const counted = Buffer.from(at(sizeKey(documentId))).readBigUInt64BE()
      disk.values.set(name(sizeKey(documentId)), value)
      const log = await open()
      const next = other.seal([change()])
      expect(log.accept(next.bytes, null)).toBe('accepted')
      await log.close()
      const size = Buffer.from(at(sizeKey(documentId))).readBigUInt64BE()
      expect(size).toBe(counted + BigInt(next.bytes.length))
    }
  })
})
