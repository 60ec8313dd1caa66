import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { MemoryDisk } from '../../../main/storage/memory-store'
import { decodeReceipt } from '../../../main/sync/wire/messages'
import { Mallory } from './mallory'
import { World } from './world'

describe('receipts', () => {
  it('W38 show which peers store everything, and which store own edits', async () => {
    const world = new World()
    const [ada, bob, cy] = [await world.site('Ada'), await world.site('Bob'), await world.site('Cy')]
    await ada.write(2)
    const [line] = world.connect(ada, bob)
    await world.converge([ada, bob])
    expect(ada.peer(bob)).toMatchObject({ coversAll: true, coversMine: true, upToDate: true })
    line.hold()
    await ada.write(1)
    expect(ada.peer(bob)).toMatchObject({ coversAll: false, coversMine: false, upToDate: true })
    // Changes by others that Bob lacks do not count as mine.
    line.release()
    await world.converge([ada, bob])
    line.hold()
    await cy.write(1)
    world.connect(cy, ada)
    await world.within(5_000, () => ada.log.vector.size === 2)
    expect(ada.peer(bob)).toMatchObject({ coversAll: false, coversMine: true })
    line.release()
    await world.converge([ada, bob, cy])
  })

  it('W38 are sent only for what is durable', async () => {
    const world = new World()
    const disk = new MemoryDisk()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob', 'write', { disk })]
    world.connect(ada, bob)
    await world.converge([ada, bob])
    disk.full = true
    const session = hex((await ada.write()).session)
    await world.until(() => bob.log.tip(session) === 1)
    await world.clock.advance(60_000)
    expect(ada.peer(bob)?.coversAll).toBe(false)
    expect(ada.peers.unshared).toBe(true)
    disk.full = false
    await world.within(30_000, () => ada.peer(bob)?.coversAll === true)
    expect(ada.peers.unshared).toBe(false)
  })

  it('W38 show that edits are unshared until a peer has them, also after a restart', async () => {
    const world = new World()
    const disk = new MemoryDisk()
    const ada = await world.site('Ada', 'write', { disk })
    expect(ada.peers.unshared).toBe(false)
    await ada.write()
    expect(ada.peers.unshared).toBe(true)
    const bob = await world.site('Bob')
    const [line] = world.connect(ada, bob)
    await world.converge([ada, bob])
    expect(ada.peers.unshared).toBe(false)
    await ada.sync.close()
    await ada.log.close()

    const again = await world.site('Ada', 'write', { disk })
    await world.until(() => !again.peers.unshared)
    await again.write()
    expect(again.peers.unshared).toBe(true)
    await again.sync.close()
    await again.log.close()
    expect(line.destroyed).toBe(false)

    const third = await world.site('Ada', 'write', { disk })
    await world.clock.advance(100)
    expect(third.peers.unshared).toBe(true)
    world.connect(third, bob)
    await world.converge([third, bob])
    expect(third.peers.unshared).toBe(false)
  })

  it('distinguish edits made in this run, also after peers connect again', async () => {
    const world = new World()
    const disk = new MemoryDisk()
    const ada = await world.site('Ada', 'write', { disk })
    await ada.write()
    expect([ada.peers.unshared, ada.peers.newUnshared]).toEqual([true, true])
    const { keys, log } = ada.document
    ada.sync.remove(keys.documentId)
    const met = ada.sync.add({
      ...{ keys, log, store: ada.store, role: 'write', manifest: null, signer: null, isSound: null },
      onManifest: () => undefined,
    })
    expect([met.unshared, met.newUnshared]).toEqual([true, true])
    await ada.sync.close()
    await log.close()
    const again = await world.site('Ada', 'write', { disk })
    await world.clock.advance(100)
    expect([again.peers.unshared, again.peers.newUnshared]).toEqual([true, false])
  })

  it('W72 are written at most once a second', async () => {
    const world = new World()
    const disk = new MemoryDisk()
    const [ada, bob] = [await world.site('Ada', 'write', { disk }), await world.site('Bob')]
    world.connect(ada, bob)
    await world.converge([ada, bob])
    await world.clock.advance(2_000)
    const stored = () =>
      [...disk.values]
        .filter(([key]) => key.startsWith('a'))
        .map(([, value]) => Buffer.from(value).readUInt32LE())
    await ada.write()
    await world.within(200, () => ada.peer(bob)?.coversMine === true)
    expect(stored()).toEqual([])
    await world.clock.advance(1_100)
    expect(stored()).toEqual([1])
  })

  it('W38 call listeners at most once in 100 ms, whatever happens in it, and after the last change', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    world.connect(ada, bob)
    await world.converge([ada, bob])
    await world.clock.advance(1_000)
    const calls: number[] = []
    let covers: boolean | undefined
    const stop = ada.peers.onChange(() => {
      calls.push(world.clock.now())
      covers = ada.peer(bob)?.coversAll
    })
    for (let ms = 0; ms < 500; ms += 5) {
      await ada.write()
      await world.clock.advance(5)
    }
    await world.converge([ada, bob])
    await world.clock.advance(120)
    const gaps = calls.slice(1).map((at, index) => at - (calls[index] ?? 0))
    expect(calls.length).toBeGreaterThan(4)
    expect(Math.min(...gaps)).toBe(100)
    expect(covers).toBe(true)
    stop()
    const before = calls.length
    await bob.write(3)
    await world.converge([ada, bob])
    await world.clock.advance(120)
    expect(calls).toHaveLength(before)
  })

  it('W33 are gathered for 30 ms a peer, the first after a pause at once, and say the newest', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    const mallories = Array.from({ length: 10 }, () => new Mallory(bob, world.keys))
    const [line] = world.connect(ada, bob)
    await world.until(() => ada.peer(bob)?.connected === true && line.destroyed === false)
    await world.until(() => mallories.every((mallory) => mallory.all('have').length > 0))
    await world.clock.advance(1_000)
    const [mallory] = mallories
    const said = () => mallory?.all('receipt').map((body) => decodeReceipt(body)) ?? []
    const before = said().length
    const began = world.clock.now()
    for (let change = 0; change < 150; change++) {
      await ada.write()
      await world.clock.advance(10)
    }
    await world.clock.advance(1_000)
    const receipts = said().slice(before)
    // 11 peers: one receipt each 330 ms.
    expect(world.clock.now() - began).toBe(2_500)
    expect(receipts.length).toBeGreaterThanOrEqual(5)
    expect(receipts.length).toBeLessThanOrEqual(6)
    expect(receipts.at(0)?.[0]?.[1].tip).toBe(1)
    expect(receipts.at(-1)?.[0]?.[1].tip).toBe(150)
  })
})
