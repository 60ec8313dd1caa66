import { describe, expect, it, vi } from 'vitest'
import type { BackupRecord } from '../../../main/backup/backup-records'
import { changesOf, documentRecords } from '../../../main/backup/collect'
import { RestoringDocument } from '../../../main/backup/restore-document'
import { SwarmpadError } from '../../../main/base/errors'
import { hex } from '../../../main/base/hex'
import { type LibraryEntry, nothingNoted } from '../../../main/library/library-entry'
import type { DocumentLog } from '../../../main/log/document-log'
import { packDocument, sealSnapshot } from '../../../main/log/format/snapshot'
import { segmentKey } from '../../../main/log/format/store-keys'
import { ProfileQuota } from '../../../main/log/quota'
import type { SessionLog } from '../../../main/log/session-log'
import type { BackedParts, LowerRecord, Restored } from '../../../main/repo/lower-part'
import { MemoryStore } from '../../../main/storage/memory-store'
import { collect, flipped } from '../log/fixture'
import { rejection, setUp } from '../log/open-log'
import { UnreliableStore } from '../log/unreliable-store'

/** The records of the lower parts, and what was restored of them. */
const lower = (records: readonly LowerRecord[] = [], effect: Restored = 'added') => {
  const restored: LowerRecord[] = []
  const parts: BackedParts = {
    async *records() {
      yield* records
    },
    restore: async (record) => {
      restored.push(record)
      return effect
    },
  }
  return { parts, restored }
}
const noParts = lower().parts

const parts = async (seed = 21) => {
  const all = await setUp(seed)
  const { keys, log, change, random } = all
  const entry: LibraryEntry = {
    ...{ keys, manifest: null, title: 'Garden', editedAt: 1, createdAt: 1, waiting: false, removedAt: null },
    ...nothingNoted,
    shared: true,
  }
  /** A session with so many segments of two changes each. */
  const write = async (segments: number): Promise<SessionLog> => {
    const session = all.session()
    for (let one = 0; one < segments; one++) await log.append(session, [change(), change()])
    return session
  }
  const snapshot = async (tips: [SessionLog, number][]) => {
    const sessions = []
    for (const [{ session }, seq] of tips)
      sessions.push((await log.snapshots.settled(hex(session), seq)) ?? expect.fail())
    const packed = packDocument(Buffer.from('the document')) ?? expect.fail()
    return sealSnapshot({ keys, sessions, packed, nonce: random.bytes(24), madeAt: 1 }) ?? expect.fail()
  }
  const told = { changes: 0, damaged: 0 }
  const records = (of: DocumentLog | null = log): Promise<BackupRecord[]> =>
    collect(
      documentRecords(entry, of && { log: of, parts: noParts }, {
        onChanges: (count) => (told.changes += count),
        onDamaged: () => told.damaged++,
      }),
    )
  const restore = async (into: DocumentLog, all: readonly BackupRecord[], own = true, isSound = true) => {
    const work = new RestoringDocument({
      log: into,
      parts: noParts,
      verify: keys.verify,
      own,
      isSound: async () => isSound,
    })
    for (const record of all) await work.take(record)
    await work.end()
    return work
  }
  return { ...all, entry, write, snapshot, records, restore, told }
}

const held = (log: DocumentLog) => [...log.vector].sort(([a], [b]) => (a < b ? -1 : 1))

