import { describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { hex } from '../../../main/base/hex'
import { segmentKey, sessionKey } from '../../../main/log/format/store-keys'
import { MemoryDisk } from '../../../main/storage/memory-store'
import { makeGate } from '../../support/gated-store'
import { quiet } from '../../support/manual-clock'
import { SimInternet } from '../../support/sim-network'
import {
  clock,
  idOf,
  isOpen,
  latin1,
  newKeys,
  quietTime,
  random,
  received,
  restTime,
  type Started,
  start,
  until,
  write,
} from './resting-repos'

/** The same once the reader's log is closed. */
async function rested() {
  const site = await received()
  await clock.advance(quietTime)
  expect(isOpen(site.reader, site.keys)).toBe(false)
  return site
}

const isAnnounced = ({ network }: Started, topic: Uint8Array): boolean => network.topics.has(hex(topic))

describe('a log that was closed and cannot be opened', () => {
  it('is tried again, and its document shared all the while, which is reported once', async () => {
    const { keys, writer, reader, id } = await rested()
    const failures: unknown[] = []
    reader.repo.on('unopened', (failure) => failures.push(failure))
    reader.store.isUnreadable = true
    const more = hex((await write(writer, keys)).session)
    await clock.advance(200_000)
    expect(failures).toEqual([{ id, error: expect.any(SwarmpadError) }])
    expect([isOpen(reader, keys), isAnnounced(reader, keys.topic)]).toEqual([false, true])
    reader.store.isUnreadable = false
    await until(() => reader.repo.find(id)?.log.tip(more) === 1)
    // The next failure is another one.
    await clock.advance(quietTime)
    reader.store.isUnreadable = true
    await write(writer, keys)
    await until(() => failures.length === 2)
  })

  it('is still shared where somebody asked for it, who gets the error', async () => {
    const { keys, writer, reader, id } = await rested()
    reader.store.isUnreadable = true
    await expect(reader.repo.keep(id)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    reader.store.isUnreadable = false
    const more = hex((await write(writer, keys)).session)
    await until(() => reader.repo.find(id)?.log.tip(more) === 1)
  })

  it('is opened for nobody after the repo was stopped', async () => {
    const { keys, writer, reader } = await rested()
    reader.repo.stop()
    await write(writer, keys)
    await clock.advance(60_000)
    expect(isOpen(reader, keys)).toBe(false)
  })
})

describe('a log of which less is found when it is opened again', () => {
  it('is reported, and mended by peers who held the same as it did', async () => {
    const { keys, writer, reader, session, id } = await rested()
    expect(writer.repo.find(id)?.peers.connectedCount).toBe(1)
    const bytes = Buffer.from(session, 'hex')
    reader.disk.values.delete(latin1(segmentKey(keys.documentId, bytes, 3)))
    reader.disk.values.delete(latin1(sessionKey('tip', keys.documentId, bytes)))
    const short: string[] = []
    reader.repo.on('short', (document) => short.push(document.id))
    const { log } = await reader.repo.keep(id)
    expect([short, log.tip(session), log.health.isDamaged]).toEqual([[id], 2, true])
    await until(() => log.tip(session) === 3 && !log.health.isDamaged)
  })
})

describe('a document that is dropped', () => {
  it('is shared no more where its log was about to be closed', async () => {
    const { keys, writer, reader, id } = await received()
    const [asked, ending] = [makeGate(), makeGate()]
    reader.mayRest.until = asked.passed
    await clock.advance(quietTime)
    const dropped = reader.repo.drop(id, () => ending.passed)
    asked.open()
    await quiet()
    ending.open()
    await dropped
    expect([isOpen(reader, keys), isAnnounced(reader, keys.topic)]).toEqual([false, false])
    await write(writer, keys)
    await clock.advance(60_000)
    expect(isOpen(reader, keys)).toBe(false)
  })

  it('is closed also where it was asked for again when it could not be opened', async () => {
    const { keys, reader, id } = await rested()
    reader.store.isUnreadable = true
    const again = reader.repo.keep(id).catch(() => {
      reader.store.isUnreadable = false
      return reader.repo.keep(id)
    })
    await reader.repo.drop(id)
    await again
    expect([isOpen(reader, keys), isAnnounced(reader, keys.topic)]).toEqual([false, false])
  })
})

describe('logs that are closed and opened', () => {
  it('count once against the quota, whatever happens meanwhile', async () => {
    const [keys, later] = [newKeys(), newKeys()]
    const internet = new SimInternet({ clock, random })
    const [writer, reader] = [await start({ keys, later, internet }), await start({ keys, later, internet })]
    for (const each of [keys, later]) {
      await reader.repo.keep(idOf(each))
      const session = hex((await write(writer, each)).session)
      await until(() => reader.repo.find(idOf(each))?.log.tip(session) === 1)
    }
    reader.needed.add(idOf(later))
    const { quota } = reader.repo
    quota.setLimit(1)
    const used = quota.nextLimit / 2
    quota.setLimit(used + 1)
    const causes: unknown[] = []
    reader.repo.on('shortage', ({ shortage }) => causes.push(shortage?.cause ?? null))
    for (let round = 0; round < 2; round++) {
      await clock.advance(quietTime)
      expect([isOpen(reader, keys), isOpen(reader, later)]).toEqual([false, true])
      await reader.repo.keep(idOf(keys))
    }
    await clock.advance(quietTime)
    reader.store.isUnreadable = true
    await expect(reader.repo.keep(idOf(keys))).rejects.toThrow()
    expect(causes).toEqual([])
    quota.setLimit(1)
    expect(quota.nextLimit).toBe(2 * used)
  })
})

describe('the scrub of a store that was mended', () => {
  it('reads logs too that are closed before their turn comes', async () => {
    const [keys, later] = [newKeys(), newKeys()]
    const internet = new SimInternet({ clock, random })
    const writer = await start({ keys, later, internet })
    for (const each of [keys, later]) await write(writer, each)
    await writer.repo.close()
    const disk = new MemoryDisk()
    for (const [key, value] of writer.disk.values) disk.values.set(key, value)
    disk.suspect = true
    const again = await start({ keys, later, disk })
    for (const each of [keys, later]) await again.repo.keep(idOf(each))
    const release = again.store.holdReads((key) => latin1(key).includes(latin1(keys.documentId)))
    const done = again.repo.scrub(true)
    await clock.advance(2 * restTime)
    expect([isOpen(again, keys), isOpen(again, later)]).toEqual([true, false])
    release()
    await clock.advance(1_000)
    await done
    expect(disk.suspect).toBe(false)
  })

  it('leaves a log open that somebody asked for meanwhile', async () => {
    const { keys, reader, id } = await rested()
    const release = reader.store.holdReads(
      (key) => key[0] === segmentKey(keys.documentId, random.bytes(32), 1)[0],
    )
    clock.jump(8 * 24 * 3_600_000)
    await until(() => isOpen(reader, keys))
    const { log } = await reader.repo.keep(id)
    release()
    await clock.advance(5_000)
    expect([isOpen(reader, keys), reader.repo.find(id)?.log]).toEqual([true, log])
  })
})
