import { ChangeSet } from '@codemirror/state'
import { systemEnvironment } from '../../main/base/environment'
import { fromHex, hex } from '../../main/base/hex'
import { keysFromWrite, makeManifest } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { keyPairFromSeed } from '../../main/keys/signature'
import { DocumentLog } from '../../main/log/document-log'
import { SessionLog } from '../../main/log/session-log'
import { SwarmNetwork } from '../../main/network/swarm-network'
import { Replica } from '../../main/replica/replica'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import type { DocumentSync } from '../../main/sync/document-sync'
import { Sync } from '../../main/sync/sync'
import { harden } from '../../main/sync/wire/hardened-mux'
import { answer, say } from '../support/lab/child-side'

/** Many who share documents, each with a network node of its own and in memory alone, and write when they are asked. */
const { port, sharers } = JSON.parse(process.argv[2] ?? '{}') as {
  port: number
  /** Write secrets of the documents of each, hex; it writes in its first one. */
  sharers: string[][]
}
const environment = systemEnvironment

class Sharer {
  private readonly network = new SwarmNetwork({
    environment,
    guard: harden,
    bootstrap: [{ host: '127.0.0.1', port }],
    relayBudget: null,
  })
  private readonly store = new MemoryStore(new MemoryDisk())
  private readonly documents: { log: DocumentLog; peers: DocumentSync }[] = []
  private write: (() => Promise<void>) | null = null

  async open(secrets: readonly string[]): Promise<void> {
    const { store, network } = this
    const sync = new Sync({ network, environment })
    for (const secret of secrets) {
      const keys = keysFromWrite(fromHex(secret))
      const { documentId, verify, content } = keys
      const log = new DocumentLog({ store, environment, documentId, verify })
      await log.open()
      const manifest = makeManifest(keys)
      const signer = { pair: keyPairFromSeed(environment.random(32)), name: '' }
      const isSound = async () => true
      const shared = { keys, log, store, role: 'write', manifest, signer, isSound } as const
      this.documents.push({ log, peers: sync.add({ ...shared, onManifest: () => undefined }) })
      network.join(keys.topic)
      if (this.write || !content) continue
      const identity = identityFromSeed(environment.random(32))
      const session = new SessionLog({ documentId, keys, identity, name: 'Author', environment })
      const actor = hex(session.session)
      const replica = new Replica({ documentId, contentKey: content, actor, now: Date.now })
      this.write = () => {
        replica.edit(ChangeSet.of({ from: 0, insert: 'x' }, replica.text.length))
        return log.append(session, replica.commit())
      }
    }
    await network.open()
  }

  /** With a change every so many ms, until all are written. */
  async type(changes: number, every: number): Promise<void> {
    for (let change = 0; change < changes; change++) {
      await this.write?.()
      await new Promise((done) => setTimeout(done, every))
    }
  }

  /** Documents of which a keeper is there and holds the same. */
  get kept(): number {
    return this.documents.filter(({ peers }) =>
      peers.peers.some(
        ({ role, connected, coversAll, upToDate }) => role === 'keep' && connected && coversAll && upToDate,
      ),
    ).length
  }
}

const all: Sharer[] = []
for (const secrets of sharers) {
  const sharer = new Sharer()
  all.push(sharer)
  await sharer.open(secrets)
}
answer({
  kept: () => all.map((sharer) => sharer.kept),
  type: async (argument) => {
    const { changes, every } = JSON.parse(argument) as { changes: number; every: number }
    await Promise.all(all.map((sharer) => sharer.type(changes, every)))
  },
})
say('ready')
