import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { keysFromKeep, keysFromRead, makeManifest } from '../../../main/keys/derive'
import { decodeTipProof, noMark } from '../../../main/log/format/segment'
import { MemoryDisk } from '../../../main/storage/memory-store'
import { creditWindow } from '../../../main/sync/budget/credit'
import { maxUnknown } from '../../../main/sync/state/remote-state'
import { makeInstance } from '../../../main/sync/wire/instance'
import { encodeCredit, encodeHave, encodeWant, type MessageType } from '../../../main/sync/wire/messages'
import { unplaced } from '../../support/sim-network'
import { flipped } from '../log/fixture'
import { Mallory } from './mallory'
import { type Site, World } from './world'

const readKeys = (world: World) => keysFromRead(world.keys.read ?? Buffer.alloc(32), makeManifest(world.keys))

/** Returns true if a site refuses connections from a peer. */
const isRefused = async (site: Site, publicKey: Uint8Array) => {
  const again = new Mallory(site, site.world.keys, { publicKey })
  await site.world.clock.advance(10)
  const refused = again.stream.destroyed
  again.stream.destroy()
  return refused
}

async function meeting(role: 'write' | 'read' = 'read') {
  const world = new World()
  const ada = await world.site('Ada')
  const mallory = new Mallory(ada, role === 'read' ? readKeys(world) : world.keys)
  await world.until(() => mallory.all('have').length > 0)
  mallory.vector()
  await world.until(() => ada.peers.peers.length === 1)
  return { world, ada, mallory }
}

const segmentsOf = (world: World, session: ReturnType<Site['newSession']>, count: number, size = 50) =>
  Array.from({ length: count }, () =>
    session.seal([{ bytes: world.random.bytes(size), hash: world.random.bytes(32) }]),
  )

