import { join } from 'node:path'
import { type Clock, systemEnvironment } from '../../main/base/environment'
import type { StartReplica } from '../../main/document/replica-thread'
import { MasterKey } from '../../main/profile/master-key'
import { LevelStore } from '../../main/storage/level-store'
import type { Store } from '../../main/storage/store'
import { Workspace } from '../../main/workspace/workspace'
import { ManualNetwork } from '../unit/sync/world'
import { duplexPair } from './duplex-pair'
import { InlineReplicas } from './inline-replica'
import { inlineSearch } from './inline-search'
import { unplaced } from './sim-network'

/** A profile at work, on a real disk and with nobody there unless `meet` connects it. */
export class DiskProfile {
  readonly workspace: Workspace
  readonly network: ManualNetwork
  readonly notices: string[] = []
  private readonly replicas = new InlineReplicas(() => Date.now())
  private readonly random: (size: number) => Buffer

  /** Opened by `open`. Without a name it is as new as one that was never used. */
  constructor(options: {
    directory: string
    name?: string
    /** Passphrase that seals its key, or is to seal it. */
    passphrase?: string
    random?: (size: number) => Buffer
    /** Around the database, to make it fail. */
    around?: (store: Store) => Store
    clock?: Clock
    /** Threads of its own; without it replicas run in the test's. */
    startReplica?: StartReplica
  }) {
    const {
      directory,
      name,
      passphrase,
      random = systemEnvironment.random,
      around = (store) => store,
    } = options
    const { clock = systemEnvironment.clock, startReplica = this.replicas.start } = options
    this.random = random
    this.network = new ManualNetwork(random(32))
    const masterKey = new MasterKey({
      directory,
      random,
      ...(passphrase === undefined ? {} : { passphrase }),
    })
    this.workspace = new Workspace({
      store: around(new LevelStore(join(directory, 'store'))),
      network: this.network,
      environment: { clock, random },
      startReplica,
      startSearch: inlineSearch,
      masterKey: (begun) => masterKey.open(begun),
      ...(name === undefined ? {} : { name }),
    })
    this.workspace.on('notice', ({ message }) => this.notices.push(message))
  }

  /** Opens a profile in a folder. */
  static async open(options: ConstructorParameters<typeof DiskProfile>[0]): Promise<DiskProfile> {
    const profile = new DiskProfile(options)
    await profile.workspace.open()
    return profile
  }

  /** Connects two profiles; the result cuts the connection. */
  meet(other: DiskProfile): () => void {
    const ends = duplexPair()
    const handshakeHash = this.random(64)
    for (const [index, { network }] of [this, other].entries())
      network.emit('connection', {
        stream: ends[index] ?? ends[0],
        isInitiator: index === 0,
        remotePublicKey: (index === 0 ? other : this).network.publicKey,
        handshakeHash,
        ...unplaced,
      })
    return () => ends[0].destroy()
  }

  async close(): Promise<void> {
    await this.workspace.close()
    this.replicas.freeAll()
  }
}
