import { describe, expect, it } from 'vitest'
import { DocumentLog } from '../../../main/log/document-log'
import { sizeKey } from '../../../main/log/format/store-keys'
import { ProfileQuota, type QuotaLimits, sessionCharge } from '../../../main/log/quota'
import type { SessionLog } from '../../../main/log/session-log'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { fixture } from './fixture'

const mebibyte = 1024 * 1024
const roomy: QuotaLimits = { document: 1024 * mebibyte, profile: 1024 * mebibyte, floor: 1_000 }

function desk(limits: Partial<QuotaLimits> = {}) {
  const given = fixture()
  const { environment, keys, change } = given
  const whole = new ProfileQuota({ ...roomy, ...limits })
  const open = async (disk: MemoryDisk, of = keys, profile = whole) => {
    const quota = profile.document()
    const store = new MemoryStore(disk)
    const log = new DocumentLog({ store, environment, documentId: of.documentId, verify: of.verify, quota })
    await log.open()
    return { log, quota, store }
  }
  const offer = (log: DocumentLog, session: SessionLog, size = 1_000) =>
    log.accept(session.seal([change(size)]).bytes, session.certificate)
  return { ...given, whole, open, offer }
}

/** How much others' segments take in a store, looked up one by one. */
async function sizeIn(log: DocumentLog, own: SessionLog | null = null): Promise<number> {
  let size = 0
  for await (const { session, bytes } of log.all())
    if (!own || !Buffer.from(session).equals(own.session)) size += bytes.length
  return size
}

describe("room for others' edits (rule S14)", () => {
  it('ends at the quota of the document: nothing of others is taken, own edits are', async () => {
    const { open, offer, session, change } = desk({ document: 3 * sessionCharge })
    const { log, quota } = await open(new MemoryDisk())
    const shortages: unknown[] = []
    log.onShortage((shortage) => shortages.push(shortage?.cause ?? null))
    const theirs = session('Ben')
    let verdict = 'accepted'
    for (let count = 0; verdict === 'accepted' && count < 1_000; count++) verdict = offer(log, theirs)
    expect(verdict).toBe('busy')
    // A session counts for what it costs in memory; what is under way may go past the limit.
    await log.append(session('Ada'), [])
    const size = await sizeIn(log)
    expect(size).toBeGreaterThanOrEqual(2 * sessionCharge)
    expect(size).toBeLessThan(2 * sessionCharge + 1_500)
    expect(log.shortage).toEqual({ cause: 'document', limit: 3 * sessionCharge })
    const mine = session('Ada')
    await log.append(mine, [change(), change()])
    expect(log.tip(Buffer.from(mine.session).toString('hex'))).toBe(2)
    let stored = 0
    log.onStored(() => stored++)
    quota.setLimit(quota.nextLimit)
    expect(shortages).toEqual(['document', null])
    // Listeners that wait for room are notified.
    expect(stored).toBe(1)
    expect(offer(log, session('Cleo'))).toBe('accepted')
    await log.close()
  })

  it('ends at the quota of all documents together, also for one that takes little', async () => {
    const { open, offer, session, keys, whole } = desk({ profile: 4 * sessionCharge })
    const one = await open(new MemoryDisk())
    const { open: openOther, ...other } = desk()
    const two = await openOther(new MemoryDisk(), other.keys, whole)
    expect(other.keys.documentId).toEqual(keys.documentId)
    const theirs = session('Ben')
    while (offer(one.log, theirs) === 'accepted');
    expect(two.log.shortage?.cause).toBe('profile')
    expect(offer(two.log, other.session('Ben'))).toBe('busy')
    await one.log.close()
    // A document that is gone takes nothing more.
    expect(two.log.shortage).toBeNull()
    expect(offer(two.log, other.session('Ben'))).toBe('accepted')
    whole.setLimit(1)
    expect(two.log.shortage?.cause).toBe('profile')
    whole.setLimit(whole.nextLimit)
    expect(two.log.shortage).toBeNull()
    await two.log.close()
  })

  it('ends before the disk is full, counting what was taken since the disk was asked', async () => {
    const { open, offer, session, whole } = desk()
    const { log } = await open(new MemoryDisk())
    whole.setFree(1_000 + sessionCharge)
    const theirs = session('Ben')
    expect(offer(log, theirs)).toBe('accepted')
    expect(log.shortage?.cause).toBe('disk')
    expect(offer(log, theirs)).toBe('busy')
    whole.setFree(10 * mebibyte)
    expect(log.shortage).toBeNull()
    whole.setFree(999)
    expect(log.shortage?.cause).toBe('disk')
    whole.setFree(null)
    expect(log.shortage).toBeNull()
    await log.close()
  })
})

describe('the size of a document (rule S14)', () => {
  const noted = async (store: MemoryStore, id: Uint8Array) =>
    Number(Buffer.from((await store.get(sizeKey(id))) ?? Buffer.alloc(8)).readBigUInt64BE())

  it('is noted in the batch that it belongs to, and is right after a crash at any time', async () => {
    const { open, offer, session, change, keys, random } = desk()
    const disk = new MemoryDisk()
    for (let round = 0; round < 30; round++) {
      const { log, store } = await open(disk)
      expect(await noted(store, keys.documentId)).toBe(await sizeIn(log))
      const theirs = session('Ben')
      for (let count = random.below(5); count >= 0; count--) offer(log, theirs, 100 + random.below(2_000))
      for (let turn = random.below(4); turn > 0; turn--)
        await new Promise<void>((resolve) => setImmediate(resolve))
      offer(log, theirs, change().bytes.length)
      store.crash()
    }
    const { log, quota } = await open(disk)
    const size = await sizeIn(log)
    expect(size).toBeGreaterThan(0)
    expect(quota.nextLimit).toBe(2 * roomy.document)
    await log.close()
  })

  it('does not hold own segments, and is found by reading in a store of before', async () => {
    const { open, offer, session, change, keys } = desk()
    const disk = new MemoryDisk()
    const { log } = await open(disk)
    const mine = session('Ada')
    await log.append(mine, [change(5_000)])
    const theirs = [session('Ben'), session('Cleo')]
    for (const one of theirs) for (let count = 0; count < 3; count++) offer(log, one)
    await log.append(mine, [change(5_000)])
    const size = await sizeIn(log, mine)
    await log.close()
    const bare = new MemoryStore(disk)
    expect(await noted(bare, keys.documentId)).toBe(size)
    await bare.write([{ key: sizeKey(keys.documentId), value: null }])
    const limits = { ...roomy, document: size + 2 * sessionCharge }
    const again = await open(disk, keys, new ProfileQuota(limits))
    expect(again.log.shortage?.cause).toBe('document')
    expect(await noted(again.store, keys.documentId)).toBe(size)
    await again.log.close()
    const roomier = await open(disk, keys, new ProfileQuota({ ...limits, document: limits.document + 1 }))
    expect(roomier.log.shortage).toBeNull()
    await roomier.log.close()
  })
})
