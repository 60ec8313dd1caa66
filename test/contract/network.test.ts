import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Environment } from '../../main/base/environment'
import { hurried, SwarmNode, until } from '../support/swarm-node'

let testnet: Testnet
const nodes: SwarmNode[] = []

beforeAll(async () => {
  testnet = await createTestnet(4)
})
afterAll(() => testnet.destroy())
afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ network }) => network.close()))
})

async function start(
  topics: Uint8Array[],
  { bootstrap = testnet.bootstrap, environment }: Options = {},
): Promise<SwarmNode> {
  const node = new SwarmNode(bootstrap, environment ? { environment } : {})
  nodes.push(node)
  for (const topic of topics) node.network.join(topic)
  await node.network.open()
  return node
}

interface Options {
  bootstrap?: { host: string; port: number }[]
  environment?: Environment
}

const met = (a: SwarmNode, b: SwarmNode): Promise<void> =>
  until('two have met', () => a.to(b) !== undefined && b.to(a) !== undefined)

/** A port that is free, and that no node takes by itself: those begin at their own default. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}

/** Two nodes that have met. */
async function pair(topic = randomBytes(32)): Promise<[SwarmNode, SwarmNode]> {
  const [a, b] = [await start([topic]), await start([topic])]
  await met(a, b)
  return [a, b]
}

describe('a connection', () => {
  it('is the same for both: one has dialled, one hash of 64 bytes, two keys', async () => {
    const [a, b] = await pair()
    const [atA, atB] = [a.to(b), b.to(a)]
    expect(atA?.isInitiator).toBe(!atB?.isInitiator)
    expect(atA?.handshakeHash).toHaveLength(64)
    expect(atA?.handshakeHash).toEqual(atB?.handshakeHash)
    expect(atA?.remotePublicKey).toHaveLength(32)
    expect(atA?.remotePublicKey).not.toEqual(atB?.remotePublicKey)
  })

  it('keeps the borders and the order of messages, both ways, also of those sent at once', async () => {
    const messages = [1, 2, 1_000, 70_000, 524_288, 3, 65_536].map((size) => randomBytes(size))
    const topic = randomBytes(32)
    const [a, b] = [await start([]), await start([])]
    for (const node of [a, b]) {
      node.greet = ({ stream }) => {
        for (const message of messages) stream.write(message)
      }
      node.network.join(topic)
    }
    await met(a, b)
    for (const [node, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const connection = node.to(other)
      const received = () => (connection && node.received.get(connection)) ?? []
      await until('all has arrived', () => received().length >= messages.length)
      expect(received().map(({ length }) => length)).toEqual(messages.map(({ length }) => length))
      expect(Buffer.concat(received()).equals(Buffer.concat(messages))).toBe(true)
    }
  })

  it('that breaks ends at both sides, and in no uncaught error', async () => {
    const [a, b] = await pair()
    const [atA, atB] = [a.to(b), b.to(a)]
    atA?.stream.destroy(new Error('broken on purpose'))
    await until('both have closed', () => Boolean(atA?.stream.destroyed && atB?.stream.destroyed))
  })

  it('is one for all topics that two share', async () => {
    const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)]
    const [a, b] = [await start([first, second]), await start([second, first])]
    await met(a, b)
    for (const { network } of [a, b]) network.join(third)
    const witness = await start([first, second, third])
    await Promise.all([met(witness, a), met(witness, b)])
    for (const { network } of [a, b]) for (const topic of [first, second, third]) network.refresh(topic)
    await until('one connection to each', () => nodes.every(({ connections }) => connections.size === 2))
    expect(a.to(b)).toBeDefined()
  })
})

