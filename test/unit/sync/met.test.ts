import { afterEach, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import type { DocumentKeys } from '../../../main/keys/derive'
import type { Connection } from '../../../main/network/network'
import { personBudget } from '../../../main/network/topic-budget'
import type { TopicTask } from '../../../main/network/topic-schedule'
import { Topics } from '../../../main/network/topics'
import { ManualNetwork, type Site, World } from './world'

/** A network with the real topics, on a node that finds nobody. */
class SeekingNetwork extends ManualNetwork {
  readonly tasks: TopicTask[] = []
  readonly seeking: Topics

  constructor(world: World) {
    super(world.random.bytes(32))
    this.seeking = new Topics(world.environment, personBudget)
    const seek = async (task: TopicTask) => {
      this.tasks.push(task)
      return { counted: 0, announced: task.kind === 'turn', packets: 0 }
    }
    const withdraw = async () => undefined
    this.seeking.begin({ seeker: { seek, withdraw, refresh: () => undefined }, dht: { packets: 0 } })
  }

  override join(topic: Uint8Array): void {
    this.seeking.prefer(topic, { open: false, unheld: false, changedAt: 1 })
  }

  override leave(topic: Uint8Array): void {
    this.seeking.remove(topic)
  }

  override met({ remotePublicKey }: Connection, topic: Uint8Array): () => void {
    return this.seeking.meet(topic, remotePublicKey)
  }

  /** Topics that were looked up beside their turns since the last call. */
  looks(): Set<string> {
    const looks = this.tasks.splice(0).filter(({ kind }) => kind === 'look')
    return new Set(looks.map(({ topic }) => topic))
  }
}

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Two sites that share the same documents, of which each announces the topics. */
async function two(count: number) {
  const world = new World()
  const networks = [new SeekingNetwork(world), new SeekingNetwork(world)] as const
  const keys: DocumentKeys[] = [world.keys, ...Array.from({ length: count - 1 }, () => world.newKeys())]
  const sites: Site[] = []
  for (const [index, network] of networks.entries()) {
    const site = await world.site(`site ${index}`, 'write', { network, looks: false })
    for (const one of keys.slice(1)) await site.share('write', one, { looks: false })
    for (const { topic } of keys) network.join(topic)
    sites.push(site)
    ends.push(() => network.seeking.end())
  }
  const [a, b] = sites
  if (!a || !b) throw new Error('two sites are needed')
  return { world, networks, keys, a, b }
}

/** A span in which a topic that was joined or lost its last peer is looked up three times. */
const sought = 6 * 60_000

it('one connection stops the lookups of all documents that both share, until it ends (N21)', async () => {
  const count = 40
  const { world, networks, keys, a, b } = await two(count)
  const looks = () => networks.map((network) => network.looks().size)
  await world.clock.advance(sought)
  expect(looks()).toEqual([count, count])

  const [end] = world.connect(a, b)
  await world.clock.advance(5_000)
  const third = world.newKeys()
  for (const network of networks) network.join(third.topic)
  await world.clock.advance(sought)
  // Joined after the connection was made, and shared by nobody.
  expect(networks.map((network) => [...network.looks()])).toEqual([[hex(third.topic)], [hex(third.topic)]])

  // Shared later, on both sides: met without another connection.
  for (const site of [a, b]) await site.share('write', third, { looks: false })
  await world.clock.advance(sought)
  for (const network of networks) network.looks()

  const removed = keys.slice(0, 2)
  for (const { documentId } of removed) a.sync.remove(documentId)
  await world.clock.advance(sought)
  // The other side knows that nobody on the connection shares them now, though their channels rested (W9).
  for (const network of networks)
    expect(network.looks()).toEqual(new Set(removed.map(({ topic }) => hex(topic))))

  end.destroy()
  await world.clock.advance(sought)
  for (const network of networks) expect(network.looks().size).toBe(count + 1 - removed.length)
})

it('a document that both share counts as met when it is announced later (N26)', async () => {
  const { world, networks, a, b } = await two(1)
  const late = world.newKeys()
  for (const site of [a, b]) await site.share('write', late, { looks: false })
  world.connect(a, b)
  await world.clock.advance(5_000)
  for (const network of networks) network.join(late.topic)
  await world.clock.advance(sought)
  expect(networks.map((network) => network.looks().has(hex(late.topic)))).toEqual([false, false])
})

it('a peer that connects again before its old connection ends stays met', async () => {
  const { world, networks, a, b } = await two(3)
  await world.clock.advance(sought)
  const [old] = world.connect(a, b)
  await world.clock.advance(5_000)
  world.connect(a, b)
  await world.clock.advance(5_000)
  for (const network of networks) network.looks()
  old.destroy()
  await world.clock.advance(sought)
  expect(networks.map((network) => network.looks().size)).toEqual([0, 0])
})
