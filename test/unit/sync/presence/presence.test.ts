import { describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../../main/base/errors'
import { hex } from '../../../../main/base/hex'
import { keysFromKeep } from '../../../../main/keys/derive'
import { identityFromSeed } from '../../../../main/keys/identity'
import {
  approveInstance,
  decodePresence,
  makePresence,
  maxPresenceSize,
  openPresence,
  passedOn,
  sealPresence,
} from '../../../../main/sync/presence/presence'
import { wireVersion } from '../../../../main/sync/sync'
import { makeInstance } from '../../../../main/sync/wire/instance'
import { codeOf, flipped } from '../../log/fixture'
import { World } from '../world'
import { bytes, names, pair, visitor } from './visitor'

describe('presence', () => {
  it('W50 shows name, author and caret, and the newest of many carets', async () => {
    const { world, ada, bob } = await pair()
    const identity = identityFromSeed(world.random.bytes(32))
    for (let n = 0; n <= 30; n++) ada.peers.setPresence({ name: 'Ada', identity, caret: bytes(`place ${n}`) })
    await world.within(500, () => Buffer.from(bob.peer(ada)?.caret ?? '').toString() === 'place 30')
    expect(bob.peer(ada)?.authorKey).toEqual(Uint8Array.from(identity.publicKey))
    ada.peers.setPresence({ name: 'Adele', identity, caret: null })
    await world.within(500, () => bob.peers.peers[0]?.name === 'Adele')
    expect(bob.peers.peers[0]?.caret).toBeNull()
  })

  it('W50 is announced at most ten times a second', async () => {
    const { world, ada, line } = await pair()
    await world.clock.advance(1_000)
    const before = line.sizes.length
    for (let n = 0; n < 200; n++) {
      ada.peers.setPresence({ name: 'Ada', identity: null, caret: bytes(`place ${n}`) })
      await world.clock.advance(5)
    }
    expect(line.sizes.length - before).toBeGreaterThan(5)
    expect(line.sizes.length - before).toBeLessThanOrEqual(12)
  })

  it('W50 refuses a caret that is too large', async () => {
    const { ada } = await pair()
    expect(
      codeOf(() => ada.peers.setPresence({ name: 'Ada', identity: null, caret: new Uint8Array(513) })),
    ).toBe('MALFORMED')
    expect(() =>
      ada.peers.setPresence({ name: 'Ada', identity: null, caret: new Uint8Array(512) }),
    ).not.toThrow()
  })

  it('W50 fits a message at its largest, with the sealed part bound to its instance', () => {
    const world = new World()
    const key = world.keys.presence ?? Buffer.alloc(32)
    const instance = makeInstance(world.keys, 'write', world.random.bytes(32))
    const presence = {
      name: 'ß'.repeat(40),
      author: approveInstance(
        identityFromSeed(world.random.bytes(32)),
        world.keys.documentId,
        instance.pair.publicKey,
      ),
      caret: world.random.bytes(512),
    }
    const sealed = sealPresence({
      key,
      instance: instance.pair.publicKey,
      presence,
      random: world.environment.random,
    })
    const message = makePresence({ instance, counter: 2 ** 32, goodbye: false, sealed })
    expect(message.length).toBeLessThanOrEqual(maxPresenceSize)
    expect(openPresence(key, instance.pair.publicKey, sealed).name).toBe('ß'.repeat(32))
    expect(codeOf(() => openPresence(key, world.random.bytes(32), sealed))).toBe('MALFORMED')
    expect(codeOf(() => decodePresence(Buffer.concat([message, Buffer.alloc(maxPresenceSize)])))).toBe(
      'MALFORMED',
    )
  })

  it('W54 shows an author only if the author approved the instance', async () => {
    const { world, ada } = await pair()
    const { mallory, say } = await visitor(world, ada)
    const identity = identityFromSeed(world.random.bytes(32))
    const { documentId } = world.keys
    const shown = () => ada.peers.peers.find(({ key }) => key === hex(mallory.instance.pair.publicKey))
    // An approval of the same person's other instance, and one for another document.
    const elsewhere = approveInstance(identity, documentId, world.random.bytes(32))
    const foreign = approveInstance(identity, world.random.bytes(32), mallory.instance.pair.publicKey)
    for (const author of [elsewhere, foreign]) {
      say({ name: 'Ada', author })
      await world.clock.advance(200)
      expect(shown()?.authorKey).toBeNull()
      expect(shown()?.name).not.toBe('Ada')
    }
    say({ name: 'Cy', author: approveInstance(identity, documentId, mallory.instance.pair.publicKey) })
    await world.until(() => shown()?.name === 'Cy')
    expect(shown()?.authorKey).toEqual(Uint8Array.from(identity.publicKey))
    // Only readers can recognize it: the peer that passes it on is not at fault.
    expect(mallory.closed).toBe(false)
  })

  it('W52 reaches peers that are two hops away and not three, each person listed once', async () => {
    const world = new World()
    const sites = await Promise.all(['Ada', 'Bob', 'Cy', 'Dee', 'Eve'].map((name) => world.site(name)))
    for (const [index, site] of sites.entries()) {
      const next = sites[index + 1]
      if (next) world.connect(site, next)
    }
    await world.converge(sites)
    await world.clock.advance(15_000)
    const [ada, , cy, dee, eve] = sites
    if (!ada || !cy || !dee || !eve) throw new Error('no sites')
    expect(names(ada)).toEqual(['Bob', 'Cy', 'Dee'])
    expect(names(cy)).toEqual(['Ada', 'Bob', 'Dee', 'Eve'])
    expect(cy.peer(ada)).toMatchObject({ connected: false, coversAll: false, role: 'write' })
    expect(cy.peer(dee)?.connected).toBe(true)
    ada.peers.setPresence({ name: 'Ada', identity: null, caret: bytes('here') })
    await world.within(2_500, () => cy.peer(ada)?.caret !== null)
    world.connect(ada, cy)
    await world.within(1_000, () => cy.peer(ada)?.connected === true)
    expect(names(cy)).toEqual(['Ada', 'Bob', 'Dee', 'Eve'])
  })

  it('W52 is sent to a new peer at once, also that of peers it is not connected to', async () => {
    const { world, ada, bob } = await pair()
    const cy = await world.site('Cy')
    world.connect(cy, bob)
    await world.until(() => names(cy).join() === 'Ada,Bob')
    await world.until(() => names(ada).join() === 'Bob,Cy')
  })

  it('W51 lasts for 30 seconds without being announced again', async () => {
    const { world, ada, bob } = await pair()
    const { mallory, say } = await visitor(world, bob)
    say()
    await world.within(500, () => names(ada).includes('Mallory'))
    await world.clock.advance(20_000)
    expect(names(ada)).toEqual(['Bob', 'Mallory'])
    await world.clock.advance(16_000)
    expect(names(ada)).toEqual(['Bob'])
    // Connected, it is listed by its hello.
    expect(names(bob)).toEqual(['Ada', 'Mallory'])
    mallory.stream.destroy()
    await world.until(() => names(bob).join() === 'Ada')
  })

  it('W51 stays while it is announced again', async () => {
    const { world, ada, bob } = await pair()
    await world.clock.advance(100_000)
    expect(names(ada)).toEqual(['Bob'])
    expect(bob.peers.peers[0]).toMatchObject({ name: 'Ada', connected: true })
  })

  it('W51 ends at once with a goodbye, also for distant peers, and is not brought back by an old message', async () => {
    const { world, ada, bob } = await pair()
    const cy = await world.site('Cy')
    world.connect(cy, bob)
    await world.within(3_000, () => names(ada).join() === 'Bob,Cy')
    const { mallory, say } = await visitor(world, ada)
    const old = say({ name: 'Ghost' })
    await world.within(5_000, () => names(bob).includes('Ghost'))
    say({ goodbye: true })
    await world.within(1_000, () => !names(bob).includes('Ghost'))
    mallory.send('presence', old)
    await world.clock.advance(5_000)
    expect(names(bob)).toEqual(['Ada', 'Cy'])
    void cy.sync.close()
    await world.within(1_000, () => names(ada).join() === 'Bob,Mallory')
  })

  it('W40 without a valid signature ends the connection at the third time, whoever passes it on', async () => {
    const { world, bob } = await pair()
    const { mallory, say } = await visitor(world, bob)
    const message = say()
    for (let n = 0; n < 3; n++) {
      const forged = Buffer.from(flipped(message, 70 + n))
      mallory.send('presence', forged)
    }
    await world.until(() => mallory.stream.destroyed)
    expect(passedOn(passedOn(passedOn(message)))[0]).toBe(0)
  })

  it('W50 is passed on by a keeper that cannot read it and cannot invent a name', async () => {
    const world = new World()
    const [ada, kim, bob] = [
      await world.site('Ada'),
      await world.site('Kim', 'keep'),
      await world.site('Bob'),
    ]
    world.connect(ada, kim)
    world.connect(kim, bob)
    await world.within(5_000, () => ada.peer(bob) !== undefined)
    expect(kim.peers.peers.map(({ name }) => name)).toEqual(['', ''])
    expect(kim.peers.peers.every(({ connected }) => connected)).toBe(true)
    const keep = keysFromKeep(world.keys.keep, world.keys.verify ?? Buffer.alloc(32))
    const { say } = await visitor(world, bob, { ...keep, presence: null })
    say({ name: 'Ada' })
    await world.clock.advance(500)
    // The honest keeper is listed by its operator's name for it (W70).
    expect(bob.peers.peers.filter(({ role }) => role === 'keep').map(({ name }) => name)).toEqual(['Kim', ''])
  })

  it('W1 of a peer with another version of the wire shows the version and nothing else; it stays connected', async () => {
    const world = new World()
    const [ada, bob] = [
      await world.site('Ada'),
      await world.site('Bob', 'write', { wireVersion: wireVersion + 1 }),
    ]
    await ada.write(3)
    const [line] = world.connect(ada, bob)
    await world.until(() => ada.peers.peers.length === 1 && bob.peers.peers.length === 1)
    await world.clock.advance(60_000)
    expect(ada.peers.peers).toMatchObject([
      { name: 'Bob', outdated: true, coversAll: false, upToDate: false, connected: true },
    ])
    expect(bob.peers.peers).toMatchObject([{ name: 'Ada', outdated: true }])
    expect(bob.log.vector.size).toBe(0)
    expect(line.destroyed).toBe(false)
    expect(ada.peers.unshared).toBe(true)
    // A peer of the same version is synced as usual.
    const cy = await world.site('Cy')
    world.connect(cy, ada)
    await world.within(5_000, () => cy.log.vector.size === 1)
    line.destroy()
    await world.until(() => names(ada).join() === 'Cy')
  })
})

it('malformed presence throws the project’s own error', () => {
  expect(() => decodePresence(new Uint8Array(0))).toThrow(SwarmpadError)
})
