import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/hex'
import { keysFromKeep, makeManifest } from '../../../main/keys/derive'
import { keyPairFromSeed } from '../../../main/keys/signature'
import { ProfileQuota } from '../../../main/log/quota'
import { noMark } from '../../../main/log/segment'
import { MemoryDisk } from '../../../main/storage/memory-store'
import { HolderRecords } from '../../../main/sync/holder-records'
import { makeHolderWord } from '../../../main/sync/holder-word'
import { type Instance, makeInstance } from '../../../main/sync/instance'
import {
  decodeAsk,
  decodeSigned,
  encodeAsk,
  encodeSigned,
  signReceipt,
  verifyReceipt,
} from '../../../main/sync/signed-receipt'
import { quiet } from '../../support/manual-clock'
import { Mallory } from './mallory'
import { type Site, World } from './world'

/** What a site knows of who stores its edits, by name. */
const known = (site: Site) =>
  Object.fromEntries(
    site.peers.holders.map(({ name, isKeeper, coversMine, deniedAt }) => [
      name,
      { isKeeper, coversMine, denied: deniedAt !== null },
    ]),
  )

async function leave(site: Site): Promise<void> {
  await site.sync.close()
  await site.log.close()
}

const holder = keyPairFromSeed(Buffer.alloc(32, 9))
const publicHolder = holder.publicKey

const wordOf = (world: World, instance: Instance, keys = world.keys, name = ''): Uint8Array =>
  makeHolderWord({
    holder,
    name,
    keys,
    instance,
    random: (size) => world.random.bytes(size),
  })

/** Ada and a peer who says what a test wants, and which computer she is. */
async function meeting(introduced = true): Promise<{ world: World; ada: Site; mallory: Mallory }> {
  const world = new World()
  const ada = await world.site('Ada')
  const mallory = new Mallory(ada, world.keys)
  await world.until(() => mallory.all('have').length > 0)
  mallory.send('manifest', makeManifest(world.keys))
  mallory.vector()
  if (introduced) mallory.send('holder', wordOf(world, mallory.instance))
  await world.clock.advance(200)
  return { world, ada, mallory }
}

