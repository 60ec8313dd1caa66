import { describe, expect, it } from 'vitest'
import { keysFromKeep } from '../../../../main/keys/derive'
import { keyPairFromSeed } from '../../../../main/keys/signature'
import { makeInstance } from '../../../../main/sync/wire/instance'
import { quiet } from '../../../support/manual-clock'
import { Mallory } from '../mallory'
import { type Site, World } from '../world'
import { meetReplica, proofOf } from './receipts'

const names = (site: Site) => site.peers.peers.map(({ name }) => name).sort()

describe('replica proofs', () => {
  it('W70 are accepted in the open form from keepers alone, and cannot be replaced', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    const keep = keysFromKeep(world.keys.keep, world.keys.verify ?? Buffer.alloc(32))
    const pretender = new Mallory(ada, world.keys)
    await world.until(() => pretender.all('have').length > 0)
    for (let time = 0; time < 3; time++)
      pretender.send('holder', proofOf(world, pretender.instance, keep, 'Bob'))
    await world.until(() => pretender.stream.destroyed)

    const keeper = new Mallory(ada, keep)
    await world.until(() => keeper.all('have').length > 0)
    keeper.send('holder', proofOf(world, keeper.instance, keep, 'Attic'))
    keeper.send('holder', proofOf(world, keeper.instance, keep, 'Cellar'))
    await world.until(() => ada.peers.connectedReplicas.size === 1)
    await quiet()
    expect(ada.peers.peers.map(({ name }) => name)).toEqual(['Attic'])
  })

  it('W70 identify a computer whose program was killed and started again, also before its old connection ends', async () => {
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
    // The old connections are still open, with nobody at the other end.
    const again = [await world.site('Kim', 'keep'), await world.site('Bob')]
    for (const site of again) world.connect(site, ada)
    await world.within(15_000, () => again.every((site) => ada.peer(site)?.coversAll))
    await world.clock.advance(120)
    expect(most).toEqual({ keep: 1, write: 2 })
    expect(names(ada)).toEqual(['Bob', 'Cy', 'Kim'])
    // Two computers of one person are listed separately.
    const other = await world.site('Bob', 'write', { holder: keyPairFromSeed(Buffer.alloc(32, 3)) })
    world.connect(other, ada)
    await world.within(5_000, () => names(ada).length === 4)
  })

  it('W70 without the signature of the computer do not count; three of them end the connection', async () => {
    const { world, ada, mallory } = await meetReplica(false)
    const other = makeInstance(world.keys, 'write', world.random.bytes(32))
    for (let time = 0; time < 3; time++) mallory.send('holder', proofOf(world, other))
    await world.until(() => mallory.stream.destroyed)
    expect(ada.peers.connectedReplicas.size).toBe(0)
  })
})