describe('a document in a backup', () => {
  it('is the same elsewhere: sessions, bases, marks, and which were made here (rule B5)', async () => {
    const { log, write, snapshot, records, restore, openLog, told } = await parts()
    const [a, b] = [await write(3), await write(2)]
    await log.snapshots.install(await snapshot([[a, 4]]), true)
    const all = await records()
    expect(all.map(({ type }) => type)).toEqual([
      ...['document', 'snapshot', 'session', 'segment', 'session', 'segment', 'segment'],
    ])
    expect(told).toEqual({ changes: changesOf(log), damaged: 0 })
    const fresh = await openLog(new MemoryStore())
    const work = await restore(fresh, all)
    expect([work.grew, work.incomplete]).toEqual([true, false])
    expect(held(fresh)).toEqual(held(log))
    expect(fresh.ownSessions().sort()).toEqual([a, b].map(({ session }) => hex(session)).sort())
    // Again: nothing is taken twice, nothing is wrong.
    const again = await restore(fresh, all)
    expect([again.grew, again.incomplete]).toEqual([false, false])
    await Promise.all([fresh.close(), log.close()])
  })

  it('of which segments go for a snapshot while it is read counts as damaged: the snapshot in it is older', async () => {
    const { entry, log, write, snapshot, told } = await parts()
    const [a, b] = [await write(2), await write(3)]
    const onDamaged = () => told.damaged++
    const reading = documentRecords(entry, { log, parts: noParts }, { onChanges: () => undefined, onDamaged })
    const types: string[] = []
    for await (const { type } of reading) {
      types.push(type)
      if (types.length === 2) await log.snapshots.install(await snapshot([[b, 4]]), true)
    }
    expect(types).toEqual(['document', 'session', 'segment', 'segment', 'session'])
    expect(told.damaged).toBe(1)
    expect(a.tip).toBe(4)
    await log.close()
  })

  it('of someone else makes no session one’s own, and counts against the quota; one’s own does not (S14)', async () => {
    const { log, write, records, restore, environment, keys } = await parts()
    await write(3)
    const { documentId, verify } = keys
    const all = await records()
    for (const own of [true, false]) {
      const quota = new ProfileQuota({ document: 1, profile: 1, floor: 0 }).document()
      const fresh = new (log.constructor as typeof DocumentLog)({
        ...{ store: new MemoryStore(), environment, documentId, verify, quota },
      })
      await fresh.open()
      const work = await restore(fresh, all, own)
      expect(work.incomplete).toBe(!own)
      expect(fresh.ownSessions()).toHaveLength(own ? 1 : 0)
      await fresh.close()
    }
    await log.close()
  })

  it('has the records of its lower parts last, and reports what became of them', async () => {
    const { log, entry, keys } = await parts()
    const records = [{ part: 'blobs', bytes: Buffer.from('one') }]
    const events = { onChanges: () => undefined, onDamaged: vi.fn() }
    const all = await collect(documentRecords(entry, { log, parts: lower(records).parts }, events))
    expect(all.slice(1)).toEqual([{ type: 'part', ...records[0] }])
    for (const [effect, grew, incomplete] of [
      ['added', true, false],
      ['known', false, false],
      ['refused', false, true],
    ] as const) {
      const into = lower([], effect)
      const work = new RestoringDocument({
        ...{ log, verify: keys.verify, own: true, isSound: null, parts: into.parts },
      })
      for (const record of all) await work.take(record)
      await work.end()
      expect([work.grew, work.incomplete]).toEqual([grew, incomplete])
      expect(into.restored).toMatchObject(records)
    }
    const damaged: BackedParts = {
      ...noParts,
      async *records() {
        yield* records
        throw new SwarmpadError('STORE_DAMAGED', { part: 'database' })
      },
    }
    expect(await collect(documentRecords(entry, { log, parts: damaged }, events))).toEqual(all)
    expect(events.onDamaged).toHaveBeenCalledTimes(1)
    await log.close()
  })

  it('with a snapshot that does not stand its check is taken without it', async () => {
    const { log, write, snapshot, records, restore, openLog } = await parts()
    const [a, b] = [await write(3), await write(2)]
    await log.snapshots.install(await snapshot([[a, 4]]), true)
    const fresh = await openLog(new MemoryStore())
    const work = await restore(fresh, await records(), true, false)
    expect([work.grew, work.incomplete]).toEqual([true, true])
    expect([...fresh.vector.keys()]).toEqual([hex(b.session)])
    await Promise.all([fresh.close(), log.close()])
  })

  it('that is damaged on the disk is in it as far as it can be read, and is told of', async () => {
    const { log, write, records, restore, openLog, keys, store, told } = await parts()
    const [a, b] = [await write(3), await write(2)]
    const key = segmentKey(keys.documentId, a.session, 4)
    await store.write([{ key, value: flipped((await store.get(key)) ?? expect.fail(), 300) }])
    const all = await records()
    expect(told.damaged).toBe(1)
    const fresh = await openLog(new MemoryStore())
    await restore(fresh, all)
    expect([fresh.tip(hex(a.session)), fresh.tip(hex(b.session))]).toEqual([2, 4])
    expect(await records(null)).toHaveLength(1)
    expect(told.damaged).toBe(2)
    await Promise.all([fresh.close(), log.close()])
  })

  it('ends with a word while the disk refuses, and goes on later', async () => {
    const { log, write, records, restore, openLog } = await parts()
    await write(3)
    const all = await records()
    const disk = new UnreliableStore(new MemoryStore())
    const fresh = await openLog(disk)
    disk.disk = 'full'
    expect(await rejection(restore(fresh, all))).toBe('STORE_WRITE_FAILED')
    disk.disk = 'works'
    await fresh.close()
    const again = await openLog(disk)
    const work = await restore(again, all)
    expect(work.incomplete).toBe(false)
    expect(held(again)).toEqual(held(log))
    await Promise.all([again.close(), log.close()])
  })

  it('that was made up is taken as far as it is sound', async () => {
    const { log, write, records, restore, openLog } = await parts()
    await write(2)
    const all = await records()
    const wrong = all.map((record) =>
      record.type === 'segment' ? { ...record, bytes: flipped(record.bytes, 180) } : record,
    )
    const shuffled = [...all].reverse()
    for (const made of [wrong, shuffled, all.filter(({ type }) => type !== 'session')]) {
      const fresh = await openLog(new MemoryStore())
      const work = await restore(fresh, made)
      expect([work.grew, work.incomplete]).toEqual([false, true])
      expect(held(fresh)).toEqual([])
      await fresh.close()
    }
    await log.close()
  })
})