describe('signed receipts', () => {
  it('W71 W72 tell which people and keepers store what was made here, also when nobody is there', async () => {
    const world = new World()
    const disk = new MemoryDisk()
    const ada = await world.site('Ada', 'write', { disk })
    const [bob, kim] = [await world.site('Bob', 'read'), await world.site('Kim', 'keep')]
    await ada.write(2)
    world.connect(ada, bob)
    world.connect(kim, ada)
    await world.within(5_000, () => ada.peers.holders.length === 2)
    const all = {
      Bob: { isKeeper: false, coversMine: true, denied: false },
      Kim: { isKeeper: true, coversMine: true, denied: false },
    }
    expect(known(ada)).toEqual(all)
    expect(ada.peers.holdersHere.size).toBe(2)
    await leave(ada)

    const again = await world.site('Ada', 'write', { disk })
    await world.until(() => again.peers.holders.length === 2)
    expect(known(again)).toEqual(all)
    expect(again.peers.holdersHere.size).toBe(0)
    await again.write()
    expect(Object.values(known(again)).map(({ coversMine }) => coversMine)).toEqual([false, false])
    world.connect(again, kim)
    await world.within(5_000, () => known(again).Kim?.coversMine === true)
    expect(known(again).Bob?.coversMine).toBe(false)
  })

  it('W72 are kept with all that shows later who signed them', async () => {
    const world = new World()
    const disk = new MemoryDisk()
    const [ada, kim] = [await world.site('Ada', 'write', { disk }), await world.site('Kim', 'keep')]
    const { session } = await ada.write(3)
    world.connect(ada, kim)
    await world.within(5_000, () => ada.peers.holders.length === 1)
    await leave(ada)
    const { documentId, presence } = world.keys
    if (!presence) throw new Error('a writer can read')
    const records = new HolderRecords(documentId, presence)
    const [noted] = await records.load(ada.store)
    const receipt = await records.evidence(ada.store, kim.holder.publicKey, hex(session))
    if (!noted || !receipt) throw new Error('nothing was kept')
    expect(hex(noted.holder.key)).toBe(hex(kim.holder.publicKey))
    expect(noted.receipts.get(hex(session))).toMatchObject({ tip: 3, deniedAt: 0 })
    expect(receipt.tip).toBe(3)
    expect(verifyReceipt(receipt, documentId, receipt.instance)).toBe(true)
    expect(verifyReceipt({ ...receipt, tip: 4 }, documentId, receipt.instance)).toBe(false)
    expect(verifyReceipt({ ...receipt, at: receipt.at + 1 }, documentId, receipt.instance)).toBe(false)
    // Who has this disk and not the document's keys learns of no holder.
    const bytes = Buffer.concat(
      [...disk.values].flatMap(([key, value]) => [Buffer.from(key, 'latin1'), value]),
    )
    expect(bytes.includes(Buffer.from(kim.holder.publicKey))).toBe(false)
    expect(bytes.includes('Kim')).toBe(false)
  })

  it('W72 of one who says later that he holds less do not count, and are told, until he signs again', async () => {
    const world = new World()
    const disk = new MemoryDisk()
    const [ada, kim] = [await world.site('Ada', 'write', { disk }), await world.site('Kim', 'keep')]
    await ada.write(2)
    world.connect(ada, kim)
    await world.within(5_000, () => known(ada).Kim?.coversMine === true)
    expect(ada.peers.unshared).toBe(false)
    // The same keeper, with nothing of what it had confirmed.
    await leave(kim)
    const empty = await world.site('Kim', 'keep')
    const seen = new Set<string>()
    ada.peers.onChange(() => seen.add(JSON.stringify([known(ada).Kim, ada.peers.unshared])))
    world.connect(ada, empty)
    await world.within(10_000, () => known(ada).Kim?.denied === true, 'denied')
    expect(known(ada).Kim?.coversMine).toBe(false)
    await world.within(10_000, () => known(ada).Kim?.denied === false, 'signed again')
    expect(known(ada).Kim?.coversMine).toBe(true)
    expect(ada.peers.unshared).toBe(false)
    const denied = { isKeeper: true, coversMine: false, denied: true }
    expect(seen).toContain(JSON.stringify([denied, true]))
  })

  it('W72 are not said to be broken because something is written while peers compare', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = new World(seed)
      const disk = new MemoryDisk()
      const [ada, kim] = [await world.site('Ada', 'write', { disk }), await world.site('Kim', 'keep')]
      // Many sessions, so that those of a bucket are told together.
      for (let count = 0; count < 400; count++) await ada.write(1, 10, ada.newSession())
      const session = await ada.write(1)
      const [first] = world.connect(ada, kim)
      await world.within(60_000, () => known(ada).Kim?.coversMine === true)
      first.destroy()
      await world.until(() => ada.peers.peers.length === 0)
      const seen = new Set<boolean>()
      ada.peers.onChange(() => seen.add(known(ada).Kim?.denied === true))
      // What Kim says first is still on its way.
      const [, far] = world.connect(kim, ada)
      far.hold()
      await quiet()
      await ada.write(1, 100, session)
      far.release()
      await world.within(60_000, () => known(ada).Kim?.coversMine === true)
      expect(seen.has(true), `seed ${seed}`).toBe(false)
    }
  })

  it('W72 stay as evidence when less is signed later, and count again with as much', async () => {
    const { world, ada, mallory } = await meeting()
    const session = await ada.write(5)
    const id = hex(session.session)
    const says = async (peer: Mallory, tip: number) => {
      peer.receipt(id, tip)
      await world.within(3_000, () => peer.all('ask').length > 0)
      const receipt = { session: id, tip, mark: ada.log.vector.get(id)?.mark ?? noMark, at: tip }
      peer.send('signed', encodeSigned([signReceipt(peer.instance, receipt)]))
      await world.clock.advance(200)
    }
    await says(mallory, 5)
    expect(known(ada)).toEqual({ Mallory: { isKeeper: false, coversMine: true, denied: false } })
    mallory.stream.destroy()
    await world.until(() => ada.peers.peers.length === 0)

    const again = new Mallory(ada, world.keys)
    await world.until(() => again.all('have').length > 0)
    again.send('manifest', makeManifest(world.keys))
    again.send('holder', wordOf(world, again.instance))
    again.vector([[id, { base: 0, tip: 3, mark: noMark }]])
    await world.clock.advance(200)
    const broken = { Mallory: { isKeeper: false, coversMine: false, denied: true } }
    expect(known(ada)).toEqual(broken)
    const receipt = { session: id, tip: 3, mark: noMark, at: 3 }
    again.send('signed', encodeSigned([signReceipt(again.instance, receipt)]))
    await world.clock.advance(3_000)
    expect(again.all('ask')).toEqual([])
    expect(known(ada)).toEqual(broken)
    const { documentId, presence } = world.keys
    const records = new HolderRecords(documentId, presence ?? Buffer.alloc(32))
    expect((await records.evidence(ada.store, publicHolder, id))?.tip).toBe(5)
    await says(again, 5)
    expect(known(ada).Mallory?.denied).toBe(false)
  })

  it('W70 of one that may not read comes from keepers alone, and a computer stays the same', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    const keep = keysFromKeep(world.keys.keep, world.keys.verify ?? Buffer.alloc(32))
    const pretender = new Mallory(ada, keep, { instance: makeInstance(keep, 'read', world.random.bytes(32)) })
    await world.until(() => pretender.all('have').length > 0)
    for (let time = 0; time < 3; time++)
      pretender.send('holder', wordOf(world, pretender.instance, keep, 'Bob'))
    await world.until(() => pretender.stream.destroyed)

    const keeper = new Mallory(ada, keep)
    await world.until(() => keeper.all('have').length > 0)
    keeper.send('holder', wordOf(world, keeper.instance, keep, 'Attic'))
    keeper.send('holder', wordOf(world, keeper.instance, keep, 'Cellar'))
    await world.until(() => ada.peers.holdersHere.size === 1)
    await quiet()
    expect(ada.peers.peers.map(({ name }) => name)).toEqual(['Attic'])
  })

  it('W71 are asked for at most once a second while someone types', async () => {
    const { world, ada, mallory } = await meeting()
    const session = await ada.write()
    for (let tip = 1; tip < 40; tip++) {
      mallory.receipt(session, tip)
      await ada.write()
      await world.clock.advance(100)
    }
    expect(mallory.all('ask').length).toBeGreaterThanOrEqual(3)
    expect(mallory.all('ask').length).toBeLessThanOrEqual(5)
  })

  it('W71 that were not asked for are passed over, and three that nobody signed end the connection', async () => {
    const { world, ada, mallory } = await meeting()
    const { session } = await ada.write(5)
    const sign = (tip: number) =>
      signReceipt(mallory.instance, { session: hex(session), tip, mark: noMark, at: 1 })
    const forged = { ...sign(4), tip: 5 }
    mallory.send('signed', encodeSigned([sign(2)]))
    await world.clock.advance(500)
    expect(ada.peers.holders).toEqual([])
    for (const tip of [1, 2, 3]) {
      mallory.receipt(hex(session), tip)
      await world.within(3_000, () => mallory.all('ask').length === tip)
      mallory.send('signed', encodeSigned([forged]))
      await world.clock.advance(1_100)
      expect(mallory.stream.destroyed).toBe(tip === 3)
    }
    expect(ada.peers.holders).toEqual([])
  })

  it('W71 for more than is held here, or for what others made, do not count', async () => {
    const { world, ada, mallory } = await meeting()
    const { session } = await ada.write(2)
    const bob = await world.site('Bob')
    await bob.write(1)
    world.connect(ada, bob)
    await world.within(5_000, () => ada.log.vector.size === 2)
    mallory.receipt(hex(session), 2)
    await world.within(3_000, () => mallory.all('ask').length === 1)
    const receipt = { session: hex(session), tip: 9, mark: noMark, at: 1 }
    const others = [...ada.log.vector.keys()].filter((id) => id !== hex(session))
    mallory.receipt(others[0] ?? '', 1)
    await world.clock.advance(2_000)
    for (const ask of mallory.all('ask')) expect(decodeAsk(ask)).toEqual([hex(session)])
    mallory.send('signed', encodeSigned([signReceipt(mallory.instance, receipt)]))
    await world.clock.advance(500)
    expect(known(ada).Mallory).toBeUndefined()
    expect(mallory.stream.destroyed).toBe(false)
  })

  it('W70 a peer that names a computer which did not vouch for it is no holder; three times end the connection', async () => {
    const { world, ada, mallory } = await meeting(false)
    const other = makeInstance(world.keys, 'write', world.random.bytes(32))
    for (let time = 0; time < 3; time++) mallory.send('holder', wordOf(world, other))
    await world.until(() => mallory.stream.destroyed)
    expect(ada.peers.holdersHere.size).toBe(0)
  })

  it('W71 two questions a second are answered, of at most a hundred sessions', async () => {
    const { world, ada, mallory } = await meeting()
    const { session } = await ada.write(1)
    await world.clock.advance(1_000)
    for (let time = 0; time < 10; time++) mallory.send('ask', encodeAsk([hex(session)]))
    await world.until(() => mallory.all('signed').length === 2)
    await quiet()
    expect(mallory.all('signed').length).toBe(2)
    const [answer] = mallory.all('signed')
    const [receipt] = decodeSigned(answer ?? Buffer.alloc(0))
    expect(receipt).toMatchObject({ session: hex(session), tip: 1 })
    mallory.send('ask', Buffer.alloc(32 * 101))
    await world.until(() => mallory.stream.destroyed)
  })

  it('W36 a peer that has no more room says so, and when it has again', async () => {
    const world = new World()
    const profile = new ProfileQuota({ document: 50_000, profile: 1_000_000, floor: 0 })
    const quota = profile.document()
    const ada = await world.site('Ada')
    const kim = await world.site('Kim', 'keep', { quota })
    world.connect(ada, kim)
    await world.converge([ada, kim])
    expect(ada.peer(kim)?.full).toBe(false)
    await ada.write(30, 1_000)
    await world.within(5_000, () => ada.peer(kim)?.full === true)
    quota.setLimit(1_000_000)
    await world.within(5_000, () => ada.peer(kim)?.full === false)
    await world.converge([ada, kim])
  })
})
