import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { MemoryDisk } from '../../../main/storage/memory-store'
import { collect } from '../log/fixture'
import { type Shared, World } from './world'

const bytesOf = async (site: { log: { all(): AsyncIterable<{ bytes: Uint8Array }> } }) =>
  (await collect(site.log.all())).map(({ bytes }) => hex(bytes)).sort()

describe('peers of a document', () => {
  it('W23 exchange what each wrote before they met', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    await ada.write(30)
    await bob.write(20)
    world.connect(ada, bob)
    await world.converge([ada, bob])
    expect((await bytesOf(ada)).length).toBe(50)
    expect(await bytesOf(ada)).toEqual(await bytesOf(bob))
  })

  it('W32 push what is written at once, verbatim, without the clock moving', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    world.connect(ada, bob)
    await world.converge([ada, bob])
    for (let n = 1; n <= 5; n++) {
      const session = await ada.write()
      await world.until(() => bob.log.vector.get(hex(session.session))?.tip === n)
    }
    expect(await bytesOf(bob)).toEqual(await bytesOf(ada))
  })

  it('W7 let a reader learn the manifest, and a keeper keep what it cannot read', async () => {
    const world = new World()
    const [ada, rita, kim] = [
      await world.site('Ada'),
      await world.site('Rita', 'read'),
      await world.site('Kim', 'keep'),
    ]
    await ada.write(10)
    world.connect(rita, ada)
    world.connect(ada, kim)
    await world.converge([ada, rita, kim])
    expect(rita.document.manifest).not.toBeNull()
    expect(ada.peers.peers.map(({ role }) => role).sort()).toEqual(['keep', 'read'])
    expect(rita.peer(ada)?.role).toBe('write')
    // Kim cannot read names.
    expect(kim.peers.peers[0]).toMatchObject({ name: '', role: 'write', connected: true })
  })

  it('W7 pass a document from a reader to a reader, both of whom have only the link', async () => {
    const world = new World()
    const [ada, rita, rob] = [
      await world.site('Ada'),
      await world.site('Rita', 'read'),
      await world.site('Rob', 'read'),
    ]
    await ada.write(10)
    const [line] = world.connect(rita, ada)
    await world.converge([ada, rita])
    line.destroy()
    world.connect(rob, rita)
    await world.converge([rita, rob])
    expect(await bytesOf(rob)).toEqual(await bytesOf(ada))
  })

  it('W33 pass live edits along a line of peers, the second one without waiting', async () => {
    const world = new World()
    const sites = [await world.site('Ada'), await world.site('Kim', 'keep'), await world.site('Bob')] as const
    const [ada, kim, bob] = sites
    world.connect(ada, kim)
    world.connect(kim, bob)
    await world.converge(sites)
    const session = hex((await ada.write()).session)
    await world.within(1_000, () => bob.log.vector.get(session)?.tip === 1)
    await ada.write()
    await world.until(() => bob.log.vector.get(session)?.tip === 2)
  })

  it('W33 in a full mesh send each edit once to each peer', async () => {
    const world = new World()
    const sites = [await world.site('Ada'), await world.site('Bob'), await world.site('Cy')] as const
    const [ada, bob, cy] = sites
    world.connect(ada, bob)
    world.connect(ada, cy)
    const [left, right] = world.connect(bob, cy)
    await world.converge(sites)
    await ada.write()
    await world.converge(sites)
    const before = [left.sizes.length, right.sizes.length]
    await ada.write(1, 20_000)
    await world.converge(sites)
    const between = [...left.sizes.slice(before[0]), ...right.sizes.slice(before[1])]
    expect(Math.max(...between, 0)).toBeLessThan(1_000)
  })

  it('W8 find a document that is added later, on either side', async () => {
    const world = new World()
    const other = world.newKeys()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    world.connect(ada, bob)
    await world.converge([ada, bob])
    for (const [first, second] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      const keys = first === ada ? other : world.newKeys()
      const here = await first.share('write', keys)
      const random = world.random
      const session = first.newSession(keys)
      await here.log.append(session, [{ bytes: random.bytes(10), hash: random.bytes(32) }])
      await world.clock.advance(2_000)
      expect(here.peers.peers).toEqual([])
      const there = await second.share('read', keys)
      await world.within(1_000, () => there.log.vector.get(hex(session.session))?.tip === 1)
      expect(here.peers.peers[0]?.name).toBe(second.name)
    }
  })

  it('W8 share many documents over one connection, opened in few frames', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    const shared: { here: Shared; there: Shared }[] = []
    for (let n = 0; n < 300; n++) {
      const keys = world.newKeys()
      const there = await bob.share('read', keys)
      const here = await ada.share('write', keys)
      const change = { bytes: world.random.bytes(10), hash: world.random.bytes(32) }
      await here.log.append(ada.newSession(keys), [change])
      shared.push({ here, there })
    }
    const [near] = world.connect(ada, bob)
    await world.within(5_000, () => shared.every(({ there }) => there.log.vector.size === 1))
    await world.within(5_000, () => shared.every(({ here }) => here.peers.peers[0]?.coversAll === true))
    // All openings are in the first frames.
    expect(near.sizes.slice(0, 4).reduce((sum, size) => sum + size, 0)).toBeGreaterThan(300 * 150)
  })

  it('W9 find a document again that was removed and added, and say goodbye in between', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    const [line] = world.connect(ada, bob)
    await world.converge([ada, bob])
    bob.sync.remove(world.keys.documentId)
    await world.until(() => ada.peers.peers.length === 0)
    expect(bob.network.topics.size).toBe(0)
    const again = await bob.share('write')
    await world.within(2_000, () => ada.peers.peers.length === 1)
    await ada.write(3)
    await world.until(() => again.log.vector.size === 1)
    expect(line.destroyed).toBe(false)
  })

  it('resume after a cut in the middle of a transfer', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    const session = hex((await ada.write(60, 20_000)).session)
    const [, end] = world.connect(ada, bob)
    await world.until(() => bob.log.tip(session) > 10)
    end.destroy()
    await world.until(() => ada.peers.peers.length === 0)
    expect(bob.log.tip(session)).toBeLessThan(60)
    world.connect(bob, ada)
    await world.converge([ada, bob])
  })

  it('carry on when both dial each other, and list each other once', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    const [first] = world.connect(ada, bob)
    world.connect(bob, ada)
    await world.converge([ada, bob])
    expect(ada.peers.peers.length).toBe(1)
    bob.peers.setPresence({ name: 'Bob', identity: null, caret: Buffer.from('here') })
    await world.within(500, () => ada.peer(bob)?.caret !== null)
    first.destroy()
    await world.until(() => first.destroyed)
    expect(ada.peer(bob)?.caret).not.toBeNull()
    await world.clock.advance(1_000)
    await ada.write(3)
    await world.converge([ada, bob])
    expect(ada.peer(bob)?.connected).toBe(true)
  })

  it('W31 W21 converge on more sessions than are remembered or fit in a message', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob', 'read')]
    const sessions = Array.from({ length: 2_500 }, () => ada.newSession())
    await Promise.all(sessions.map((session) => ada.write(1, 10, session)))
    world.connect(ada, bob)
    await world.converge([ada, bob], 120_000)
    expect(bob.log.vector.size).toBe(2_500)
    expect(ada.peer(bob)?.coversAll).toBe(true)
  })

  it('W15 converge on several MiB that were written at once', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    const ends = world.connect(ada, bob)
    await world.converge([ada, bob])
    await ada.write(80, 60_000)
    await world.converge([ada, bob])
    expect(Math.max(...ends[0].sizes)).toBeLessThan(512 * 1024)
    expect(ends[0].destroyed).toBe(false)
  })

  it('W36 request nothing while the disk refuses, and fetch the rest when it has room again', async () => {
    const world = new World()
    const disk = new MemoryDisk()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob', 'write', { disk })]
    const [end] = world.connect(ada, bob)
    await world.converge([ada, bob])
    disk.full = true
    const session = hex((await ada.write()).session)
    await world.clock.advance(1_000)
    await ada.write(100, 20_000)
    await world.clock.advance(120_000)
    const sent = end.sizes.reduce((sum, size) => sum + size, 0)
    expect(sent).toBeLessThan(700_000)
    expect(bob.log.vector.get(session)).toBeUndefined()
    expect(ada.peer(bob)?.coversAll).toBe(false)
    disk.full = false
    await world.converge([ada, bob])
    expect(bob.log.vector.get(session)?.tip).toBe(101)
  })
})
