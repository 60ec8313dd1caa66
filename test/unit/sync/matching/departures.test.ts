import { describe, expect, it } from 'vitest'
import { World } from '../world'

describe('peers one of whom leaves a document', () => {
  it('W9 do not count one as connected that left a document whose channel rests, and count it again later', async () => {
    const world = new World()
    const quietly = { looks: false }
    const [ada, bob] = [await world.site('Ada', 'write', quietly), await world.site('Bob', 'write', quietly)]
    const other = world.newKeys()
    const rests = [await ada.share('write', other, quietly), await bob.share('write', other, quietly)]
    const [line] = world.connect(ada, bob)
    await world.clock.advance(5_000)
    await ada.write()
    await world.converge([ada, bob])
    const count = () => ada.peers.connectedCount
    await world.within(200_000, () => ada.peers.peers.length === 0 && count() === 1)
    for (let round = 0; round < 3; round++) {
      const before = line.other?.sizes.length ?? 0
      bob.sync.remove(world.keys.documentId)
      await world.within(3_000, () => count() === 0, 'it is told')
      // By a message of one tag, and no channel.
      if (round === 0)
        expect(line.other?.sizes.slice(before)).toEqual([expect.toSatisfy((size: number) => size < 20)])
      expect(rests[0]?.peers.connectedCount).toBe(1)
      await bob.share('write', world.keys, quietly)
      await world.within(3_000, () => count() === 1, 'it is back')
    }
    // Left and shared again in one moment.
    bob.sync.remove(world.keys.documentId)
    const again = await bob.share('write', world.keys, quietly)
    await world.clock.advance(5_000)
    expect([count(), again.peers.connectedCount]).toEqual([1, 1])
    expect(line.destroyed).toBe(false)
  })

  it('W9 do not count one that left a document before it heard that the other has it', async () => {
    const world = new World()
    const quietly = { looks: false }
    const [ada, bob] = [await world.site('Ada', 'write', quietly), await world.site('Bob', 'write', quietly)]
    const [, far] = world.connect(ada, bob)
    far.hold()
    await world.clock.advance(500)
    ada.sync.remove(world.keys.documentId)
    far.release()
    await world.clock.advance(5_000)
    expect(bob.peers.connectedCount).toBe(0)
    await ada.share('write', world.keys, quietly)
    await world.within(5_000, () => bob.peers.connectedCount === 1)
  })

  it('W9 tell many departures in few messages', async () => {
    const world = new World()
    const quietly = { looks: false }
    const [ada, bob] = [await world.site('Ada', 'write', quietly), await world.site('Bob', 'write', quietly)]
    const all = Array.from({ length: 100 }, () => world.newKeys())
    const shared = await Promise.all(all.map((keys) => bob.share('write', keys, quietly)))
    for (const keys of all) await ada.share('write', keys, quietly)
    const [line] = world.connect(ada, bob)
    const countMet = () => shared.filter(({ peers }) => peers.connectedCount === 1).length
    await world.within(20_000, () => countMet() === all.length)
    const before = line.sizes.length
    for (const { documentId } of all) ada.sync.remove(documentId)
    await world.within(10_000, () => countMet() === 0)
    expect(line.sizes.slice(before).filter((size) => size > 4).length).toBeLessThan(8)
    expect(line.destroyed).toBe(false)
  })

  it('W9 W8 find a document again that one of them stopped to share and shares again', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    world.connect(ada, bob)
    await world.converge([ada, bob])
    for (let round = 0; round < 3; round++) {
      bob.sync.remove(world.keys.documentId)
      await world.until(() => ada.peers.peers.length === 0)
      await ada.write()
      const again = await bob.share('write')
      await world.within(3_000, () => again.log.vector.size === 1 && ada.peers.peers.length === 1)
    }
  })
})
