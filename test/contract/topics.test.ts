import { randomBytes } from 'node:crypto'
import HyperDHT from 'hyperdht'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { TopicInterest } from '../../main/network/topic-schedule'
import { SwarmNode, until } from '../support/swarm-node'

let testnet: Testnet
let probe: HyperDHT
const nodes: SwarmNode[] = []
const idle: TopicInterest = { open: false, unheld: false, changedAt: 0 }

beforeAll(async () => {
  testnet = await createTestnet(6)
  probe = new HyperDHT({ bootstrap: testnet.bootstrap, host: '127.0.0.1' })
  await probe.fullyBootstrapped()
})
afterAll(async () => {
  await probe.destroy()
  await testnet.destroy()
})
afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ network }) => network.close()))
})

async function start(): Promise<SwarmNode> {
  const node = new SwarmNode(testnet.bootstrap)
  nodes.push(node)
  await node.network.open()
  return node
}

/** Number of announcements of a topic that a stranger finds. */
async function announcements(topic: Buffer): Promise<number> {
  const keys = new Set<string>()
  for await (const { peers } of probe.lookup(topic, {}))
    for (const { publicKey } of peers) keys.add(publicKey.toString('hex'))
  return keys.size
}

/** Waits until a stranger finds so many announcements. */
async function announced(topic: Buffer, count: number): Promise<void> {
  let found = -1
  let isAsking = false
  await until(`${count} announcements`, () => {
    if (!isAsking) {
      isAsking = true
      void announcements(topic).then((now) => {
        found = now
        isAsking = false
      })
    }
    return found === count
  })
}

it('three who announce a topic, prove that they share it and never answer keep nobody from meeting (N22)', async () => {
  const topic = randomBytes(32)
  const claimants = await Promise.all([start(), start(), start()])
  for (const { network } of claimants) network.join(topic, idle)
  await announced(topic, 3)
  // As sync does when a peer has proved that it shares a document.
  const believe = (node: SwarmNode) => {
    node.greet = (connection) => void node.network.met(connection, topic)
  }
  const [ada, ben] = [await start(), await start()]
  for (const node of [ada, ben]) believe(node)
  ada.network.join(topic, idle)
  await until('Ada has met those who are silent', () => claimants.every((one) => ada.to(one) !== undefined))
  ben.network.join(topic, idle)
  await until('Ben has met Ada', () => ada.to(ben) !== undefined)
})

it('a topic is announced when it is joined, once more when it is opened, and taken back when it is left', async () => {
  const node = await start()
  await until('it is online', () => node.network.reachability === 'online')
  const others = Array.from({ length: 60 }, () => randomBytes(32))
  for (const topic of others) node.network.join(topic, { ...idle, changedAt: 1 })
  const topic = randomBytes(32)
  node.network.join(topic, idle)
  // 50 of the others come before it.
  await until('fifty are announced', () => node.network.facts.topics.announced >= 50)
  expect(await announcements(topic)).toBe(0)
  expect(node.network.facts.topics).toMatchObject({ documents: 61 })
  expect(node.network.facts.topics.packetsPerMinute).toBeGreaterThan(100)
  node.network.join(topic, { ...idle, open: true })
  await announced(topic, 1)
  node.network.leave(topic)
  await announced(topic, 0)
})

it('one who leaves the network takes all announcements back', async () => {
  const [first, second] = [randomBytes(32), randomBytes(32)]
  const node = await start()
  for (const topic of [first, second]) node.network.join(topic)
  await Promise.all([announced(first, 1), announced(second, 1)])
  await node.network.suspend()
  expect([await announcements(first), await announcements(second)]).toEqual([0, 0])
})
