import { expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { makeForkProof } from '../../../main/log/format/fork'
import { segmentKey, sessionKey } from '../../../main/log/format/store-keys'
import { MemoryDisk } from '../../../main/storage/memory-store'
import { World } from './world'

it('a session that is damaged on the disk is not sent, and holds up no other (W32)', async () => {
  const world = new World(91)
  const disk = new MemoryDisk()
  const alice = await world.site('Alice', 'write', { disk })
  const [first, second] = [alice.newSession(), alice.newSession()]
  await alice.write(3, 100, first)
  await alice.write(3, 100, second)
  const { documentId } = world.keys
  const name = Buffer.from(segmentKey(documentId, first.session, 2)).toString('latin1')
  disk.values.set(name, Buffer.alloc(300, 1))
  const bob = await world.site('Bob')
  world.connect(alice, bob)
  await world.within(10_000, () => bob.log.tip(hex(second.session)) === 3, 'the sound one')
  expect(bob.log.tip(hex(first.session))).toBeLessThan(3)
  expect(bob.peer(alice)?.connected).toBe(true)
})

it('a session that is found damaged when it is to be sent is not claimed, and requested again (S15, S16)', async () => {
  const world = new World(93)
  const disk = new MemoryDisk()
  const alice = await world.site('Alice', 'keep', { disk })
  const carol = await world.site('Carol')
  const session = await carol.write(5)
  world.connect(alice, carol)
  await world.converge([alice, carol])
  const name = Buffer.from(segmentKey(world.keys.documentId, session.session, 3)).toString('latin1')
  disk.values.set(name, Buffer.alloc(300, 1))
  const bob = await world.site('Bob')
  world.connect(alice, bob)
  await world.until(() => alice.log.health.isDamaged, 'found')
  expect(alice.log.vector.get(hex(session.session))?.tip).toBe(2)
})

it.each(['certificate', 'tip', 'fork'] as const)(
  'a session of two histories whose %s is damaged comes again, and its proof with it (S8, S15)',
  async (kind) => {
    const world = new World(94)
    const disk = new MemoryDisk()
    const [alice, eve, bob] = [
      await world.site('Alice'),
      await world.site('Eve'),
      await world.site('Bob', 'write', { disk }),
    ]
    const seed = world.random.bytes(32)
    const session = await eve.write(5, 100, eve.newSession(world.keys, seed))
    const own = await bob.write(3)
    for (const site of [eve, bob]) world.connect(alice, site)
    await world.converge([alice, eve, bob])
    const id = hex(session.session)
    const held = []
    for await (const { tipProof } of alice.log.segments(id, 0)) held.push(Uint8Array.from(tipProof))
    const change = { bytes: world.random.bytes(9), hash: world.random.bytes(32) }
    const twin = eve.newSession(world.keys, seed).seal([change])
    const proof = makeForkProof(held[0] ?? expect.fail(), twin.tipProof)
    expect(alice.log.acceptFork(proof)).toBe('accepted')
    await world.until(() => bob.log.forks().size === 1, 'told')
    await bob.log.idle()
    bob.sync.remove(world.keys.documentId)
    await bob.log.close()
    for (const of of [session, own]) {
      const name = Buffer.from(sessionKey(kind, world.keys.documentId, of.session)).toString('latin1')
      const value = disk.values.get(name)
      if (value)
        disk.values.set(
          name,
          value.map((byte, place) => (place === 1 ? byte ^ 1 : byte)),
        )
    }
    const again = await world.site('Bob', 'write', { disk })
    world.connect(again, alice)
    await world.within(
      60_000,
      () => !again.log.health.isDamaged && again.log.forks().size === 1,
      'all is back',
    )
    expect(hex(again.log.forks().get(id) ?? expect.fail())).toBe(hex(proof))
    expect([id, hex(own.session)].map((of) => again.log.vector.get(of)?.tip)).toEqual([5, 3])
    expect(again.log.ownSessions()).toEqual([hex(own.session)])
    await world.converge([alice, again])
  },
)

it('a receipt that is damaged on the disk does not affect the others (W72)', async () => {
  const world = new World(92)
  const disk = new MemoryDisk()
  const alice = await world.site('Alice', 'write', { disk })
  await alice.write(1)
  const bob = await world.site('Bob')
  world.connect(alice, bob)
  await world.within(5_000, () => [...disk.values.keys()].some((name) => name[0] === 'a'), 'written down')
  const [name = ''] = [...disk.values.keys()].filter((key) => key[0] === 'a')
  const other = Buffer.from(name, 'latin1')
  other.fill(0, other.length - 32)
  disk.values.set(other.toString('latin1'), Buffer.alloc(1))
  await alice.sync.close()
  await alice.log.close()
  const again = await world.site('Alice', 'write', { disk })
  await world.until(() => !again.peers.unshared, 'shared, as before')
  expect(again.peers.replicas.length).toBe(1)
})
