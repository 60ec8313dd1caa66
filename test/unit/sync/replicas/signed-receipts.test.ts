import { describe, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { keysFromKeep, makeManifest } from '../../../../main/keys/derive'
import { noMark } from '../../../../main/log/format/segment'
import { MemoryDisk } from '../../../../main/storage/memory-store'
import { decodePresence } from '../../../../main/sync/presence/presence'
import { provePossession } from '../../../../main/sync/replicas/possession'
import { ReplicaRecords } from '../../../../main/sync/replicas/replica-records'
import {
  decodeAsk,
  decodeSigned,
  encodeAsk,
  encodeSigned,
  signReceipt,
  verifyReceipt,
} from '../../../../main/sync/replicas/signed-receipt'
import { quiet } from '../../../support/manual-clock'
import { Mallory } from '../mallory'
import { type Site, World } from '../world'
import { mallorysComputer, meetReplica, proofOf, replicasOf, takeLast } from './receipts'

async function leave(site: Site): Promise<void> {
  await site.sync.close()
  await site.log.close()
}

/** A proof of nothing. */
const proof = Buffer.alloc(32, 1)

describe('signed receipts', () => {
  it('W71 W72 show which people and keepers store own edits, also while nobody is connected', async () => {
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
    expect(replicasOf(ada)).toEqual(all)
    expect(ada.peers.connectedReplicas.size).toBe(2)
    await leave(ada)

    const again = await world.site('Ada', 'write', { disk })
    await world.until(() => again.peers.replicas.length === 2)
    expect(replicasOf(again)).toEqual(all)
    expect(again.peers.connectedReplicas.size).toBe(0)
    await again.write()
    expect(Object.values(replicasOf(again)).map(({ coversMine }) => coversMine)).toEqual([false, false])
    world.connect(again, kim)
    await world.within(5_000, () => replicasOf(again).Kim?.coversMine === true)
    expect(replicasOf(again).Bob?.coversMine).toBe(false)
  })

  it('W71 are asked for 3 times a second in all, however many peers there are', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    const keeps = keysFromKeep(world.keys.keep, world.keys.verify ?? Buffer.alloc(32))
    const peers = Array.from({ length: 20 }, () => new Mallory(ada, keeps))
    await world.until(() => peers.every((peer) => peer.all('have').length > 0))
    for (const [at, peer] of peers.entries()) {
      peer.vector()
      peer.send('holder', proofOf(world, peer.instance, keeps, `Keeper ${at}`))
    }
    let asked = 0
    for (let tip = 1; tip <= 100; tip++) {
      const session = await ada.write()
      for (const peer of peers) {
        peer.receipt(session, tip)
        for (const body of peer.all('ask')) await peer.answer(ada.log, body)
        asked += peer.all('ask').length
        peer.heard.splice(0)
      }
      await world.clock.advance(100)
    }
    // 10 s; the first question to each peer comes at once.
    expect(asked).toBeGreaterThan(35)
    expect(asked).toBeLessThanOrEqual(20 + 10 * 3)
    expect(peers.every(({ closed }) => !closed)).toBe(true)
  })

  it('W72 are stored with all evidence of their signer', async () => {
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
    // The disk reveals no replica without the document's keys.
    const bytes = Buffer.concat(
      [...disk.values].flatMap(([key, value]) => [Buffer.from(key, 'latin1'), value]),
    )
    expect(bytes.includes(Buffer.from(kim.holder.publicKey))).toBe(false)
    expect(bytes.includes('Kim')).toBe(false)
  })

  it('W72 of a replica that claims less later are shown as denied, and do not count until it signs again', async () => {
    const world = new World()
    const disk = new MemoryDisk()
    const [ada, kim] = [await world.site('Ada', 'write', { disk }), await world.site('Kim', 'keep')]
    await ada.write(2)
    world.connect(ada, kim)
    await world.within(5_000, () => replicasOf(ada).Kim?.coversMine === true)
    expect(ada.peers.unshared).toBe(false)
    // The same keeper, without the edits that it had confirmed.
    await leave(kim)
    const empty = await world.site('Kim', 'keep')
    const seen = new Set<string>()
    ada.peers.onChange(() => seen.add(JSON.stringify([replicasOf(ada).Kim, ada.peers.unshared])))
    world.connect(ada, empty)
    await world.within(10_000, () => replicasOf(ada).Kim?.denied === true, 'denied')
    expect(replicasOf(ada).Kim?.coversMine).toBe(false)
    await world.within(10_000, () => replicasOf(ada).Kim?.denied === false, 'signed again')
    expect(replicasOf(ada).Kim?.coversMine).toBe(true)
    expect(ada.peers.unshared).toBe(false)
    const denied = { isKeeper: true, coversMine: false, denied: true }
    expect(seen).toContain(JSON.stringify([denied, true]))
  })

  it('W72 are not denied when something is written while peers compare', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = new World(seed)
      const disk = new MemoryDisk()
      const [ada, kim] = [await world.site('Ada', 'write', { disk }), await world.site('Kim', 'keep')]
      // Many sessions, so that those of a bucket are announced together.
      for (let count = 0; count < 400; count++) await ada.write(1, 10, ada.newSession())
      const session = await ada.write(1)
      const [first] = world.connect(ada, kim)
      await world.within(60_000, () => replicasOf(ada).Kim?.coversMine === true)
      first.destroy()
      await world.until(() => ada.peers.peers.length === 0)
      const seen = new Set<boolean>()
      ada.peers.onChange(() => seen.add(replicasOf(ada).Kim?.denied === true))
      // Kim's first message is still in flight.
      const [, far] = world.connect(kim, ada)
      far.hold()
      await quiet()
      await ada.write(1, 100, session)
      far.release()
      await world.within(60_000, () => replicasOf(ada).Kim?.coversMine === true)
      expect(seen.has(true), `seed ${seed}`).toBe(false)
    }
  })

  it('W72 stay stored when less is signed later, and count again when as much is signed', async () => {
    const { world, ada, mallory } = await meetReplica()
    const session = await ada.write(5)
    const id = hex(session.session)
    const says = async (peer: Mallory, tip: number) => {
      peer.receipt(id, tip)
      await world.within(3_000, () => peer.all('ask').length > 0)
      await peer.answer(ada.log, takeLast(peer, 'ask'))
      await world.clock.advance(200)
    }
    await says(mallory, 5)
    expect(replicasOf(ada)).toEqual({ Mallory: { isKeeper: false, coversMine: true, denied: false } })
    mallory.stream.destroy()
    await world.until(() => ada.peers.peers.length === 0)

    const again = new Mallory(ada, world.keys)
    await world.until(() => again.all('have').length > 0)
    again.send('manifest', makeManifest(world.keys))
    again.send('holder', proofOf(world, again.instance))
    again.vector([[id, { base: 0, tip: 3, mark: noMark }]])
    await world.clock.advance(200)
    const broken = { Mallory: { isKeeper: false, coversMine: false, denied: true } }
    expect(replicasOf(ada)).toEqual(broken)
    await world.clock.advance(3_000)
    expect(again.all('ask').map((ask) => decodeAsk(ask).signed)).toEqual([0])
    await again.answer(ada.log, takeLast(again, 'ask'))
    expect(replicasOf(ada)).toEqual(broken)
    const { documentId, presence } = world.keys
    const records = new ReplicaRecords(documentId, presence ?? Buffer.alloc(32))
    expect((await records.evidence(ada.store, mallorysComputer.publicKey, id))?.tip).toBe(5)
    await says(again, 5)
    expect(replicasOf(ada).Mallory?.denied).toBe(false)
  })

  it('W71 are requested at most once a second while someone types', async () => {
    const { world, ada, mallory } = await meetReplica()
    const session = await ada.write()
    let asked = 0
    for (let tip = 1; tip < 40; tip++) {
      mallory.receipt(session, tip)
      await ada.write()
      await world.clock.advance(100)
      if (mallory.all('ask').length === 0) continue
      asked++
      await mallory.answer(ada.log, takeLast(mallory, 'ask'))
    }
    expect(asked).toBeGreaterThanOrEqual(3)
    expect(asked).toBeLessThanOrEqual(5)
  })

  it('W71 are ignored unless requested, and three unsigned ones end the connection', async () => {
    const { world, ada, mallory } = await meetReplica()
    const session = await ada.write(5)
    const id = hex(session.session)
    const unasked = signReceipt(mallory.instance, { session: id, tip: 2, mark: noMark, at: 1 })
    mallory.send('signed', encodeSigned({ question: Buffer.alloc(8), proof, tips: [2], receipts: [unasked] }))
    await world.clock.advance(500)
    expect(ada.peers.replicas).toEqual([])
    mallory.receipt(session, 5)
    for (const time of [1, 2, 3]) {
      await world.within(5_000, () => mallory.all('ask').length > 0)
      await mallory.answer(ada.log, takeLast(mallory, 'ask'), (answer) => ({
        ...answer,
        receipts: answer.receipts.map((receipt) => ({ ...receipt, at: receipt.at + 1 })),
      }))
      await world.clock.advance(500)
      expect(mallory.stream.destroyed).toBe(time === 3)
    }
    expect(ada.peers.replicas).toEqual([])
  })

  it('W71 are requested for own sessions alone, and for no more than both sides have', async () => {
    const { world, ada, mallory } = await meetReplica()
    const { session } = await ada.write(2)
    const bob = await world.site('Bob')
    await bob.write(1)
    world.connect(ada, bob)
    await world.within(5_000, () => ada.log.vector.size === 2)
    mallory.receipt(hex(session), 9)
    for (const id of ada.log.vector.keys()) if (id !== hex(session)) mallory.receipt(id, 1)
    await world.within(3_000, () => mallory.all('ask').length === 1)
    const ask = takeLast(mallory, 'ask')
    const { signed, spots } = decodeAsk(ask)
    expect(signed).toBe(1)
    expect(spots[0]).toMatchObject({ session: hex(session), tip: 2 })
    expect(spots.length).toBe(2)
    // A receipt past the spots of the question is ignored, with its proof.
    await mallory.answer(ada.log, ask, (answer) => ({ ...answer, tips: [9, 1] }))
    await world.clock.advance(500)
    expect(replicasOf(ada).Mallory).toBeUndefined()
    expect(mallory.stream.destroyed).toBe(false)
  })

  it('W71 arrive within a second of the last key, at sixteen keys a second', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob', 'read')]
    const [line] = world.connect(ada, bob)
    await world.converge([ada, bob])
    const before = line.other?.sizes.length ?? 0
    for (let key = 0; key < 64; key++) {
      await ada.write()
      await world.clock.advance(62)
    }
    // Bob's receipts, and at most one signed answer a second beside them.
    expect((line.other?.sizes.length ?? 0) - before).toBeLessThanOrEqual(64 + 8)
    await world.within(1_100, () => ada.peer(bob)?.coversAll === true)
    expect(ada.peers.unshared).toBe(false)
  })

  it('W71 are sent for two questions a second, of a thousand sessions at most', async () => {
    const { world, ada, mallory } = await meetReplica()
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
})
