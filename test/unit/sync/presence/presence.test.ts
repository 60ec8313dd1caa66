import { describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../../main/base/errors'
import { hex } from '../../../../main/base/hex'
import { keysFromKeep, keysFromRead, makeManifest } from '../../../../main/keys/derive'
import { identityFromSeed } from '../../../../main/keys/identity'
import {
  type Approval,
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
import { Mallory } from '../mallory'
import { type Site, World } from '../world'

const bytes = (text: string) => Uint8Array.from(Buffer.from(text))
const names = (site: Site) => site.peers.peers.map(({ name }) => name).sort()

async function pair() {
  const world = new World()
  const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
  const [line] = world.connect(ada, bob)
  await world.converge([ada, bob])
  return { world, ada, bob, line }
}

/** A peer without a site of its own; `say` makes it show itself. */
async function visitor(world: World, victim: Site, keys = world.keys) {
  const mallory = new Mallory(victim, keys)
  await world.until(() => mallory.all('have').length > 0)
  mallory.vector()
  let counter = 0
  const say = (
    options: {
      name?: string
      author?: Approval
      counter?: number
      goodbye?: boolean
      instance?: typeof mallory.instance
    } = {},
  ) => {
    const instance = options.instance ?? mallory.instance
    const sealed = sealPresence({
      key: keys.presence ?? Buffer.alloc(32),
      instance: instance.pair.publicKey,
      presence: { name: options.name ?? 'Mallory', author: options.author ?? null, caret: null },
      random: world.environment.random,
    })
    const message = makePresence({
      instance,
      counter: options.counter ?? ++counter,
      goodbye: options.goodbye ?? false,
      sealed,
    })
    mallory.send('presence', message)
    return message
  }
  return { mallory, say }
}

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

  it('W50 is told at most ten times a second', async () => {
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

  it('W54 shows an author only who said that the instance is theirs', async () => {
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
    // Only readers could have seen it: who passes it on is not to blame.
    expect(mallory.closed).toBe(false)
  })

  it('W52 reaches those who are two hops away and not three, each person listed once', async () => {
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

  it('W52 is told to a new peer at once, also of those it is not connected with', async () => {
    const { world, ada, bob } = await pair()
    const cy = await world.site('Cy')
    world.connect(cy, bob)
    await world.until(() => names(cy).join() === 'Ada,Bob')
    await world.until(() => names(ada).join() === 'Bob,Cy')
  })

  it('W51 lasts 30 seconds after its last word, as long as someone says it', async () => {
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

  it('W51 stays while it is told again', async () => {
    const { world, ada, bob } = await pair()
    await world.clock.advance(100_000)
    expect(names(ada)).toEqual(['Bob'])
    expect(bob.peers.peers[0]).toMatchObject({ name: 'Ada', connected: true })
  })

  it('W51 ends at once with a goodbye, also for those far away, and is not called back by an old message', async () => {
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

  it('W53 of made-up instances without end is remembered in part', async () => {
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

  it('W50 W53 of one that cannot read is nobody, and takes nobody’s place', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    const [, kim] = [world.connect(ada, bob), await world.site('Kim', 'keep')]
    world.connect(kim, bob)
    await world.converge([ada, bob])
    const keys = keysFromKeep(world.keys.keep, world.keys.verify ?? Buffer.alloc(32))
    const made = () => ({ ...makeInstance(keys, 'read', world.random.bytes(32)), role: 'read' as const })
    const mallories = [await visitor(world, bob, keys), await visitor(world, kim, keys)]
    const seen = new Set<string>()
    bob.peers.onChange(() => {
      for (const { name, role } of bob.peers.peers) seen.add(`${role} ${name}`)
    })
    // Sealed with another key, and not sealed at all.
    for (let second = 0; second < 15; second++) {
      for (const { say } of mallories) for (let n = 0; n < 20; n++) say({ instance: made(), counter: 1 })
      await world.clock.advance(1_000)
    }
    expect([...seen].sort()).toEqual(['keep ', 'keep Kim', 'write Ada'])
    const cy = await world.site('Cy')
    const identity = identityFromSeed(world.random.bytes(32))
    cy.peers.setPresence({ name: 'Cy', identity, caret: bytes('here') })
    world.connect(cy, bob)
    await world.within(5_000, () => bob.peer(cy)?.caret !== null && ada.peer(cy)?.caret !== null)
    expect(bob.peer(cy)?.authorKey).toEqual(Uint8Array.from(identity.publicKey))
    expect(mallories.every(({ mallory }) => !mallory.closed)).toBe(true)
    // A keeper cannot tell, and passes on a few.
    expect(kim.peers.peers.filter(({ connected }) => !connected)).toEqual([])
  })

  it('W53 a neighbour brings 64 at most, and others’ and connected ones keep their place', async () => {
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
    // Someone who is connected, and someone whom only Cy brings.
    world.connect(ada, bob)
    ada.peers.setPresence({ name: 'Ada', identity: null, caret: bytes('here') })
    await world.within(3_000, () => bob.peer(ada)?.caret !== null)
    const dee = await world.site('Dee')
    world.connect(dee, cy)
    await world.within(5_000, () => names(bob).includes('Dee'))
    expect(bob.peer(cy)?.connected).toBe(true)
  })

  it('W53 those whom nobody stands for any more go first', async () => {
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

  it('W50 a keeper passes on a few of what it cannot read, and its neighbours’ own at once', async () => {
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

  it('W40 three that nobody signed end the connection, whoever passes them on', async () => {
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

  it('W50 a keeper passes on what it cannot read, and cannot make up a name', async () => {
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
    // The honest one goes by what its operator calls it (W70).
    expect(bob.peers.peers.filter(({ role }) => role === 'keep').map(({ name }) => name)).toEqual(['Kim', ''])
  })

  it('W1 another version of the wire is named, shows nothing else, and stays connected', async () => {
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
    // With someone of the same version all is as ever.
    const cy = await world.site('Cy')
    world.connect(cy, ada)
    await world.within(5_000, () => cy.log.vector.size === 1)
    line.destroy()
    await world.until(() => names(ada).join() === 'Cy')
  })
})

it('errors of presence are the project’s own', () => {
  expect(() => decodePresence(new Uint8Array(0))).toThrow(SwarmpadError)
})
