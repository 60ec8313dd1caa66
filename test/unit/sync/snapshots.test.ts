import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { snapshotPartSize } from '../../../main/log/format/limits'
import { decodeSnapshot, packDocument, type Snapshot, sealSnapshot } from '../../../main/log/format/snapshot'
import { maxAsked, SnapshotSender } from '../../../main/sync/transfer/snapshot-sender'
import { decodeFetch, encodeFetch, encodeOffer, encodePart } from '../../../main/sync/wire/messages'
import { Mallory } from './mallory'
import { type Site, World } from './world'

/** A snapshot of all that a site holds, with so many bytes of content. */
async function snapshotOf(site: Site, size = 300_000): Promise<Snapshot> {
  const { log, world } = site
  const sessions = []
  for (const [session, { tip }] of log.vector)
    sessions.push((await log.snapshots.settled(session, tip)) ?? expect.fail())
  const packed = packDocument(world.random.bytes(size)) ?? expect.fail()
  const made = { keys: world.keys, sessions, packed, nonce: world.random.bytes(24), madeAt: 1 }
  return sealSnapshot(made) ?? expect.fail()
}

/** Ada has written and left; Mallory has her snapshot and offers it to Bob, who has nothing. */
async function offered(size?: number) {
  const world = new World()
  const ada = await world.site('Ada')
  const session = await ada.write(5)
  await world.until(() => ada.log.vector.size === 1)
  const snapshot = await snapshotOf(ada, size)
  const bob = await world.site('Bob')
  const mallory = new Mallory(bob, world.keys)
  await world.until(() => mallory.all('have').length > 0)
  const { id, changes, bytes } = snapshot
  const offer = () => mallory.send('offer', encodeOffer({ id, size: bytes.length, changes }))
  const part = (index: number, of = bytes) =>
    encodePart({ index, bytes: of.subarray(index * snapshotPartSize, (index + 1) * snapshotPartSize) })
  const extent = ada.log.vector.get(hex(session.session)) ?? expect.fail()
  const tell = () => mallory.vector([[hex(session.session), { ...extent, base: extent.tip }]])
  const asked = () => mallory.all('fetch').map((body) => decodeFetch(body).index)
  return { world, ada, bob, mallory, session: hex(session.session), snapshot, offer, tell, part, asked }
}

