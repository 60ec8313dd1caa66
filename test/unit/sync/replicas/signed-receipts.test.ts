import { describe, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { keysFromKeep, makeManifest } from '../../../../main/keys/derive'
import { keyPairFromSeed } from '../../../../main/keys/signature'
import { noMark } from '../../../../main/log/format/segment'
import { ProfileQuota } from '../../../../main/log/quota'
import { MemoryDisk } from '../../../../main/storage/memory-store'
import { decodePresence } from '../../../../main/sync/presence/presence'
import { provePossession, type Spot } from '../../../../main/sync/replicas/possession'
import { makeReplicaProof } from '../../../../main/sync/replicas/replica-proof'
import { ReplicaRecords } from '../../../../main/sync/replicas/replica-records'
import {
  decodeAsk,
  decodeSigned,
  encodeAsk,
  encodeSigned,
  signReceipt,
  verifyReceipt,
} from '../../../../main/sync/replicas/signed-receipt'
import { type Instance, makeInstance } from '../../../../main/sync/wire/instance'
import { encodeWant, type MessageType } from '../../../../main/sync/wire/messages'
import { quiet } from '../../../support/manual-clock'
import { Mallory } from '../mallory'
import { type Site, World } from '../world'

/** Returns a site's records of the holders of its edits, by name. */
const known = (site: Site) =>
  Object.fromEntries(
    site.peers.replicas.map(({ name, isKeeper, coversMine, deniedAt }) => [
      name,
      { isKeeper, coversMine, denied: deniedAt !== null },
    ]),
  )

const names = (site: Site) => site.peers.peers.map(({ name }) => name).sort()

async function leave(site: Site): Promise<void> {
  await site.sync.close()
  await site.log.close()
}

const holder = keyPairFromSeed(Buffer.alloc(32, 9))
const publicHolder = holder.publicKey

const wordOf = (world: World, instance: Instance, keys = world.keys, name = ''): Uint8Array =>
  makeReplicaProof({
    replica: holder,
    name,
    keys,
    instance,
    random: (size) => world.random.bytes(size),
  })

/** A proof of nothing. */
const proof = Buffer.alloc(32, 1)

/** The newest message of a type that a peer heard; it hears it once. */
function last(peer: Mallory, type: MessageType): Uint8Array {
  const body = peer.all(type).at(-1)
  if (!body) throw new Error('it heard none')
  peer.heard.splice(0, peer.heard.length, ...peer.heard.filter((message) => message.type !== type))
  return body
}

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
    await world.within(5_000, () => ada.peers.replicas.length === 2)
    const all = {
      Bob: { isKeeper: false, coversMine: true, denied: false },
      Kim: { isKeeper: true, coversMine: true, denied: false },
    }
    expect(known(ada)).toEqual(all)
    expect(ada.peers.connectedReplicas.size).toBe(2)
    await leave(ada)

    const again = await world.site('Ada', 'write', { disk })
    await world.until(() => again.peers.replicas.length === 2)
    expect(known(again)).toEqual(all)
    expect(again.peers.connectedReplicas.size).toBe(0)
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
    await world.within(5_000, () => ada.peers.replicas.length === 1)
    await leave(ada)
    const { documentId, presence } = world.keys
    if (!presence) throw new Error('a writer can read')
    const records = new ReplicaRecords(documentId, presence)
    const [noted] = await records.load(ada.store)
    const receipt = await records.evidence(ada.store, kim.holder.publicKey, hex(session))
    if (!noted || !receipt) throw new Error('nothing was kept')
    expect(hex(noted.replica.key)).toBe(hex(kim.holder.publicKey))
    expect(noted.receipts.get(hex(session))).toMatchObject({ tip: 3, deniedAt: 0 })
    expect(receipt.tip).toBe(3)
    expect(verifyReceipt(receipt, documentId, receipt.instance)).toBe(true)
    expect(verifyReceipt({ ...receipt, tip: 4 }, documentId, receipt.instance)).toBe(false)
    expect(verifyReceipt({ ...receipt, at: receipt.at + 1 }, documentId, receipt.instance)).toBe(false)
    // This disk reveals no holder without the document's keys.
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
      // Kim's first message is still in flight.
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
      await peer.answer(ada.log, last(peer, 'ask'))
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
    await world.clock.advance(3_000)
    expect(again.all('ask').map((ask) => decodeAsk(ask).signed)).toEqual([0])
    await again.answer(ada.log, last(again, 'ask'))
    expect(known(ada)).toEqual(broken)
    const { documentId, presence } = world.keys
    const records = new ReplicaRecords(documentId, presence ?? Buffer.alloc(32))
    expect((await records.evidence(ada.store, publicHolder, id))?.tip).toBe(5)
    await says(again, 5)
    expect(known(ada).Mallory?.denied).toBe(false)
  })

  it('W70 of one that may not read comes from keepers alone, and a computer stays the same', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    const keep = keysFromKeep(world.keys.keep, world.keys.verify ?? Buffer.alloc(32))
    const pretender = new Mallory(ada, world.keys)
    await world.until(() => pretender.all('have').length > 0)
    for (let time = 0; time < 3; time++)
      pretender.send('holder', wordOf(world, pretender.instance, keep, 'Bob'))
    await world.until(() => pretender.stream.destroyed)

    const keeper = new Mallory(ada, keep)
    await world.until(() => keeper.all('have').length > 0)
    keeper.send('holder', wordOf(world, keeper.instance, keep, 'Attic'))
    keeper.send('holder', wordOf(world, keeper.instance, keep, 'Cellar'))
    await world.until(() => ada.peers.connectedReplicas.size === 1)
    await quiet()
    expect(ada.peers.peers.map(({ name }) => name)).toEqual(['Attic'])
  })

  it('W71 are asked for at most once a second while someone types', async () => {
    const { world, ada, mallory } = await meeting()
    const session = await ada.write()
    let asked = 0
    for (let tip = 1; tip < 40; tip++) {
      mallory.receipt(session, tip)
      await ada.write()
      await world.clock.advance(100)
      if (mallory.all('ask').length === 0) continue
      asked++
      await mallory.answer(ada.log, last(mallory, 'ask'))
    }
    expect(asked).toBeGreaterThanOrEqual(3)
    expect(asked).toBeLessThanOrEqual(5)
  })

  it('W71 that were not asked for are passed over, and three that nobody signed end the connection', async () => {
    const { world, ada, mallory } = await meeting()
    const session = await ada.write(5)
    const id = hex(session.session)
    const unasked = signReceipt(mallory.instance, { session: id, tip: 2, mark: noMark, at: 1 })
    mallory.send('signed', encodeSigned({ question: Buffer.alloc(8), proof, tips: [2], receipts: [unasked] }))
    await world.clock.advance(500)
    expect(ada.peers.replicas).toEqual([])
    mallory.receipt(session, 5)
    for (const time of [1, 2, 3]) {
      await world.within(5_000, () => mallory.all('ask').length > 0)
      await mallory.answer(ada.log, last(mallory, 'ask'), (answer) => ({
        ...answer,
        receipts: answer.receipts.map((receipt) => ({ ...receipt, at: receipt.at + 1 })),
      }))
      await world.clock.advance(500)
      expect(mallory.stream.destroyed).toBe(time === 3)
    }
    expect(ada.peers.replicas).toEqual([])
  })

  it('W71 are asked for of own sessions alone, and for no more than both hold', async () => {
    const { world, ada, mallory } = await meeting()
    const { session } = await ada.write(2)
    const bob = await world.site('Bob')
    await bob.write(1)
    world.connect(ada, bob)
    await world.within(5_000, () => ada.log.vector.size === 2)
    mallory.receipt(hex(session), 9)
    for (const id of ada.log.vector.keys()) if (id !== hex(session)) mallory.receipt(id, 1)
    await world.within(3_000, () => mallory.all('ask').length === 1)
    const ask = last(mallory, 'ask')
    const { signed, spots } = decodeAsk(ask)
    expect(signed).toBe(1)
    expect(spots[0]).toMatchObject({ session: hex(session), tip: 2 })
    expect(spots.length).toBe(2)
    // A receipt that goes further than what it is asked about goes is passed over with its proof.
    await mallory.answer(ada.log, ask, (answer) => ({ ...answer, tips: [9, 1] }))
    await world.clock.advance(500)
    expect(known(ada).Mallory).toBeUndefined()
    expect(mallory.stream.destroyed).toBe(false)
  })

  it('W73 count only with the proof: who repeats what it was told is in sync with nobody', async () => {
    const { world, ada, mallory } = await meeting()
    const bob = await world.site('Bob')
    await bob.write(3)
    world.connect(ada, bob)
    await ada.write(20)
    await world.within(5_000, () => mallory.all('receipt').length > 1 && ada.log.vector.size === 2)
    const shown = () => ada.peers.peers.find(({ name }) => name === 'Mallory')
    const { vector } = ada.log
    mallory.vector([...vector])
    // It signs for all of it, and puts in the place of the proof what it can make of what it was told.
    const made = { vector, tipProofAt: async () => Buffer.alloc(202), async *segments() {} }
    for (const guess of [Buffer.alloc(32), world.random.bytes(32), null]) {
      await world.within(10_000, () => mallory.all('ask').length > 0)
      await mallory.answer(made, last(mallory, 'ask'), (answer) =>
        guess ? { ...answer, proof: guess } : answer,
      )
      await world.clock.advance(500)
      expect(shown()).toMatchObject({ coversAll: false, coversMine: false })
      expect(known(ada).Mallory).toBeUndefined()
    }
    // With what is held it is believed.
    await world.within(20_000, () => mallory.all('ask').length > 0)
    await mallory.answer(ada.log, last(mallory, 'ask'))
    await world.within(1_000, () => shown()?.coversAll === true)
    expect(known(ada).Mallory?.coversMine).toBe(true)
  })

  it('W73 a peer that keeps no more than the ends of sessions does not prove what is new', async () => {
    const { world, ada, mallory } = await meeting()
    const session = await ada.write(5)
    mallory.receipt(session, 5)
    await world.within(3_000, () => mallory.all('ask').length > 0)
    const ends = {
      vector: ada.log.vector,
      tipProofAt: (id: string, seq: number) => ada.log.tipProofAt(id, seq),
      async *segments() {},
    }
    await mallory.answer(ends, last(mallory, 'ask'))
    await world.clock.advance(500)
    expect(ada.peers.unshared).toBe(true)
    expect(known(ada)).toEqual({})
  })

  it('W73 are not proven with what the peer asks for when it is to prove it', async () => {
    const { world, ada, mallory } = await meeting()
    const session = await ada.write(5)
    const id = hex(session.session)
    mallory.receipt(session, 5)
    for (const cheats of [true, false]) {
      await world.within(5_000, () => mallory.all('ask').length > 0)
      if (cheats) mallory.send('want', encodeWant({ session: id, after: 0 }))
      await mallory.answer(ada.log, last(mallory, 'ask'))
      await world.clock.advance(500)
      expect(ada.peers.unshared).toBe(cheats)
    }
    expect(mallory.stream.destroyed).toBe(false)
  })

  it('W73 what a peer has lost since is found out by picks, and it is in sync no more', async () => {
    const { world, ada, mallory } = await meeting()
    const bob = await world.site('Bob')
    world.connect(ada, bob)
    const other = await bob.write(1)
    const session = await ada.write(40)
    await world.within(5_000, () => ada.log.vector.size === 2)
    const shown = () => ada.peers.peers.find(({ name }) => name === 'Mallory')
    mallory.receipt(session, 40)
    mallory.receipt(other, 1)
    const answers = (log: Parameters<Mallory['answer']>[0]) => async () => {
      const ask = mallory.all('ask').at(-1)
      if (ask) await mallory.answer(log, ask)
      mallory.heard.length = 0
    }
    const honest = answers(ada.log)
    for (let turn = 0; turn < 20 && !shown()?.coversAll; turn++) {
      await honest()
      await world.clock.advance(200)
    }
    expect(shown()?.coversAll).toBe(true)
    const lost = answers({
      vector: ada.log.vector,
      tipProofAt: (id, seq) => ada.log.tipProofAt(id, seq),
      segments: (id, after) => ada.log.segments(id, after + 1),
    })
    await bob.write(1)
    await world.within(1_000, () => ada.log.vector.get(hex(other.session))?.tip === 2)
    mallory.receipt(other, 2)
    for (let turn = 0; turn < 400 && shown()?.coversAll; turn++) {
      await lost()
      await world.clock.advance(200)
    }
    expect(shown()?.coversAll).toBe(false)
  })

  it('W73 those that a peer has only in a snapshot are proven by how they end', async () => {
    const { world, ada, mallory } = await meeting()
    const session = await ada.write(30)
    const id = hex(session.session)
    const extent = ada.log.vector.get(id) ?? { base: 0, tip: 30, mark: noMark }
    mallory.vector([[id, { ...extent, base: 30 }]])
    await world.within(3_000, () => mallory.all('ask').length > 0)
    const ask = last(mallory, 'ask')
    expect(decodeAsk(ask).spots).toEqual([{ session: id, from: 0, tip: 30 }])
    await mallory.answer(ada.log, ask, (answer) => ({ ...answer, proof }))
    await world.clock.advance(500)
    expect(known(ada)).toEqual({})
    await world.within(5_000, () => mallory.all('ask').length > 0)
    await mallory.answer(ada.log, last(mallory, 'ask'))
    await world.within(500, () => known(ada).Mallory?.coversMine === true)
  })

  it('W73 cost no more looks into the store than 64 for each question, whoever asks or answers', async () => {
    const { world, ada, mallory } = await meeting()
    const spots: Spot[] = []
    for (let count = 0; count < 66; count++) {
      const session = await ada.write(2, 10, ada.newSession())
      spots.push({ session: hex(session.session), from: 0, tip: 1 })
    }
    await world.clock.advance(1_000)
    const ask = (count: number) =>
      mallory.send(
        'ask',
        encodeAsk({ nonce: Buffer.alloc(32, count), signed: 0, spots: spots.slice(0, count) }),
      )
    for (const count of [65, 64]) ask(count)
    await world.until(() => mallory.all('signed').length > 0)
    await quiet()
    expect(mallory.all('signed').map((body) => decodeSigned(body).tips.length)).toEqual([64])
    // One that is behind in all of them is asked about some at a time.
    mallory.vector(spots.map(({ session }) => [session, { base: 0, tip: 1, mark: noMark }]))
    await world.within(3_000, () => mallory.all('ask').length > 0)
    const uneven = decodeAsk(last(mallory, 'ask'))
    expect(uneven.signed).toBe(32)
    expect(uneven.spots.length).toBeLessThanOrEqual(32 + 4)
  })

  it('W71 is there within a second of the last key, at sixteen keys a second', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob', 'read')]
    const [line] = world.connect(ada, bob)
    await world.converge([ada, bob])
    const before = line.other?.sizes.length ?? 0
    for (let key = 0; key < 64; key++) {
      await ada.write()
      await world.clock.advance(62)
    }
    // Bob's receipts, and what he signs: at most one answer a second beside them.
    expect((line.other?.sizes.length ?? 0) - before).toBeLessThanOrEqual(64 + 8)
    await world.within(1_100, () => ada.peer(bob)?.coversAll === true)
    expect(ada.peers.unshared).toBe(false)
  })

  it('W70 a computer whose program was killed and started again is one, also before its old connection ends', async () => {
    const world = new World()
    const [ada, cy] = [await world.site('Ada'), await world.site('Cy')]
    const old = [await world.site('Kim', 'keep'), await world.site('Bob')]
    for (const site of [...old, cy]) world.connect(ada, site)
    world.connect(cy, old[1] ?? cy)
    await world.converge([ada, cy, ...old])
    const most = { keep: 0, write: 0 }
    ada.peers.onChange(() => {
      for (const role of ['keep', 'write'] as const)
        most[role] = Math.max(most[role], ada.peers.peers.filter((peer) => peer.role === role).length)
    })
    // The old connections are still there, and nobody is at the other end.
    const again = [await world.site('Kim', 'keep'), await world.site('Bob')]
    for (const site of again) world.connect(site, ada)
    await world.within(15_000, () => again.every((site) => ada.peer(site)?.coversAll))
    expect(most).toEqual({ keep: 1, write: 2 })
    expect(names(ada)).toEqual(['Bob', 'Cy', 'Kim'])
    // Two computers of one person are two.
    const other = await world.site('Bob', 'write', { holder: keyPairFromSeed(Buffer.alloc(32, 3)) })
    world.connect(other, ada)
    await world.within(5_000, () => names(ada).length === 4)
  })

  it('W70 a peer that names a computer which did not vouch for it is no holder; three times end the connection', async () => {
    const { world, ada, mallory } = await meeting(false)
    const other = makeInstance(world.keys, 'write', world.random.bytes(32))
    for (let time = 0; time < 3; time++) mallory.send('holder', wordOf(world, other))
    await world.until(() => mallory.stream.destroyed)
    expect(ada.peers.connectedReplicas.size).toBe(0)
  })

  it('W71 two questions a second are answered, of at most a thousand sessions', async () => {
    const { world, ada, mallory } = await meeting()
    const { session } = await ada.write(1)
    await world.clock.advance(1_000)
    const ask = (nonce: number) =>
      encodeAsk({
        nonce: Buffer.alloc(32, nonce),
        signed: 1,
        spots: [{ session: hex(session), from: 1, tip: 1 }],
      })
    for (let time = 0; time < 10; time++) mallory.send('ask', ask(time))
    await world.until(() => mallory.all('signed').length === 2)
    await quiet()
    expect(mallory.all('signed').length).toBe(2)
    const answer = decodeSigned(mallory.all('signed')[1] ?? Buffer.alloc(0))
    expect(answer.question).toEqual(Uint8Array.from(Buffer.alloc(8, 1)))
    expect(answer.tips).toEqual([1])
    expect(answer.receipts).toMatchObject([{ session: hex(session), tip: 1 }])
    const other = await provePossession(ada.log, {
      nonce: Buffer.alloc(32, 1),
      instance: decodePresence(mallory.all('presence')[0] ?? Buffer.alloc(0)).instance,
      spots: [{ session: hex(session), from: 1, tip: 1 }],
    })
    expect(hex(answer.proof)).toBe(hex(other ?? Buffer.alloc(0)))
    mallory.send('ask', Buffer.concat([Buffer.alloc(32), Buffer.from('00fde903', 'hex')]))
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
