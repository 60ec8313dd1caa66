import { expect, it } from 'vitest'
import { hex } from '../../../main/hex'
import { segmentKey } from '../../../main/log/store-keys'
import { MemoryDisk } from '../../../main/storage/memory-store'
import { Mallory } from './mallory'
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

it('a session that is found damaged when it is to be sent is not claimed any more, and asked for (S15, S16)', async () => {
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

it('a receipt that is damaged on the disk costs none of the others (W38)', async () => {
  const world = new World(92)
  const disk = new MemoryDisk()
  const alice = await world.site('Alice', 'write', { disk })
  const session = await alice.write(1)
  const mallory = new Mallory(alice, world.keys)
  await world.until(() => mallory.all('have').length > 0, 'HAVE')
  mallory.receipt(session, 1)
  await world.within(5_000, () => [...disk.values.keys()].some((name) => name[0] === 's'), 'written down')
  const other = Buffer.concat([Buffer.from('s'), world.keys.documentId, Buffer.alloc(32)])
  disk.values.set(other.toString('latin1'), Buffer.alloc(1))
  const again = await world.site('Alice', 'write', { disk })
  await world.until(() => !again.peers.unshared, 'shared, as before')
})