describe('a snapshot on the wire', () => {
  it('W60 to W63 is fetched part by part where segments cannot bring it', async () => {
    const { world, bob, mallory, session, snapshot, offer, tell, part, asked } = await offered()
    offer()
    tell()
    await world.until(() => asked().length === 2)
    expect(asked()).toEqual([0, 1])
    expect(mallory.asked).toEqual([])
    for (const index of [0, 1, 2]) mallory.send('part', part(index))
    await world.until(() => bob.log.vector.size === 1)
    expect(asked()).toEqual([0, 1, 2])
    expect(bob.log.vector.get(session)).toMatchObject({ base: 5, tip: 5 })
    expect(hex((await bob.log.snapshots.read())?.bytes ?? new Uint8Array())).toBe(hex(snapshot.bytes))
    await world.until(() => mallory.all('receipt').length > 0 && mallory.all('offer').length > 0)
    expect(mallory.closed).toBe(false)
  })

  it('W62 gets a peer refused that sends another than it offered', async () => {
    for (const spoil of [
      (bytes: Uint8Array) => bytes.map((byte, place) => (place === 200_000 ? byte ^ 1 : byte)),
      (bytes: Uint8Array) => bytes.map((byte, place) => (place === 20 ? byte ^ 1 : byte)),
    ]) {
      const { world, bob, mallory, snapshot, offer, tell, part } = await offered()
      offer()
      tell()
      for (const index of [0, 1, 2]) mallory.send('part', part(index, spoil(snapshot.bytes)))
      await world.until(() => mallory.closed)
      expect(bob.log.vector.size).toBe(0)
      expect(bob.log.snapshots.held).toBe(null)
      const again = new Mallory(bob, world.keys, { publicKey: mallory.publicKey })
      await world.until(() => again.closed)
    }
  })

  it('W62 gets no peer refused when its content is unsound, and is not fetched again', async () => {
    const { world, bob, mallory, offer, tell, part, asked } = await offered()
    bob.findsSound = false
    offer()
    tell()
    for (const index of [0, 1, 2]) mallory.send('part', part(index))
    await world.until(() => asked().length === 3)
    await world.clock.advance(1_000)
    offer()
    tell()
    await world.clock.advance(60_000)
    expect(asked()).toEqual([0, 1, 2])
    expect(mallory.closed).toBe(false)
    expect(bob.log.snapshots.held).toBe(null)
  })

  it('W62 is waited for 15 s, then segments are requested again', async () => {
    const { world, ada, bob, mallory, session, offer, tell, asked } = await offered()
    offer()
    tell()
    await world.until(() => asked().length === 2)
    // A peer has the segments: they are not requested while the snapshot may arrive.
    world.connect(bob, ada)
    await world.clock.advance(5_000)
    expect(bob.log.vector.size).toBe(0)
    await world.clock.advance(20_000)
    await world.until(() => bob.log.vector.get(session)?.tip === 5)
    expect(bob.log.vector.get(session)?.base).toBe(0)
    expect(asked()).toEqual([0, 1])
    expect(mallory.closed).toBe(false)
  })

  it('W62 delays segments for 30 s at most, however slowly it arrives', async () => {
    const { world, ada, bob, mallory, session, offer, tell, part, asked } = await offered(3_000_000)
    offer()
    tell()
    await world.until(() => asked().length === 2)
    world.connect(bob, ada)
    for (const index of [0, 1]) {
      await world.clock.advance(12_000)
      mallory.send('part', part(index))
    }
    expect(bob.log.vector.size).toBe(0)
    await world.clock.advance(12_000)
    await world.until(() => bob.log.vector.get(session)?.tip === 5)
    expect(asked()).toEqual([0, 1, 2, 3])
  })

  it('W62 delays segments for no further peer after one delivered none, until one is stored', async () => {
    const { world, ada, bob, session, snapshot, offer, tell } = await offered()
    offer()
    tell()
    await world.clock.advance(20_000)
    // The same peer under another name.
    const again = new Mallory(bob, world.keys)
    await world.until(() => again.all('have').length > 0)
    const extent = ada.log.vector.get(session) ?? expect.fail()
    const { id, changes, bytes } = snapshot
    again.send('offer', encodeOffer({ id, size: bytes.length, changes }))
    again.vector([[session, { ...extent, base: extent.tip }]])
    await world.until(() => again.all('fetch').length === 2)
    world.connect(bob, ada)
    await world.clock.advance(2_000)
    expect(bob.log.vector.get(session)).toMatchObject({ base: 0, tip: 5 })
  })

  it('W62 delays segments only briefly for a peer that offers one and announces nothing', async () => {
    const { world, ada, bob, session, offer } = await offered()
    offer()
    world.connect(bob, ada)
    await world.clock.advance(12_000)
    await world.until(() => bob.log.vector.get(session)?.tip === 5)
  })

  it('W61 is sent on request, four parts at a time at most', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    await ada.write(5)
    const snapshot = await snapshotOf(ada, 2_000_000)
    await ada.log.snapshots.keep(snapshot)
    const mallory = new Mallory(ada, world.keys)
    await world.until(() => mallory.all('offer').length > 0)
    mallory.send('fetch', encodeFetch({ id: world.random.bytes(32), index: 0 }))
    mallory.send('fetch', encodeFetch({ id: snapshot.id, index: 200 }))
    mallory.send('fetch', encodeFetch({ id: snapshot.id, index: 15 }))
    await world.until(() => mallory.all('part').length === 1)
    const sent: Uint8Array[] = []
    const port = { ...mallory.port, drained: false, send: (_: string, body: Uint8Array) => sent.push(body) }
    const feed = new SnapshotSender({ log: ada.log, port: () => port })
    for (let round = 0; round < 1_000; round++) feed.takeFetch({ id: snapshot.id, index: 3 })
    await world.clock.advance(1_000)
    expect(sent.length).toBe(0)
    port.drained = true
    feed.resume()
    await world.until(() => sent.length === maxAsked)
    await world.clock.advance(1_000)
    expect(sent.length).toBe(maxAsked)
    // A part that was not requested.
    mallory.send('part', encodePart({ index: 0, bytes: world.random.bytes(snapshotPartSize) }))
    await world.clock.advance(1_000)
    expect(mallory.closed).toBe(false)
  })

  it('W81 is fetched by a keeper that has none, though both hold the same and nobody looks', async () => {
    const world = new World()
    const ada = await world.site('Ada', 'write', { looks: false })
    const keeper = await world.site('Keeper', 'keep', { looks: false })
    await ada.write(1_000, 10)
    const [line] = world.connect(ada, keeper)
    await world.within(20_000, () => keeper.log.vector.size === 1 && !ada.peers.unshared)
    line.destroy()
    await ada.log.snapshots.keep(await snapshotOf(ada))
    world.connect(ada, keeper)
    await world.within(10_000, () => keeper.log.snapshots.held !== null)
    expect(keeper.log.vector).toEqual(ada.log.vector)
  })

  it('T5 is stored by a keeper beside the segments, and is all it has where segments are gone', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    const keeper = await world.site('Keeper', 'keep')
    const session = await ada.write(1_001, 10)
    const id = hex(session.session)
    const [end] = world.connect(keeper, ada)
    await world.until(() => keeper.log.vector.get(id)?.tip === 1_001)
    await ada.log.snapshots.keep(await snapshotOf(ada))
    await world.until(() => keeper.log.snapshots.held !== null)
    expect(keeper.log.vector.get(id)).toMatchObject({ base: 0, tip: 1_001 })
    end.destroy()
    // A new peer joins after Ada has discarded the segments that her snapshot covers.
    await ada.log.snapshots.compact()
    const late = await world.site('Late', 'keep')
    world.connect(late, ada)
    await world.until(() => late.log.vector.get(id)?.tip === 1_001)
    expect(late.log.vector.get(id)).toMatchObject({ base: 1_001 })
    await ada.write(2, 10)
    await world.until(() => late.log.vector.get(id)?.tip === 1_003)
    const fresh = await world.site('Fresh')
    world.connect(fresh, late)
    await world.until(() => fresh.log.vector.get(id)?.tip === 1_003)
    const held = await fresh.log.snapshots.read()
    expect(held && decodeSnapshot(held.bytes).changes).toBe(1_001)
  })
})
