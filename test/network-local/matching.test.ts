import HyperDHT, { type SecretStream } from 'hyperdht'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemEnvironment } from '../../main/base/environment'
import { keysFromWrite, makeManifest } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { keyPairFromSeed } from '../../main/keys/signature'
import { DocumentLog } from '../../main/log/document-log'
import { SessionLog } from '../../main/log/session-log'
import type { Connection, NetworkEvents } from '../../main/network/network'
import { SwarmNetwork } from '../../main/network/swarm-network'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import { Sync } from '../../main/sync/sync'
import { harden } from '../../main/sync/wire/hardened-mux'
import { Emitter } from '../../preload/emitter'
import { randomFrom } from '../support/random'
import { unplaced } from '../support/sim-network'

/** Bound of each wait, in ms. */
const limit = 60_000

let testnet: Testnet
const programs: Program[] = []
beforeAll(async () => {
  testnet = await createTestnet(4)
})
afterEach(async () => {
  for (const program of programs.splice(0)) await program.close()
})
afterAll(() => testnet?.destroy())

/** The sync of the program with logs in memory, and a node of the real DHT, which looks for one of its documents alone. */
class Program {
  readonly connections: Connection[] = []
  private readonly network: SwarmNetwork
  private readonly events = new Emitter<NetworkEvents>()
  private readonly sync: Sync
  private readonly store = new MemoryStore(new MemoryDisk())
  private readonly random

  constructor(seed: number) {
    this.random = randomFrom(seed)
    const { bootstrap } = testnet
    this.network = new SwarmNetwork({
      environment: systemEnvironment,
      guard: harden,
      bootstrap,
      relayBudget: null,
    })
    this.network.on('connection', (connection) => this.events.emit('connection', connection))
    this.events.on('connection', (connection) => this.connections.push(connection))
    // The other documents are as those that have not had their turn on the DHT yet.
    const network = {
      on: this.events.on.bind(this.events),
      join: () => undefined,
      leave: () => undefined,
      met: () => () => undefined,
      relayKey: null,
      offerRelay: () => undefined,
    }
    this.sync = new Sync({ network: network as never, environment: systemEnvironment })
    programs.push(this)
  }

  /** Takes a connection that was made by hand. */
  meet(stream: SecretStream): void {
    const { isInitiator, remotePublicKey, handshakeHash } = stream
    stream.on('error', () => undefined)
    this.events.emit('connection', { ...unplaced, stream, isInitiator, remotePublicKey, handshakeHash })
  }

  open(): Promise<void> {
    return this.network.open()
  }

  meetOn(secret: Uint8Array): void {
    this.network.join(keysFromWrite(secret).topic)
  }

  /** Shares a document, which nobody looks at, and writes changes in it. */
  async share(secret: Uint8Array, changes: number): Promise<DocumentLog> {
    const { store, random } = this
    const keys = keysFromWrite(secret)
    const { documentId, verify } = keys
    const log = new DocumentLog({ store, environment: systemEnvironment, documentId, verify })
    await log.open()
    this.sync.add({
      keys,
      log,
      store,
      role: 'write',
      manifest: makeManifest(keys),
      signer: { pair: keyPairFromSeed(random.bytes(32)), name: '' },
      isSound: async () => true,
      onManifest: () => undefined,
    })
    const identity = identityFromSeed(random.bytes(32))
    const session = new SessionLog({
      documentId,
      keys,
      identity,
      name: 'Ada',
      environment: systemEnvironment,
    })
    for (let change = 0; change < changes; change++)
      await log.append(session, [{ bytes: random.bytes(100), hash: random.bytes(32) }])
    return log
  }

  async close(): Promise<void> {
    await this.sync.close()
    await this.network.close()
  }
}

const local = () => ({ bootstrap: [...testnet.bootstrap], host: '127.0.0.1' })

/** Makes 500 secrets, of which `many` shares all and `few` three; nobody but `many` has written in any. */
async function shareThree(many: Program, few: Program) {
  const random = randomFrom(3)
  const secrets = Array.from({ length: 500 }, () => random.bytes(32))
  const shared = [3, 250, 499].map((place) => secrets[place] ?? expect.fail())
  for (const secret of secrets) await many.share(secret, shared.includes(secret) ? 2 : 0)
  const logs = await Promise.all(shared.map((secret) => few.share(secret, 0)))
  const isAll = () => logs.every(({ vector }) => [...vector.values()].some(({ tip }) => tip === 2))
  return {
    shared,
    untilAll: () => vi.waitFor(() => expect(isAll()).toBe(true), { timeout: limit, interval: 10 }),
  }
}

describe('two who share three of five hundred documents', () => {
  it('W8 W80 have all three when they met on the topic of one', async () => {
    const [many, few] = [new Program(1), new Program(2)]
    const { shared, untilAll } = await shareThree(many, few)
    const topic = shared[1] ?? expect.fail()
    for (const program of [few, many]) {
      await program.open()
      program.meetOn(topic)
    }
    await untilAll()
    expect(
      [many, few].map(({ connections }) => connections.filter(({ stream }) => !stream.destroyed).length),
    ).toEqual([1, 1])
  })

  it.each([
    ['who has many dials', true],
    ['who has few dials', false],
  ])('W8 W80 have all three over a connection of the DHT: %s', async (_, manyDials) => {
    const [many, few] = [new Program(1), new Program(2)]
    const { untilAll } = await shareThree(many, few)
    const [dialling, dialled] = manyDials ? [many, few] : [few, many]
    const [node, other] = [new HyperDHT(local()), new HyperDHT(local())]
    const server = node.createServer({ firewall: () => false, holepunch: false }, (stream) =>
      dialled.meet(stream),
    )
    const pair = HyperDHT.keyPair(randomFrom(manyDials ? 5 : 6).bytes(32))
    await server.listen(pair)
    const stream = other.connect(pair.publicKey)
    stream.on('open', () => dialling.meet(stream))
    await untilAll()
    for (const one of [node, other]) await one.destroy({ force: true })
  })
})
