import { randomBytes } from 'node:crypto'
import type { SecretStream } from 'hyperdht'
import createTestnet from 'hyperdht/testnet.js'
import { expect, it } from 'vitest'
import { maxMessage } from '../../main/network/message-bound'
import { SwarmNode, until } from '../support/swarm-node'

it('W11 a message that says it is too large ends the connection before it is there, and large ones pass', async () => {
  const testnet = await createTestnet(4)
  const topic = randomBytes(32)
  const nodes = [new SwarmNode(testnet.bootstrap), new SwarmNode(testnet.bootstrap)] as const
  const [a, b] = nodes
  try {
    for (const { network } of nodes) {
      network.join(topic)
      await network.open()
    }
    await until('two have met', () => a.to(b) !== undefined && b.to(a) !== undefined)
    const [atA, atB] = [a.to(b) ?? expect.fail(), b.to(a) ?? expect.fail()]
    atA.stream.write(randomBytes(maxMessage - 1_000))
    await until(
      'a large message is there',
      () => (b.received.get(atB)?.[0]?.length ?? 0) === maxMessage - 1_000,
    )
    // Below the encryption: the size of a message of 16 MiB, and its beginning; UDX itself gathers 64 KiB.
    const { rawStream } = atA.stream as SecretStream
    rawStream?.write(Buffer.concat([Buffer.of(0xff, 0xff, 0xff), randomBytes(300_000)]))
    await until('the connection ended', () => !b.connections.has(atB))
  } finally {
    await Promise.all(nodes.map(({ network }) => network.close()))
    await testnet.destroy()
  }
})