describe('a peer that misbehaves', () => {
  it('W5 is refused without the proof, also with that of the other side', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    for (const hello of [Buffer.alloc(0), world.random.bytes(300)]) {
      const mallory = new Mallory(ada, readKeys(world), { hello })
      await world.until(() => mallory.stream.destroyed)
      expect(ada.peers.peers).toEqual([])
      expect(await isRefused(ada, mallory.publicKey)).toBe(true)
    }
    const wrongSide = new Mallory(ada, readKeys(world), { wrongSide: true })
    await world.until(() => wrongSide.stream.destroyed)
    const proper = new Mallory(ada, readKeys(world))
    await world.until(() => ada.peers.peers.length === 1)
    // The proof is for one side of one connection.
    const reflected = ada.peers.hello({ ...connectionOf(proper), handshakeHash: world.random.bytes(64) })
    const mirror = new Mallory(ada, readKeys(world), { hello: reflected })
    await world.until(() => mirror.stream.destroyed)
  })

  it('W4 W74 is told nothing but proof and instance before it proved anything, whoever it asks', async () => {
    const world = new World()
    const hellos: Uint8Array[] = []
    for (const [name, role] of [
      ['A', 'write'],
      ['Bartholomew of the long name', 'read'],
      ['Kim', 'keep'],
    ] as const) {
      const site = await world.site(name, role)
      const stranger = new Mallory(site, readKeys(world), { hello: Buffer.alloc(160, 7) })
      hellos.push(site.peers.hello({ ...connectionOf(stranger), handshakeHash: Buffer.alloc(64) }))
      await world.until(() => stranger.stream.destroyed)
      expect(stranger.heard).toEqual([])
      // All that went to it is the opening.
      expect(stranger.stream.other?.sizes).toHaveLength(1)
    }
    expect(hellos.map(({ length }) => length)).toEqual([129, 129, 129])
    const proved = new Mallory(await world.site('Zoe'), readKeys(world))
    await world.until(() => proved.heard.length > 0)
    expect(proved.heard[0]?.type).toBe('introduction')
  })

  it.each<[string, MessageType[]]>([
    ['says anything before it says who it is', ['full']],
    ['says twice who it is', ['introduction', 'introduction']],
  ])('W74 is refused when it %s', async (_, types) => {
    const world = new World()
    const ada = await world.site('Ada')
    const mallory = new Mallory(ada, readKeys(world), { introduction: null })
    await world.until(() => mallory.all('have').length > 0)
    expect(ada.peers.peers).toEqual([])
    const said = Buffer.from('010000', 'hex')
    for (const type of types) mallory.send(type, type === 'introduction' ? said : Buffer.of(0))
    await world.until(() => mallory.stream.destroyed)
    expect(await isRefused(ada, mallory.publicKey)).toBe(true)
  })

  it('W6 W74 that cannot seal its name for readers is no reader, whatever it says', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    const keep = keysFromKeep(world.keys.keep, world.keys.verify ?? Buffer.alloc(32))
    const sealed = Buffer.concat([Buffer.of(1, 0, 50), world.random.bytes(50)])
    for (const introduction of [Buffer.from('010000', 'hex'), sealed]) {
      const mallory = new Mallory(ada, keep, { introduction })
      await world.until(() => mallory.all('have').length > 0)
      await world.until(() => ada.peers.peers.length === 1)
      expect(ada.peers.peers).toMatchObject([{ role: 'keep', name: '' }])
      mallory.stream.destroy()
      await world.until(() => ada.peers.peers.length === 0)
    }
  })

  it('W3 learns nothing of a document that it does not share, and keeps the connection', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    const mallory = new Mallory(ada, world.newKeys())
    await world.until(() => mallory.closed)
    expect(mallory.stream.destroyed).toBe(false)
    expect(mallory.heard).toEqual([])
  })

  it('W6 cannot take the place of another instance, nor pass for a writer', async () => {
    const { world, ada, mallory } = await meeting()
    const impostor = new Mallory(ada, readKeys(world), {
      instance: {
        ...mallory.instance,
        pair: {
          ...mallory.instance.pair,
          secretKey: makeInstance(world.keys, 'read', world.random.bytes(32)).pair.secretKey,
        },
      },
    })
    await world.until(() => impostor.stream.destroyed)
    expect(mallory.closed).toBe(false)
    const reader = makeInstance(readKeys(world), 'read', world.random.bytes(32))
    new Mallory(ada, readKeys(world), {
      instance: { ...reader, role: 'write', warrant: world.random.bytes(64) },
    })
    await world.until(() => ada.peers.peers.length === 2)
    expect(ada.peers.peers.map(({ role }) => role)).toEqual(['read', 'read'])
  })

  it('W40 W41 is refused for ten minutes at the third broken segment, and what it broke is not kept', async () => {
    const { world, ada, mallory } = await meeting()
    const other = await world.site('Bob')
    const session = other.newSession()
    const [segment] = segmentsOf(world, session, 1)
    if (!segment) throw new Error('no segment')
    const forged = { ...segment, bytes: flipped(segment.bytes, 150) }
    for (let n = 0; n < 2; n++) mallory.segment(forged, session.certificate)
    await world.clock.advance(100)
    expect(mallory.closed).toBe(false)
    mallory.segment(forged, session.certificate)
    await world.until(() => mallory.stream.destroyed)
    expect(ada.log.tip(hex(session.session))).toBe(0)
    expect(await isRefused(ada, mallory.publicKey)).toBe(true)
    await world.clock.advance(9 * 60_000)
    expect(await isRefused(ada, mallory.publicKey)).toBe(true)
    await world.clock.advance(60_000)
    expect(await isRefused(ada, mallory.publicKey)).toBe(false)
  })

  it('W40 with a read link cannot make a session that anyone takes', async () => {
    const { world, ada, mallory } = await meeting()
    // Keys of a document of its own: the best that a reader can sign with.
    const keys = { ...readKeys(world), sign: world.newKeys().sign }
    const session = ada.newSession(keys)
    for (const segment of segmentsOf(world, session, 3)) mallory.segment(segment, session.certificate)
    await world.until(() => mallory.stream.destroyed)
    expect(ada.log.vector.size).toBe(0)
  })

  it('W7 cannot give a reader another manifest', async () => {
    const world = new World()
    const rita = await world.site('Rita', 'read')
    const mallory = new Mallory(rita, readKeys(world))
    await world.until(() => rita.peers.peers.length === 1)
    mallory.send('manifest', makeManifest(world.newKeys()))
    await world.until(() => mallory.stream.destroyed)
    expect(rita.document.manifest).toBeNull()
  })

  it('W7 is not heard by a reader before the manifest', async () => {
    const world = new World()
    const rita = await world.site('Rita', 'read')
    const mallory = new Mallory(rita, world.keys)
    await world.until(() => rita.peers.peers.length === 1)
    const bob = await world.site('Bob')
    const session = bob.newSession()
    const [segment] = segmentsOf(world, session, 1)
    if (segment) mallory.segment(segment, session.certificate)
    mallory.receipt(session, 1)
    await world.clock.advance(1_000)
    expect(rita.log.vector.size).toBe(0)
    expect(mallory.heard.map(({ type }) => type)).toEqual(['introduction', 'holder'])
    mallory.send('manifest', makeManifest(world.keys))
    mallory.receipt(session, 1)
    await world.within(1_000, () => mallory.asked.length === 1)
    if (segment) mallory.segment(segment, session.certificate)
    await world.until(() => rita.log.vector.size === 1)
  })

  it.each([
    ['manifest', Buffer.alloc(3)],
    ['have', Buffer.alloc(31)],
    ['have', Buffer.alloc(40, 0xff)],
    ['vector', Buffer.of(2, 0)],
    ['vector', Buffer.of(1, 5)],
    ['want', Buffer.alloc(20)],
    ['enough', Buffer.alloc(33)],
    ['certificate', Buffer.alloc(500_000)],
    ['segment', Buffer.alloc(400_000)],
    ['credit', Buffer.alloc(9, 0xff)],
    ['receipt', Buffer.from('fd00ff', 'hex')],
  ] as const)('W20 is refused at a %s that cannot be read', async (type, body) => {
    const { world, ada, mallory } = await meeting()
    mallory.send(type, body)
    await world.until(() => mallory.stream.destroyed)
    expect(ada.peers.peers).toEqual([])
    expect(await isRefused(ada, mallory.publicKey)).toBe(true)
  })

  it('W35 that holds back what it says it has is passed over for another after 15 seconds', async () => {
    const { world, ada, mallory } = await meeting()
    const bob = await world.site('Bob')
    const session = hex((await bob.write(5)).session)
    mallory.receipt(session, 5)
    await world.within(1_000, () => mallory.asked.length === 1)
    world.connect(ada, bob)
    await world.clock.advance(10_000)
    expect(ada.log.tip(session)).toBe(0)
    await world.within(12_000, () => ada.log.vector.get(session)?.tip === 5)
    // Its word does not hold up what is shown as in sync for ever.
    await world.within(1_000, () => ada.peers.peers.every((peer) => peer.upToDate))
  })

  it('W35 that says it has more than there is does not hold up what others send', async () => {
    const { world, ada, mallory } = await meeting()
    const bob = await world.site('Bob')
    const session = hex((await bob.write(1)).session)
    world.connect(ada, bob)
    await world.within(5_000, () => ada.log.tip(session) === 1)
    mallory.receipt(session, 1_000_000)
    await world.clock.advance(1_000)
    await bob.write(1)
    await world.until(() => ada.log.tip(session) === 2)
  })

  it('W35 that leaves is passed over at once', async () => {
    const { world, ada, mallory } = await meeting()
    const bob = await world.site('Bob')
    const session = hex((await bob.write(5)).session)
    mallory.receipt(session, 5)
    await world.within(1_000, () => mallory.asked.length === 1)
    world.connect(ada, bob)
    await world.clock.advance(1_000)
    mallory.stream.destroy()
    await world.within(1_000, () => ada.log.vector.get(session)?.tip === 5)
  })

  it('W31 that claims sessions without end is asked for a bounded part of them', async () => {
    const { world, ada, mallory } = await meeting()
    for (let page = 0; page < 20; page++)
      mallory.vector(
        Array.from(
          { length: 500 },
          () => [hex(world.random.bytes(32)), { base: 0, tip: 9, mark: noMark }] as const,
        ),
      )
    await world.clock.advance(1_000)
    expect(mallory.asked.length).toBe(maxUnknown)
    expect(ada.peers.peers[0]?.upToDate).toBe(false)
  })

  it('W34 a segment that does not follow is asked for again from where it does', async () => {
    const { world, ada, mallory } = await meeting('write')
    const bob = await world.site('Bob')
    const session = bob.newSession()
    const [first, second, third] = segmentsOf(world, session, 3)
    if (!first || !second || !third) throw new Error('no segments')
    mallory.segment(first, session.certificate)
    mallory.segment(third)
    await world.within(1_000, () => mallory.asked.length === 1)
    expect(mallory.closed).toBe(false)
    mallory.segment(second)
    mallory.segment(third)
    await world.until(() => ada.log.vector.get(hex(session.session))?.tip === 3)
  })

  it('W33 what comes by itself is not asked for as well, until it stays away', async () => {
    const { world, ada, mallory } = await meeting('write')
    const bob = await world.site('Bob')
    const session = bob.newSession()
    const [first, second, third] = segmentsOf(world, session, 3)
    if (!first || !second || !third) throw new Error('no segments')
    const tip = () => ada.log.vector.get(hex(session.session))?.tip
    mallory.segment(first, session.certificate)
    mallory.receipt(session, 3)
    await world.until(() => tip() === 1)
    await world.clock.advance(2_500)
    mallory.segment(second)
    await world.until(() => tip() === 2)
    await world.clock.advance(2_500)
    expect(mallory.asked).toEqual([])
    await world.within(1_000, () => mallory.asked.length === 1)
  })

  it('W30 that sends past its credit is refused', async () => {
    const world = new World()
    const disk = new MemoryDisk()
    const ada = await world.site('Ada', 'write', { disk })
    const mallory = new Mallory(ada, world.keys)
    await world.until(() => mallory.all('have').length > 0)
    const session = ada.newSession()
    // A disk that does not answer: nothing becomes durable, so nothing is granted.
    ada.store.crash()
    const segments = segmentsOf(world, session, 40, 60_000)
    let sent = 0
    for (const segment of segments) {
      if (sent + segment.bytes.length > creditWindow) break
      mallory.segment(segment, sent === 0 ? session.certificate : undefined)
      sent += segment.bytes.length
    }
    await world.clock.advance(100)
    expect(mallory.closed).toBe(false)
    expect(mallory.granted).toBe(0)
    for (const segment of segments) mallory.segment(segment)
    await world.until(() => mallory.stream.destroyed)
  })

  it('W30 that grants nothing is sent one window at most, and the rest when it grants', async () => {
    const { world, ada, mallory } = await meeting('write')
    const session = await ada.write(30, 50_000)
    mallory.send('want', encodeWant({ session: hex(session.session), after: 0 }))
    const total = () => mallory.all('segment').reduce((sum, body) => sum + body.length, 0)
    await world.within(2_000, () => total() > creditWindow - 60_000)
    await world.clock.advance(20_000)
    expect(total()).toBeLessThanOrEqual(creditWindow)
    for (let n = 0; n < 10; n++) {
      mallory.send('credit', encodeCredit(300_000))
      await world.clock.advance(200)
    }
    expect(total()).toBeGreaterThan(30 * 50_000)
  })

  it('W30 that grants in small steps gets what is made here, though it never asks', async () => {
    const { world, ada, mallory } = await meeting('write')
    await ada.write(30, 50_000)
    const total = () => mallory.all('segment').length
    await world.clock.advance(1_000)
    expect(total()).toBeGreaterThan(5)
    expect(total()).toBeLessThan(12)
    for (let n = 0; n < 40; n++) {
      mallory.send('credit', encodeCredit(60_000))
      await world.clock.advance(50)
    }
    expect(total()).toBe(30)
  })

  it('W30 whose line is stuck costs little memory', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    const [near] = world.connect(ada, bob)
    await world.converge([ada, bob])
    near.hold()
    const before = near.given
    for (let n = 0; n < 20; n++) await ada.write(1, 20_000)
    await world.clock.advance(5_000)
    expect(near.given - before).toBeLessThan(100_000)
    near.release()
    await world.converge([ada, bob])
  })

  it('W24 compares again every 20 to 40 seconds', async () => {
    const { world, mallory } = await meeting()
    const before = mallory.all('have').length
    await world.clock.advance(600_000)
    const count = mallory.all('have').length - before
    expect(count).toBeGreaterThanOrEqual(12)
    expect(count).toBeLessThanOrEqual(30)
  })

  it('W22 that compares without end is answered ten times a second', async () => {
    const { world, ada, mallory } = await meeting()
    await ada.write(3)
    const before = mallory.all('vector').length
    for (let n = 0; n < 500; n++) mallory.send('have', encodeHave(Buffer.alloc(2048, n + 1)))
    await world.clock.advance(100)
    expect(mallory.all('vector').length - before).toBeLessThanOrEqual(20)
    expect(mallory.all('vector').length - before).toBeGreaterThan(0)
    expect(mallory.closed).toBe(false)
  })

  it('W37 two histories of a session are told to everyone, and all go on with the same one', async () => {
    const { world, ada, mallory } = await meeting('write')
    const bob = await world.site('Bob')
    world.connect(ada, bob)
    await world.converge([ada, bob])
    const seed = world.random.bytes(32)
    const [session, twin] = [ada.newSession(world.keys, seed), ada.newSession(world.keys, seed)]
    const [first, second] = segmentsOf(world, session, 2)
    const [other] = segmentsOf(world, twin, 1)
    if (!first || !second || !other) throw new Error('no segments')
    mallory.segment(first, session.certificate)
    await world.within(1_000, () => bob.log.tip(hex(session.session)) === 1)
    mallory.segment(other, twin.certificate)
    await world.within(1_000, () => bob.log.forks().size === 1 && ada.log.forks().size === 1)
    // By now the victim can compare what it gets. It gets both again, and what follows the first.
    await world.clock.advance(100)
    mallory.segment(first, session.certificate)
    mallory.segment(other, twin.certificate)
    mallory.segment(second)
    const order = Buffer.compare(decodeTipProof(first.tipProof).chain, decodeTipProof(other.tipProof).chain)
    const proof = order < 0 ? second.tipProof : other.tipProof
    const goesOn = ({ log }: Site) =>
      hex(log.tipProof(hex(session.session)) ?? proof.subarray(1)) === hex(proof)
    await world.within(60_000, () => goesOn(ada) && goesOn(bob))
    await world.within(60_000, () => (ada.peer(bob)?.coversAll && ada.peer(bob)?.upToDate) === true)
    const cy = await world.site('Cy')
    world.connect(cy, ada)
    await world.within(60_000, () => cy.log.forks().size === 1)
  })

  it('W37 a fork that was found apart is told at the next meeting', async () => {
    const { world, ada, mallory } = await meeting('write')
    const bob = await world.site('Bob')
    const [line] = world.connect(ada, bob)
    const seed = world.random.bytes(32)
    const [session, twin] = [ada.newSession(world.keys, seed), ada.newSession(world.keys, seed)]
    const [[first], [other]] = [segmentsOf(world, session, 1), segmentsOf(world, twin, 1)]
    if (!first || !other) throw new Error('no segments')
    mallory.segment(first, session.certificate)
    await world.within(1_000, () => bob.log.vector.get(hex(session.session))?.tip === 1)
    line.destroy()
    await world.until(() => line.destroyed)
    mallory.segment(other, twin.certificate)
    await world.until(() => ada.log.forks().size === 1)
    world.connect(ada, bob)
    await world.until(() => bob.log.forks().size === 1)
  })

  it('W33 W34 sends each session one way, and gaps are asked for again soon', async () => {
    const { world, ada, mallory } = await meeting('write')
    const bob = await world.site('Bob')
    const session = bob.newSession()
    const [first, second, third, fourth] = segmentsOf(world, session, 4)
    if (!first || !second || !third || !fourth) throw new Error('no segments')
    mallory.receipt(session, 3)
    await world.within(1_000, () => mallory.asked.length === 1)
    mallory.segment(first, session.certificate)
    mallory.segment(third)
    // It was asked for all of it, and would have 15 seconds for the rest.
    await world.within(2_500, () => mallory.asked.length === 2)
    mallory.segment(second)
    mallory.segment(third)
    await world.until(() => ada.log.tip(hex(session.session)) === 3)
    expect(mallory.all('enough')).toEqual([])
    mallory.segment(third)
    mallory.segment(second)
    await world.until(() => mallory.all('enough').length > 0)
    await world.clock.advance(1_000)
    expect(mallory.all('enough').map(hex)).toEqual([hex(session.session)])

    const other = new Mallory(ada, world.keys)
    await world.until(() => other.all('have').length > 0)
    other.vector()
    other.send('want', encodeWant({ session: hex(session.session), after: 2 }))
    await world.until(() => other.all('segment').length === 1)
    other.receipt(session, 3)
    other.send('enough', session.session)
    mallory.segment(fourth)
    await world.until(() => ada.log.vector.get(hex(session.session))?.tip === 4)
    await world.clock.advance(1_000)
    expect(other.all('segment').length).toBe(1)
    other.send('want', encodeWant({ session: hex(session.session), after: 3 }))
    await world.until(() => other.all('segment').length === 2)
  })

  it('W1 of another version is sent an introduction and nothing else, and heard in nothing else', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    await ada.write(3)
    const mallory = new Mallory(ada, world.keys, { version: 7 })
    await world.until(() => ada.peers.peers.length === 1)
    const session = ada.newSession()
    const [segment] = segmentsOf(world, session, 1)
    if (segment) mallory.segment(segment, session.certificate)
    mallory.vector([...ada.log.vector])
    mallory.send('have', Buffer.alloc(3))
    mallory.send('manifest', Buffer.alloc(3))
    await world.clock.advance(60_000)
    expect(mallory.heard.map(({ type }) => type)).toEqual(['introduction'])
    expect(ada.log.vector.size).toBe(1)
    expect(ada.peers.peers).toMatchObject([{ outdated: true, coversAll: false, name: 'Mallory' }])
    expect(ada.peers.unshared).toBe(true)
  })

  it('W40 is refused at the third false proof of a fork', async () => {
    const { world, ada, mallory } = await meeting()
    for (let n = 0; n < 3; n++) mallory.send('fork', world.random.bytes(404))
    await world.until(() => mallory.stream.destroyed)
    expect(ada.log.forks().size).toBe(0)
  })

  it('W6 takes a keep link for what it is', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    const keys = keysFromKeep(world.keys.keep, world.keys.verify ?? Buffer.alloc(32))
    const keeper = new Mallory(ada, keys)
    await world.until(() => keeper.all('have').length > 0)
    keeper.vector()
    await ada.write(3)
    await world.until(() => keeper.all('segment').length > 0)
    expect(ada.peers.peers[0]?.role).toBe('keep')
  })
})

const connectionOf = (mallory: Mallory) => ({
  stream: mallory.stream,
  isInitiator: true,
  remotePublicKey: mallory.publicKey,
  ...unplaced,
})
