import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { keysFromKeep, makeManifest } from '../../../main/keys/derive'
import { makeInstance } from '../../../main/sync/wire/instance'
import type { MessageType } from '../../../main/sync/wire/messages'
import { unplaced } from '../../support/sim-network'
import { flipped } from '../log/fixture'
import { Mallory, meetMallory, readKeys, segmentsOf } from './mallory'
import { type Site, World } from './world'

/** Returns true if a site refuses connections from a peer. */
const isRefused = async (site: Site, publicKey: Uint8Array) => {
  const again = new Mallory(site, site.world.keys, { publicKey })
  await site.world.clock.advance(10)
  const refused = again.stream.destroyed
  again.stream.destroy()
  return refused
}

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

  it('W4 W74 gets nothing but proof and instance before it proved anything, from anyone', async () => {
    const world = new World()
    const hellos: Uint8Array[] = []
    const sizes: number[][] = []
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
      // Nothing but the channel for matching and a list was sent to it, in sizes that tell nothing.
      sizes.push(stranger.stream.other?.sizes ?? [])
    }
    expect(hellos.map(({ length }) => length)).toEqual([129, 129, 129])
    expect(sizes).toEqual(Array.from({ length: 3 }, () => [51, 4_103]))
    const proved = new Mallory(await world.site('Zoe'), readKeys(world))
    await world.until(() => proved.heard.length > 0)
    expect(proved.heard[0]?.type).toBe('introduction')
  })

  it.each<[string, MessageType[]]>([
    ['sends anything before its introduction', ['full']],
    ['introduces itself twice', ['introduction', 'introduction']],
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

  it('W6 W74 is no reader if it cannot seal its name for readers, whatever it claims', async () => {
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
    const { world, ada, mallory } = await meetMallory()
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

  it('W40 W41 is refused for ten minutes at the third broken segment, and none of them is stored', async () => {
    const { world, ada, mallory } = await meetMallory()
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

  it('W40 cannot make a session that anyone accepts, with a read link', async () => {
    const { world, ada, mallory } = await meetMallory()
    // The sign key of another document: a reader has no better one.
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

  it('W7 is ignored by a reader before the manifest', async () => {
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
    const { world, ada, mallory } = await meetMallory()
    mallory.send(type, body)
    await world.until(() => mallory.stream.destroyed)
    expect(ada.peers.peers).toEqual([])
    expect(await isRefused(ada, mallory.publicKey)).toBe(true)
  })

  it('W1 gets an introduction and nothing else if it has another version, and is ignored otherwise', async () => {
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
    const { world, ada, mallory } = await meetMallory()
    for (let n = 0; n < 3; n++) mallory.send('fork', world.random.bytes(404))
    await world.until(() => mallory.stream.destroyed)
    expect(ada.log.forks().size).toBe(0)
  })

  it('W6 is a keeper with a keep link, and gets segments', async () => {
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
