import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/hex'
import { makeManifest } from '../../../main/keys/derive'
import { keyPairFromSeed } from '../../../main/keys/signature'
import { ProfileQuota } from '../../../main/log/quota'
import { noMark } from '../../../main/log/segment'
import { MemoryDisk } from '../../../main/storage/memory-store'
import { loadHolders } from '../../../main/sync/holder-records'
import { makeHolderWord } from '../../../main/sync/holder-word'
import { type Instance, makeInstance } from '../../../main/sync/instance'
import {
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

const wordOf = (world: World, instance: Instance): Uint8Array =>
  makeHolderWord({
    holder: keyPairFromSeed(Buffer.alloc(32, 9)),
    name: '',
    keys: world.keys,
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
    const [noted] = (await loadHolders(ada.store, documentId, presence)).values()
    const receipt = noted?.receipts.get(hex(session))
    if (!noted || !receipt) throw new Error('nothing was kept')
    expect(hex(noted.holder.key)).toBe(hex(kim.holder.publicKey))
    expect(receipt).toMatchObject({ tip: 3, deniedAt: 0 })
    const signed = { ...receipt, session: hex(session) }
    expect(verifyReceipt(signed, documentId, receipt.instance)).toBe(true)
    expect(verifyReceipt({ ...signed, tip: 4 }, documentId, receipt.instance)).toBe(false)
    expect(verifyReceipt({ ...signed, at: signed.at + 1 }, documentId, receipt.instance)).toBe(false)
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
    mallory.receipt(hex(session), 2)
    await world.within(3_000, () => mallory.all('ask').length === 1)
    const receipt = { session: hex(session), tip: 9, mark: noMark, at: 1 }
    mallory.send('signed', encodeSigned([signReceipt(mallory.instance, receipt)]))
    await world.clock.advance(500)
    expect(ada.peers.holders).toEqual([])
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
