import { afterEach, describe, expect, it, vi } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { PeerSync } from '../../../../main/sync/peer-sync'
import { decodePresence } from '../../../../main/sync/presence/presence'
import { type Site, World } from '../world'
import { bytes, names, visitor } from './visitor'

afterEach(() => {
  vi.restoreAllMocks()
})

/** Sites of which each two are connected, but for those of which `apart` says that they cannot be. */
async function crowd(size: number, apart: (a: number, b: number) => boolean = () => false) {
  const world = new World()
  const sites = await Promise.all(Array.from({ length: size }, (_, n) => world.site(`site ${n}`)))
  for (const [a, site] of sites.entries())
    for (const [b, other] of sites.entries()) if (a < b && !apart(a, b)) world.connect(site, other)
  await world.clock.advance(15_000)
  for (const site of sites) expect(names(site).length).toBe(size - 1)
  return { world, sites }
}

/** Counts the messages of one kind that are sent from now on. */
function counting(type: 'presence' | 'neighbours') {
  const sent = vi.spyOn(PeerSync.prototype, 'tell')
  return () => sent.mock.calls.filter(([kind]) => kind === type).length
}

const move = (site: Site, caret: string) =>
  site.peers.setPresence({ name: site.name, identity: null, caret: bytes(caret) })

const caretAt = (site: Site, of: Site) => Buffer.from(site.peer(of)?.caret ?? '').toString()