describe('topics', () => {
  it('are found by those who join them, and by no others', async () => {
    const [a, b] = await pair()
    const stranger = await start([randomBytes(32)])
    await until('it looked', () => stranger.network.reachability === 'online')
    const topic = randomBytes(32)
    stranger.network.join(topic)
    const friend = await start([topic])
    await met(stranger, friend)
    expect([stranger.to(a), stranger.to(b)]).toEqual([undefined, undefined])
  })

  it('can be joined in any state and twice', async () => {
    const topic = randomBytes(32)
    const a = await start([])
    const b = await start([topic, topic])
    await until('a is online', () => a.network.reachability === 'online')
    a.network.join(topic)
    a.network.join(topic)
    await met(a, b)
  })

  it('that were left are found no more', async () => {
    const topic = randomBytes(32)
    const [a, b] = await pair(topic)
    a.network.leave(topic)
    a.network.leave(randomBytes(32))
    let foundOnlyOne = false
    for (let attempt = 0; attempt < 10 && !foundOnlyOne; attempt++) {
      const late = await start([topic])
      await met(late, b)
      foundOnlyOne = late.to(a) === undefined
      await late.network.close()
    }
    expect(foundOnlyOne).toBe(true)
  })

  it('bring together those who join in the same instant', async () => {
    for (let round = 0; round < 4; round++) {
      const topic = randomBytes(32)
      const [a, b] = await Promise.all([start([]), start([])])
      await until('both are online', () => [a, b].every((node) => node.network.reachability === 'online'))
      for (const { network } of [a, b]) network.join(topic)
      await met(a, b)
    }
  })
})

describe('leaving the network', () => {
  it('ends every connection, and opening again finds the others again', async () => {
    const [a, b] = await pair()
    const [atA, atB] = [a.to(b), b.to(a)]
    await a.network.suspend()
    expect(a.network.reachability).toBe('off')
    expect(a.connections.size).toBe(0)
    await until('the other one sees it', () => atB?.stream.destroyed === true)
    await a.network.open()
    await a.network.open()
    await met(a, b)
    expect(a.to(b)?.remotePublicKey).not.toBe(atA?.remotePublicKey)
  })

  it('answers nobody until it is opened again', async () => {
    const topic = randomBytes(32)
    const [a, b] = await pair(topic)
    await a.network.suspend()
    a.network.refresh(topic)
    const late = await start([topic])
    await met(late, b)
    expect(a.connections.size).toBe(0)
    expect(late.to(a)).toBeUndefined()
  })

  it('settles on what was asked for last, though nothing was waited for', async () => {
    const [a, b] = await pair()
    const changes = [a.network.suspend(), a.network.open(), a.network.suspend(), a.network.open()]
    await Promise.all(changes)
    await met(a, b)
    await Promise.all([a.network.open(), a.network.suspend()])
    expect(a.network.reachability).toBe('off')
  })

  it('for good by closing, twice if need be', async () => {
    const [a] = await pair()
    await Promise.all([a.network.close(), a.network.close()])
    await a.network.open()
    expect(a.network.reachability).toBe('off')
    expect(a.connections.size).toBe(0)
  })
})

describe('reachability', () => {
  it('goes from off over starting to online, and back to off', async () => {
    const [a] = await pair()
    await a.network.suspend()
    expect(a.states).toEqual(['starting', 'online', 'off'])
  })

  it('is unreachable while no node answers', async () => {
    const bootstrap = [{ host: '127.0.0.1', port: await freePort() }]
    const a = await start([randomBytes(32)], { bootstrap, environment: hurried(5) })
    expect(a.network.reachability).toBe('starting')
    await until('it is unreachable', () => a.network.reachability === 'unreachable')
  })

  it('stays online while somebody is connected, and all meet again when the DHT comes back', async () => {
    const port = await freePort()
    const first = await createTestnet(4, { port })
    const { bootstrap } = first
    expect(bootstrap[0]?.port).toBe(port)
    const topic = randomBytes(32)
    const options = { bootstrap, environment: hurried(5) }
    const [a, b] = [await start([topic], options), await start([topic], options)]
    await met(a, b)
    await first.destroy()
    // Comes while there is no DHT: it has nobody.
    const c = await start([topic], options)
    await until('the newcomer is unreachable', () => c.network.reachability === 'unreachable')
    expect([a.network.reachability, b.network.reachability]).toEqual(['online', 'online'])
    // And these two lose each other meanwhile.
    a.to(b)?.stream.destroy()
    await a.network.suspend()
    await a.network.open()
    await until('a is unreachable', () => a.network.reachability === 'unreachable')
    await until('b is unreachable', () => b.network.reachability === 'unreachable')

    const second = await createTestnet(4, { port })
    try {
      expect(second.bootstrap).toEqual(bootstrap)
      const all = [a, b, c]
      await until('all are online', () => all.every((node) => node.network.reachability === 'online'))
      await until('all have met', () => all.every((node) => node.connections.size === 2))
    } finally {
      await Promise.all(nodes.map(({ network }) => network.close()))
      await second.destroy()
    }
  })
})
