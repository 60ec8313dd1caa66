import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { checkedKey, logRanges, segmentKey } from '../../../main/log/format/store-keys'
import { sessionCharge } from '../../../main/log/quota'
import type { Repo } from '../../../main/repo/repo'
import { MemoryDisk } from '../../../main/storage/memory-store'
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
  start,
  until,
  write,
} from './resting-repos'

describe('logs that nothing needs', () => {
  it('are closed after a while, and opened again for what a peer has', async () => {
    const { keys, writer, reader, session, id } = await received()
    await clock.advance(quietTime)
    expect([isOpen(reader, keys), isOpen(writer, keys)]).toEqual([false, true])
    // The writer knows that the reader is there, and has all.
    expect(writer.repo.find(id)?.peers.connectedCount).toBe(1)
    expect(reader.network.topics.has(hex(keys.topic))).toBe(true)
    const more = hex((await write(writer, keys)).session)
    await until(() => reader.repo.find(id)?.log.tip(more) === 1)
    expect(reader.repo.find(id)?.log.tip(session)).toBe(3)
    await clock.advance(quietTime)
    expect(isOpen(reader, keys)).toBe(false)
  })

  it('are closed at once where all are opened, and opened for a peer who lacks something', async () => {
    const { keys, internet, writer, reader, session, id } = await received()
    await writer.repo.close()
    await reader.repo.close()
    const again = await start({ keys, disk: reader.disk, internet })
    const found = await again.repo.keepAll([id], { isWhole: true, onFailure: () => expect.fail('no') })
    expect(found).toEqual({ isAll: true, short: [] })
    expect(isOpen(again, keys)).toBe(false)
    const fresh = await start({ keys, internet })
    await fresh.repo.keep(id)
    await until(() => fresh.repo.find(id)?.log.tip(session) === 3)
  })

  it('stay closed where a peer holds the same, who counts as connected once it is opened', async () => {
    const { keys, internet, writer, reader, id } = await received()
    await reader.repo.close()
    const again = await start({ keys, disk: reader.disk, internet })
    await again.repo.keepAll([id], { isWhole: true, onFailure: () => expect.fail('no') })
    let opened = 0
    again.repo.on('opened', () => opened++)
    await clock.advance(30_000)
    expect([isOpen(again, keys), opened]).toEqual([false, 0])
    expect(writer.repo.find(id)?.peers.connectedCount).toBe(1)
    const { peers } = await again.repo.keep(id)
    expect(peers.connectedCount).toBe(1)
  })

  it('are opened where own edits are confirmed by nobody, and a peer is there', async () => {
    const keys = newKeys()
    const internet = new SimInternet({ clock, random })
    const alone = await start({ keys })
    await write(alone, keys)
    await alone.repo.close()
    const copy = new MemoryDisk()
    for (const [key, value] of alone.disk.values) copy.values.set(key, value)
    const [one, other] = [
      await start({ keys, disk: alone.disk, internet }),
      await start({ keys, disk: copy, internet }),
    ]
    for (const site of [one, other]) {
      await site.repo.keepAll([idOf(keys)], { isWhole: true, onFailure: () => expect.fail('no') })
      expect(isOpen(site, keys)).toBe(false)
      expect(site.network.topics.get(hex(keys.topic))?.unheld).toBe(true)
    }
    // Sooner than the scrub opens them.
    await clock.advance(30_000)
    expect([isOpen(one, keys), isOpen(other, keys)]).toEqual([true, true])
    await until(() => one.repo.find(idOf(keys))?.peers.unshared === false)
  })

  it('stay open while somebody needs them: the user, a session of this run, who holds all open', async () => {
    const { keys, reader, writer, id } = await received()
    const { needed } = reader
    needed.add(id)
    await clock.advance(quietTime)
    expect([isOpen(reader, keys), isOpen(writer, keys)]).toEqual([true, true])
    needed.delete(id)
    const release = reader.repo.hold()
    await clock.advance(restTime)
    expect(isOpen(reader, keys)).toBe(true)
    release()
    reader.repo.find(id)?.setOpen(true)
    await clock.advance(restTime)
    expect(isOpen(reader, keys)).toBe(true)
    reader.repo.find(id)?.setOpen(false)
    await clock.advance(restTime)
    expect(isOpen(reader, keys)).toBe(false)
  })

  it('are whole: damaged ones stay open', async () => {
    const { keys, reader, session, id } = await received()
    await reader.repo.close()
    reader.disk.values.delete(latin1(segmentKey(keys.documentId, Buffer.from(session, 'hex'), 3)))
    const again = await start({ keys, disk: reader.disk })
    await again.repo.keep(id)
    await again.repo.find(id)?.log.health.check()
    expect(again.repo.find(id)?.log.health.isDamaged).toBe(true)
    await clock.advance(quietTime)
    expect(isOpen(again, keys)).toBe(true)
  })

  it('count against the quota as open ones do', async () => {
    const { keys, reader, id } = await received()
    reader.repo.quota.setLimit(1)
    const used = reader.repo.quota.nextLimit
    expect([used > 2 * sessionCharge, reader.repo.quota.shortage?.cause]).toEqual([true, 'profile'])
    await clock.advance(quietTime)
    expect(isOpen(reader, keys)).toBe(false)
    expect([reader.repo.quota.nextLimit, reader.repo.quota.shortage?.cause]).toEqual([used, 'profile'])
    await reader.repo.keep(id)
    expect(reader.repo.quota.nextLimit).toBe(used)
    await clock.advance(quietTime)
    await reader.repo.forget(keys.documentId)
    expect([reader.repo.quota.nextLimit, reader.repo.quota.shortage]).toEqual([2, null])
  })

  it('are shared no more once they are dropped, and gone once they are forgotten', async () => {
    const { keys, reader, writer, id } = await received()
    await clock.advance(quietTime)
    expect(isOpen(reader, keys)).toBe(false)
    await reader.repo.forget(keys.documentId)
    expect(reader.network.topics.has(hex(keys.topic))).toBe(false)
    const ranges = logRanges(keys.documentId).map(({ gte, lt }) => [latin1(gte), latin1(lt)] as const)
    const left = [...reader.disk.values.keys()].filter((key) =>
      ranges.some(([from, to]) => key >= (from ?? '') && key < (to ?? '')),
    )
    expect(left).toEqual([])
    await write(writer, keys)
    await clock.advance(30_000)
    expect(writer.repo.find(id)?.peers.connectedCount).toBe(0)
  })

  it('are shared with nobody where the peer left the document, until the peer shares it again (W9)', async () => {
    const { keys, reader, writer, id } = await received()
    await clock.advance(quietTime)
    await writer.repo.drop(id)
    await clock.advance(30_000)
    expect(isOpen(reader, keys)).toBe(false)
    const { peers } = await reader.repo.keep(id)
    expect(peers.connectedCount).toBe(0)
    await clock.advance(quietTime)
    expect(isOpen(reader, keys)).toBe(false)
    await writer.repo.keep(id)
    await clock.advance(30_000)
    expect((await reader.repo.keep(id)).peers.connectedCount).toBe(1)
  })

  it('stay closed where the document was dropped before its turn to be opened', async () => {
    const [keys, later] = [newKeys(), newKeys()]
    const ids = [idOf(keys), idOf(later)]
    const internet = new SimInternet({ clock, random })
    const writer = await start({ keys, later, internet })
    for (const each of [keys, later]) await write(writer, each)
    const reader = await start({ keys, later, internet })
    await reader.repo.keepAll(ids, { isWhole: true, onFailure: () => expect.fail('no') })
    expect([isOpen(reader, keys), isOpen(reader, later)]).toEqual([false, false])
    const opened: string[] = []
    let dropped: Promise<void> | null = null
    reader.repo.on('opened', ({ id }) => {
      opened.push(id)
      // The log of the other is to be opened next.
      dropped ??= reader.repo.drop(idOf(id === idOf(keys) ? later : keys))
    })
    await until(() => dropped !== null)
    await dropped
    await clock.advance(quietTime)
    expect(opened).toHaveLength(1)
  })

  it('stay open for a while after a peer was there, however short', async () => {
    const { keys, reader, writer, id } = await received()
    await clock.advance(quietTime)
    expect([isOpen(reader, keys), isOpen(writer, keys)]).toEqual([false, true])
    await reader.repo.keep(id)
    const stopWatching = reader.repo.find(id)?.peers.watch()
    let lastHeard = 0
    reader.repo.on('peers', () => {
      lastHeard = clock.now()
    })
    await until(() => reader.repo.find(id)?.peers.peers.some(({ connected }) => connected) ?? false)
    await clock.advance(100_000)
    stopWatching?.()
    await writer.repo.close()
    await until(() => !isOpen(reader, keys))
    expect(clock.now() - lastHeard).toBeGreaterThanOrEqual(60_000)
  })

  it('are checked once a week, and closed again', async () => {
    const { keys, reader, id } = await received()
    await clock.advance(quietTime)
    expect(isOpen(reader, keys)).toBe(false)
    const checked = () => reader.disk.values.get(latin1(checkedKey(keys.documentId)))
    const before = checked()
    clock.jump(8 * 24 * 3_600_000)
    let opened = 0
    reader.repo.on('opened', () => opened++)
    await until(() => !Buffer.from(checked() ?? []).equals(Buffer.from(before ?? [])))
    await until(() => opened === 1 && !isOpen(reader, keys))
    expect((await reader.repo.keep(id)).log.health.isDamaged).toBe(false)
  })

  it('are opened for who asks for them while they are closed', async () => {
    const { keys, reader, session, id } = await received()
    const asked: ReturnType<Repo['keep']>[] = []
    reader.repo.on('rested', () => asked.push(reader.repo.keep(id)))
    await until(() => asked.length > 0)
    const { log } = await (asked[0] ?? expect.fail())
    expect([log.tip(session), isOpen(reader, keys)]).toEqual([3, true])
  })
})