describe('presence that is passed on (W52, W55)', () => {
  it('among many who are all connected goes to each by one message, and by nobody else', async () => {
    const size = 12
    const { world, sites } = await crowd(size)
    const count = counting('presence')
    const seconds = 10
    for (let second = 0; second < seconds; second++) {
      for (const site of sites) move(site, `${second}`)
      await world.clock.advance(1_000)
    }
    expect(count()).toBe(seconds * size * (size - 1))
    for (const site of sites) expect(sites.every((of) => of === site || caretAt(site, of) === '9')).toBe(true)

    const [first = expect.fail(), ...others] = sites
    const before = count()
    void first.sync.close()
    await world.within(1_000, () => others.every((site) => !names(site).includes('site 0')))
    expect(count() - before).toBe(size - 1)
  })

  it('between two who cannot connect is passed on by two of the others, not by all', async () => {
    const size = 8
    const { world, sites } = await crowd(size, (a, b) => a === 0 && b === 1)
    const [ada = expect.fail(), bob = expect.fail()] = sites
    const sent = vi.spyOn(PeerSync.prototype, 'tell')
    for (let round = 0; round < 5; round++) {
      move(ada, `here ${round}`)
      await world.within(3_000, () => caretAt(bob, ada) === `here ${round}`)
      await world.clock.advance(500)
    }
    // How often each presence of hers was sent: to those who are connected, and by two of them to the other one.
    const times = new Map<number, number>()
    for (const [type, body] of sent.mock.calls) {
      if (type !== 'presence') continue
      const { instance, counter } = decodePresence(body)
      if (hex(instance) === bob.peer(ada)?.key) times.set(counter, (times.get(counter) ?? 0) + 1)
    }
    expect(times.size).toBeGreaterThanOrEqual(5)
    expect(Math.max(...times.values())).toBe(size - 2 + 2)
  })

  it('goes on when a connection ends, to whom it does not reach by itself any more', async () => {
    const world = new World()
    const sites = [await world.site('Ada'), await world.site('Bob'), await world.site('Cy')]
    const [ada = expect.fail(), bob = expect.fail(), cy = expect.fail()] = sites
    world.connect(ada, cy)
    world.connect(cy, bob)
    const [line] = world.connect(ada, bob)
    await world.clock.advance(15_000)
    line.destroy()
    await world.clock.advance(3_000)
    move(ada, 'apart')
    await world.within(5_000, () => caretAt(bob, ada) === 'apart')
    expect(bob.peer(ada)?.connected).toBe(false)
  })

  it('is kept from nobody but itself by a peer that says it is connected to all', async () => {
    const { world, sites } = await crowd(4, (a, b) => a === 0 && b === 1)
    const [ada = expect.fail(), bob = expect.fail(), cy = expect.fail()] = sites
    const { mallory } = await visitor(world, cy)
    const all = sites.flatMap((site) => site.peers.peers.map(({ key }) => key.slice(0, 16)))
    mallory.send('neighbours', Buffer.from([...new Set(all)].sort().join(''), 'hex'))
    await world.clock.advance(3_000)
    const heard = mallory.all('presence').length
    move(ada, 'seen')
    await world.within(3_000, () => caretAt(bob, ada) === 'seen')
    await world.clock.advance(3_000)
    const later = mallory
      .all('presence')
      .slice(heard)
      .map((body) => hex(decodePresence(body).instance))
    expect(later.filter((key) => key === cy.peer(ada)?.key)).toEqual([])
  })

  it('W55 takes the newest list of a peer that sends too many, a moment later', async () => {
    const { world, sites } = await crowd(3)
    const [ada = expect.fail(), , cy = expect.fail()] = sites
    const { mallory } = await visitor(world, cy)
    const all = sites.flatMap((site) => site.peers.peers.map(({ key }) => key.slice(0, 16)))
    const list = Buffer.from([...new Set(all)].sort().join(''), 'hex')
    for (let time = 0; time < 30; time++) mallory.send('neighbours', list)
    mallory.send('neighbours', Buffer.alloc(0))
    await world.clock.advance(3_000)
    const heard = mallory.all('presence').length
    move(ada, 'seen')
    await world.clock.advance(4_000)
    const later = mallory.all('presence').slice(heard)
    expect(later.map((body) => hex(decodePresence(body).instance))).toContain(cy.peer(ada)?.key)
  })

  it('W55 tells a peer that came back who came back after it', async () => {
    const world = new World()
    const sites = [await world.site('Ada'), await world.site('Bob'), await world.site('Cy')]
    const [ada = expect.fail(), bob = expect.fail(), cy = expect.fail()] = sites
    const lines = [world.connect(ada, cy), world.connect(bob, cy)]
    await world.clock.advance(15_000)
    const key = cy.peer(ada)?.key
    for (const [line] of lines) line.destroy()
    await world.clock.advance(100)
    const sent = vi.spyOn(PeerSync.prototype, 'tell')
    const toAda = () =>
      sent.mock.calls
        .filter((_, call) => (sent.mock.contexts[call] as PeerSync).instance === key)
        .flatMap(([type, body]) => (type === 'neighbours' ? body.length / 8 : []))
    world.connect(ada, cy)
    await world.clock.advance(500)
    world.connect(bob, cy)
    await world.clock.advance(10_000)
    expect(toAda()).toEqual([1, 2])
  })

  it.each<[string, Uint8Array]>([
    ['half a name', Buffer.alloc(12, 1)],
    ['a name twice', Buffer.alloc(16, 1)],
    ['too many', Buffer.concat(Array.from({ length: 129 }, (_, n) => Buffer.alloc(8, n)))],
  ])('W55 a list of peers with %s ends the connection', async (_, body) => {
    const world = new World()
    const { mallory } = await visitor(world, await world.site('Ada'))
    mallory.send('neighbours', body)
    await world.until(() => mallory.stream.destroyed)
  })

  it('W55 tells who is connected only when that changes', async () => {
    const { world, sites } = await crowd(5)
    const count = counting('neighbours')
    await world.clock.advance(30_000)
    expect(count()).toBe(0)
    const late = await world.site('late')
    for (const site of sites) world.connect(late, site)
    await world.clock.advance(5_000)
    // Each of the others and the late one send each other two lists, and the others each other one.
    expect(count()).toBeLessThanOrEqual(4 * 5 + 5 * 4)
    expect(count()).toBeGreaterThan(0)
  })
})
