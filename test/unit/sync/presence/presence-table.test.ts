import { describe, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { keysFromKeep, keysFromRead, makeManifest } from '../../../../main/keys/derive'
import { identityFromSeed } from '../../../../main/keys/identity'
import { decodePresence } from '../../../../main/sync/presence/presence'
import { makeInstance } from '../../../../main/sync/wire/instance'
import { Mallory } from '../mallory'
import { World } from '../world'
import { bytes, names, pair, visitor } from './visitor'

describe('bounds of presence', () => {
  it('W53 with a counter that does not grow is not passed on', async () => {
    const { world, ada, bob } = await pair()
    const { mallory, say } = await visitor(world, bob)
    const message = say()
    await world.within(500, () => names(ada).includes('Mallory'))
    const before = mallory.all('presence').length
    for (let n = 0; n < 10; n++) mallory.send('presence', message)
    await world.clock.advance(5_000)
    expect(mallory.all('presence').length - before).toBeLessThan(3)
    expect(mallory.closed).toBe(false)
  })

  it('W50 a flood is dropped past 20 a second, and costs nobody else anything', async () => {
    const { world, ada, bob, line } = await pair()
    const { mallory, say } = await visitor(world, bob)
    await world.clock.advance(2_000)
    const before = line.other?.sizes.length ?? 0
    for (let n = 0; n < 1_000; n++) say({ name: `M${n}` })
    await world.clock.advance(400)
    expect(mallory.closed).toBe(false)
    expect(Number(bob.peers.peers.find(({ name }) => name.startsWith('M'))?.name.slice(1))).toBeLessThan(40)
    expect((line.other?.sizes.length ?? 0) - before).toBeLessThan(10)
    expect(names(ada)).toContain('Bob')
  })

  it('W53 of invented instances is remembered in part', async () => {
    const { world, bob } = await pair()
    const keys = keysFromRead(world.keys.read ?? Buffer.alloc(32), makeManifest(world.keys))
    const { say } = await visitor(world, bob, keys)
    for (let second = 0; second < 20; second++) {
      for (let n = 0; n < 20; n++)
        say({
          name: `fake ${second} ${n}`,
          instance: makeInstance(keys, 'read', world.random.bytes(32)),
          counter: 1,
        })
      await world.clock.advance(1_000)
    }
    expect(bob.peers.peers.length).toBeLessThanOrEqual(258)
  })

  it('W50 W53 of a peer without read access shows nobody, and displaces nobody', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    const [, kim] = [world.connect(ada, bob), await world.site('Kim', 'keep')]
    world.connect(kim, bob)
    await world.converge([ada, bob])
    const keys = keysFromKeep(world.keys.keep, world.keys.verify ?? Buffer.alloc(32))
    const made = () => ({ ...makeInstance(keys, 'read', world.random.bytes(32)), role: 'read' as const })
    const mallories = [await visitor(world, bob, keys), await visitor(world, kim, keys)]
    const seen = new Set<string>()
    const look = () => {
      for (const { name, role } of bob.peers.peers) seen.add(`${role} ${name}`)
    }
    bob.peers.onChange(look)
    // Sealed with another key, and not sealed at all.
    for (let second = 0; second < 15; second++) {
      for (const { say } of mallories) for (let n = 0; n < 20; n++) say({ instance: made(), counter: 1 })
      await world.clock.advance(1_000)
      look()
    }
    expect([...seen].sort()).toEqual(['keep ', 'keep Kim', 'write Ada'])
    const cy = await world.site('Cy')
    const identity = identityFromSeed(world.random.bytes(32))
    cy.peers.setPresence({ name: 'Cy', identity, caret: bytes('here') })
    world.connect(cy, bob)
    await world.within(5_000, () => bob.peer(cy)?.caret !== null && ada.peer(cy)?.caret !== null)
    expect(bob.peer(cy)?.authorKey).toEqual(Uint8Array.from(identity.publicKey))
    expect(mallories.every(({ mallory }) => !mallory.closed)).toBe(true)
    // A keeper cannot recognize them, and passes on a few.
    expect(kim.peers.peers.filter(({ connected }) => !connected)).toEqual([])
  })

  it('W53 brought by one neighbour is limited to 64, and does not displace that of others and of connected peers', async () => {
    const world = new World()
    const [ada, bob, cy] = [await world.site('Ada'), await world.site('Bob'), await world.site('Cy')]
    world.connect(cy, bob)
    await world.converge([bob, cy])
    const keys = keysFromRead(world.keys.read ?? Buffer.alloc(32), makeManifest(world.keys))
    const crowds = await Promise.all(Array.from({ length: 6 }, () => visitor(world, bob, keys)))
    const made = (name: string) => ({
      name,
      instance: makeInstance(keys, 'read', world.random.bytes(32)),
      counter: 1,
    })
    const shown = (prefix: string) => names(bob).filter((name) => name.startsWith(prefix)).length
    const flood = async (from: number, to: number) => {
      for (let second = 0; second < 5; second++) {
        for (const [index, { say }] of crowds.slice(from, to).entries())
          for (let n = 0; n < 16; n++) say(made(`fake ${from + index} `))
        await world.clock.advance(1_000)
      }
    }
    await flood(0, 1)
    expect(shown('fake 0')).toBe(64)
    await flood(1, 6)
    expect(names(bob).filter((name) => name.startsWith('fake')).length).toBeLessThanOrEqual(256)
    // One person who is connected, and one whom only Cy brings.
    world.connect(ada, bob)
    ada.peers.setPresence({ name: 'Ada', identity: null, caret: bytes('here') })
    await world.within(3_000, () => bob.peer(ada)?.caret !== null)
    const dee = await world.site('Dee')
    world.connect(dee, cy)
    await world.within(5_000, () => names(bob).includes('Dee'))
    expect(bob.peer(cy)?.connected).toBe(true)
  })

  it('W53 brought by a neighbour that left is evicted first', async () => {
    const { world, bob } = await pair()
    const keys = keysFromRead(world.keys.read ?? Buffer.alloc(32), makeManifest(world.keys))
    for (let round = 0; round < 6; round++) {
      const { mallory, say } = await visitor(world, bob, keys)
      for (let second = 0; second < 4; second++) {
        for (let n = 0; n < 16; n++)
          say({
            name: `fake ${round} `,
            instance: makeInstance(keys, 'read', world.random.bytes(32)),
            counter: 1,
          })
        await world.clock.advance(1_000)
      }
      mallory.stream.destroy()
      await world.until(() => !names(bob).includes('Mallory'))
    }
    const before = names(bob).length
    const { say } = await visitor(world, bob, keys)
    for (let n = 0; n < 16; n++)
      say({ name: `new ${n}`, instance: makeInstance(keys, 'read', world.random.bytes(32)), counter: 1 })
    await world.until(() => names(bob).filter((name) => name.startsWith('new')).length === 16)
    expect(names(bob).length).toBeLessThanOrEqual(before + 17)
  })

  it('W50 that a keeper cannot read is passed on in part, and at once if its neighbour made it', async () => {
    const world = new World()
    const [kim, bob] = [await world.site('Kim', 'keep'), await world.site('Bob')]
    world.connect(kim, bob)
    await world.converge([kim, bob])
    const keys = keysFromKeep(world.keys.keep, world.keys.verify ?? Buffer.alloc(32))
    const listener = new Mallory(kim, world.keys)
    const { say } = await visitor(world, kim, keys)
    for (let second = 0; second < 20; second++) {
      for (let n = 0; n < 20; n++)
        say({ instance: { ...makeInstance(keys, 'read', world.random.bytes(32)) }, counter: 1 })
      await world.clock.advance(1_000)
    }
    const heard = new Set(listener.all('presence').map((body) => hex(decodePresence(body).instance)))
    expect(heard.size).toBeGreaterThan(2)
    expect(heard.size).toBeLessThanOrEqual(2 + 16)
    const ada = await world.site('Ada')
    world.connect(ada, kim)
    await world.within(500, () => names(bob).includes('Ada'))
  })
})
