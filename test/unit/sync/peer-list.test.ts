import { describe, expect, it } from 'vitest'
import { identityFromSeed } from '../../../main/keys/identity'
import { type Site, World } from './world'

/** Three sites, connected to Ada, who all hold the same. */
async function meeting(): Promise<{ world: World; ada: Site; bob: Site; cy: Site }> {
  const world = new World()
  const [ada, bob, cy] = [await world.site('Ada'), await world.site('Bob'), await world.site('Cy')]
  await ada.write()
  world.connect(ada, bob)
  world.connect(ada, cy)
  await world.converge([ada, bob, cy])
  await world.clock.advance(3_000)
  return { world, ada, bob, cy }
}

describe('the list of peers', () => {
  it('is the same while nothing happens, and keeps the states of all that an event does not concern', async () => {
    const { world, ada, bob, cy } = await meeting()
    const before = ada.peers.peers
    expect(ada.peers.peers).toBe(before)
    const kept = ada.peer(cy)
    const identity = identityFromSeed(world.random.bytes(32))
    bob.peers.setPresence({ name: 'Bob', identity, caret: Buffer.from('here') })
    await world.within(1_000, () => ada.peer(bob)?.caret !== null)
    expect(ada.peers.peers).not.toBe(before)
    expect(ada.peer(cy)).toBe(kept)
  })

  it('follows every event that concerns a peer', async () => {
    const { world, ada, bob, cy } = await meeting()
    expect(ada.peer(bob)).toMatchObject({ coversAll: true, coversMine: true, upToDate: true, full: false })
    const written = ada.write()
    await written
    expect(ada.peer(bob)).toMatchObject({ coversAll: false, coversMine: false })
    await world.within(5_000, () => ada.peer(bob)?.coversAll === true && ada.peer(cy)?.coversAll === true)
    const syncedAt = ada.peer(bob)?.syncedAt ?? 0
    await world.clock.advance(20_000)
    expect(ada.peer(bob)?.syncedAt).toBeGreaterThan(syncedAt)
    await cy.sync.close()
    await world.within(5_000, () => ada.peer(cy) === undefined)
    expect(ada.peers.peers.map(({ name }) => name)).toEqual(['Bob'])
  })

  it('is reported when a route changes without an event, and not while nothing changes', async () => {
    const { world, ada, bob } = await meeting()
    const routes: unknown[] = []
    const stop = ada.peers.onChange(() => routes.push(ada.peer(bob)?.route))
    await world.clock.advance(100_000)
    const idle = routes.length
    const connection = ada.peer(bob)?.connection ?? expect.fail()
    Reflect.set(connection, 'route', 'relayed')
    await world.clock.advance(6_000)
    stop()
    expect(routes.slice(idle)).toContain('relayed')
    // Both compare what they hold now and then, which is an event. The list is looked through 20 times.
    expect(idle).toBeLessThan(15)
  })
})
