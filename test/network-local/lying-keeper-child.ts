import { systemEnvironment } from '../../main/base/environment'
import { keptKeys } from '../../main/keeper/kept-keys'
import { keyPairFromSeed } from '../../main/keys/signature'
import { SwarmNetwork } from '../../main/network/swarm-network'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import { Sync } from '../../main/sync/sync'
import { harden } from '../../main/sync/wire/hardened-mux'
import { answer, say } from '../support/lab/child-side'
import { type Lie, LyingLog } from '../support/lying-log'

/** A keeper of one document that lies. It keeps in memory alone what it says that it has stored. */
const { port, link, lie } = JSON.parse(process.argv[2] ?? '{}') as { port: number; link: string; lie: Lie }
const environment = systemEnvironment
const { keys } = keptKeys(link)
const { documentId, verify } = keys
const store = new MemoryStore(new MemoryDisk())
const network = new SwarmNetwork({
  environment,
  guard: harden,
  bootstrap: [{ host: '127.0.0.1', port }],
  relayBudget: null,
})
const sync = new Sync({ network, environment })
const log = new LyingLog({ store, environment, documentId, verify, lie })
await log.open()
const peers = sync.add({
  keys,
  log,
  store,
  role: 'keep',
  manifest: null,
  onManifest: () => undefined,
  signer: { pair: keyPairFromSeed(environment.random(32)), name: 'Liar' },
  isSound: null,
})
network.join(keys.topic)
await network.open()
answer({
  changes: () => [...log.vector.values()].reduce((sum, { tip }) => sum + tip, 0),
  peers: () => peers.peers.filter(({ connected }) => connected).length,
})
say('ready')
