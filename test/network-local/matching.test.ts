import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemEnvironment } from '../../main/base/environment'
import { keysFromWrite, makeManifest } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { keyPairFromSeed } from '../../main/keys/signature'
import { DocumentLog } from '../../main/log/document-log'
import { SessionLog } from '../../main/log/session-log'
import type { Connection } from '../../main/network/network'
import { SwarmNetwork } from '../../main/network/swarm-network'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import { Sync } from '../../main/sync/sync'
import { harden } from '../../main/sync/wire/hardened-mux'
import { randomFrom } from '../support/random'

/** Span within which all that two share is there once they met, in ms, and bound of the wait until they meet. */
const soon = 5_000
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

/** The lower half of the program, in memory, on the real DHT: it looks for one of its documents alone. */
class Program {
  readonly connections: Connection[] = []
  metAt = Number.NaN
  private readonly network: SwarmNetwork
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
    this.network.on('connection', (connection) => {
      this.connections.push(connection)
      this.metAt ||= performance.now()
    })
    // The others are as those that have not had their turn on the DHT yet.
    const network = {
      on: this.network.on.bind(this.network),
      join: () => undefined,
      leave: () => undefined,
      relayKey: null,
      offerRelay: () => undefined,
    }
    this.sync = new Sync({ network: network as never, environment: systemEnvironment })
    programs.push(this)
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

describe('two who share three of five hundred documents', () => {
  it.each([
    ['the one with many dials', true],
    ['the other dials', false],
  ])('W8 have all three within 5 s of meeting on one: %s', async (_, manyDials) => {
    const [many, few] = [new Program(1), new Program(2)]
    const random = randomFrom(3)
    const secrets = Array.from({ length: 500 }, () => random.bytes(32))
    const shared = [3, 250, 499].map((place) => secrets[place] ?? expect.fail())
    for (const secret of secrets) await many.share(secret, shared.includes(secret) ? 2 : 0)
    const logs = await Promise.all(shared.map((secret) => few.share(secret, 0)))
    const topic = shared[1] ?? expect.fail()
    const [first, second] = manyDials ? [few, many] : [many, few]
    // Who looks later finds the one that is announced, and dials.
    await first.open()
    first.meetOn(topic)
    await second.open()
    second.meetOn(topic)
    await vi.waitFor(() => expect(few.connections.length).toBeGreaterThan(0), {
      timeout: limit,
      interval: 10,
    })
    const isAll = () => logs.every(({ vector }) => [...vector.values()].some(({ tip }) => tip === 2))
    await vi.waitFor(() => expect(isAll()).toBe(true), { timeout: limit, interval: 10 })
    expect(performance.now() - few.metAt).toBeLessThan(soon)
    console.info(`all three are there ${Math.round(performance.now() - few.metAt)} ms after they met`)
    expect(many.connections[0]?.isInitiator).toBe(manyDials)
  })
})
