import { expect } from 'vitest'
import type { Environment } from '../../../main/base/environment'
import {
  type DocumentKeys,
  keysFromKeep,
  keysFromRead,
  keysFromWrite,
  makeManifest,
} from '../../../main/keys/derive'
import { hashFor } from '../../../main/keys/hash'
import { identityFromSeed } from '../../../main/keys/identity'
import { type KeyPair, keyPairFromSeed } from '../../../main/keys/signature'
import { DocumentLog } from '../../../main/log/document-log'
import { covers } from '../../../main/log/format/version-vector'
import { type DocumentQuota, ProfileQuota } from '../../../main/log/quota'
import { SessionLog } from '../../../main/log/session-log'
import type {
  Connection,
  Network,
  NetworkEvents,
  NetworkFacts,
  Reachability,
} from '../../../main/network/network'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import type { DocumentSync } from '../../../main/sync/document-sync'
import type { PeerState } from '../../../main/sync/state/peer-state'
import { Sync } from '../../../main/sync/sync'
import { Emitter } from '../../../preload/emitter'
import { duplexPair, type PairEnd } from '../../support/duplex-pair'
import { ManualClock, quiet } from '../../support/manual-clock'
import { type Random, randomFrom } from '../../support/random'
import { unplaced } from '../../support/sim-network'

/** A network that connects whom the test connects. */
export class ManualNetwork extends Emitter<NetworkEvents> implements Network {
  readonly facts: NetworkFacts = {
    address: null,
    nat: 'unknown',
    nodes: 0,
    lan: { on: false, neighbours: 0 },
    topics: { documents: 0, announced: 0, packetsPerMinute: 0 },
    failed: [],
  }
  readonly publicKey: Uint8Array
  readonly topics = new Set<string>()
  readonly reachability: Reachability = 'online'
  relayKey: Uint8Array | null = null
  /** The keys under which others offered to relay. */
  readonly offers = new Map<Connection, Uint8Array>()

  constructor(publicKey: Uint8Array) {
    super()
    this.publicKey = publicKey
  }

  async open(): Promise<void> {}
  async configure(): Promise<void> {}
  async suspend(): Promise<void> {}
  async close(): Promise<void> {}
  refresh(): void {}

  met(_connection: Connection, _topic: Uint8Array): () => void {
    return () => undefined
  }

  join(topic: Uint8Array): void {
    this.topics.add(Buffer.from(topic).toString('hex'))
  }

  leave(topic: Uint8Array): void {
    this.topics.delete(Buffer.from(topic).toString('hex'))
  }

  offerRelay(connection: Connection, key: Uint8Array | null): void {
    if (key) this.offers.set(connection, key)
    else this.offers.delete(connection)
  }
}

/** A document at a site. */
export interface Shared {
  readonly keys: DocumentKeys
  readonly log: DocumentLog
  peers: DocumentSync
  manifest: Uint8Array | null
}

type Role = DocumentKeys['role']

/** A profile with its sync, whose disk outlives it. */
export class Site {
  readonly world: World
  readonly name: string
  readonly network: ManualNetwork
  readonly sync: Sync
  readonly store: MemoryStore
  /** Result of its check of a snapshot's content. */
  findsSound = true
  /** The key under which it signs what it stores. */
  readonly holder: KeyPair
  private session: SessionLog | null = null
  private shared: Shared | null = null

  constructor(
    world: World,
    options: {
      name: string
      disk: MemoryDisk
      wireVersion?: number
      holder?: KeyPair
      network?: ManualNetwork
    },
  ) {
    const { name, disk, holder, network, ...rest } = options
    this.world = world
    this.name = name
    this.store = new MemoryStore(disk)
    this.holder = holder ?? keyPairFromSeed(hashFor('fingerprint', Buffer.from(name)))
    this.network = network ?? new ManualNetwork(world.random.bytes(32))
    this.sync = new Sync({ network: this.network, environment: world.environment, ...rest })
  }

  /** Shares the world's document, or another one, in a role; somebody `looks` at it unless it says otherwise. */
  async share(
    role: Role,
    keys = this.world.keys,
    { quota = new ProfileQuota().document(), looks = true }: { quota?: DocumentQuota; looks?: boolean } = {},
  ): Promise<Shared> {
    const own = keysOf(role, keys)
    const log = new DocumentLog({
      store: this.store,
      environment: this.world.environment,
      documentId: own.documentId,
      verify: own.verify,
      quota,
    })
    await log.open()
    const shared = { keys: own, log, manifest: role === 'write' ? makeManifest(own) : null }
    const peers = this.sync.add({
      ...shared,
      role,
      store: this.store,
      onManifest: (manifest) => {
        document.manifest = manifest
      },
      signer: { pair: this.holder, name: role === 'keep' ? this.name : '' },
      isSound: role === 'keep' ? null : async () => this.findsSound,
    })
    const document: Shared = { ...shared, peers }
    this.shared ??= document
    peers.setPresence({ name: this.name, identity: null, caret: null })
    if (looks) peers.watch()
    return document
  }

  /** The document that was shared first. */
  get document(): Shared {
    if (!this.shared) throw new Error(`${this.name} shares nothing`)
    return this.shared
  }

  get log(): DocumentLog {
    return this.document.log
  }

  get peers(): DocumentSync {
    return this.document.peers
  }

  /** Returns this site's state of another site, found by name. */
  peer(other: Site): PeerState | undefined {
    return this.peers.peers.find(({ name }) => name === other.name)
  }

  /** Writes changes of some bytes, in a segment each, all in one session. */
  async write(count = 1, size = 100, session = this.ownSession()): Promise<SessionLog> {
    const { random } = this.world
    const changes = Array.from({ length: count }, () => ({
      bytes: random.bytes(size),
      hash: random.bytes(32),
    }))
    await Promise.all(changes.map((change) => this.log.append(session, [change])))
    return session
  }

  /** The session that `write` uses by default. */
  ownSession(): SessionLog {
    this.session ??= this.newSession()
    return this.session
  }

  /** A fresh session, or with a seed one whose key can be made twice. */
  newSession(keys: DocumentKeys = this.document.keys, seed = this.world.random.bytes(32)): SessionLog {
    const { environment, random } = this.world
    const identity = identityFromSeed(random.bytes(32))
    return new SessionLog({ documentId: keys.documentId, keys, identity, name: this.name, environment, seed })
  }
}

/** Sites that share a document, a clock that is moved by hand, and lines between them. */
export class World {
  readonly clock = new ManualClock()
  readonly random: Random
  readonly environment: Environment
  readonly keys: DocumentKeys

  constructor(seed = 1) {
    this.random = randomFrom(seed)
    this.environment = { clock: this.clock, random: (size) => this.random.bytes(size) }
    this.keys = this.newKeys()
  }

  newKeys(): DocumentKeys {
    return keysFromWrite(this.random.bytes(32))
  }

  /** A site that shares the document in a role. */
  async site(
    name: string,
    role: Role = 'write',
    options: {
      disk?: MemoryDisk
      wireVersion?: number
      quota?: DocumentQuota
      holder?: KeyPair
      looks?: boolean
      network?: ManualNetwork
    } = {},
  ): Promise<Site> {
    const { quota, looks = true, ...rest } = options
    const site = new Site(this, { name, disk: new MemoryDisk(), ...rest })
    await site.share(role, this.keys, { ...(quota && { quota }), looks })
    return site
  }

  /** Connects two sites, the first one dialling; returns both ends. */
  connect(a: Site, b: Site): [PairEnd, PairEnd] {
    const ends = duplexPair()
    const handshakeHash = this.random.bytes(64)
    const [left, right] = [a.network, b.network]
    left.emit('connection', {
      stream: ends[0],
      isInitiator: true,
      remotePublicKey: right.publicKey,
      handshakeHash,
      ...unplaced,
    })
    right.emit('connection', {
      stream: ends[1],
      isInitiator: false,
      remotePublicKey: left.publicKey,
      handshakeHash,
      ...unplaced,
    })
    return ends
  }

  /** Waits, within a bound and without moving the clock, until something holds. */
  async until(holds: () => boolean, what = 'what was awaited'): Promise<void> {
    for (let turn = 0; turn < 500 && !holds(); turn++) await quiet(2)
    expect(holds(), what).toBe(true)
  }

  /** Waits, the clock moving, until something holds; at most `limit` simulated ms. */
  async within(limit: number, holds: () => boolean, what = 'what was awaited'): Promise<void> {
    const end = this.clock.now() + limit
    for (await quiet(); !holds() && this.clock.now() < end; ) await this.clock.advance(50)
    expect(holds(), what).toBe(true)
  }

  /** Waits until all sites hold the same, and know it of those that they are connected with. */
  async converge(sites: readonly Site[], limit = 60_000): Promise<void> {
    await this.within(limit, () => same(sites), 'all hold the same')
  }
}

const same = (sites: readonly Site[]): boolean =>
  sites.every(
    (a) =>
      sites.every((b) => covers(a.log.vector, b.log.vector)) &&
      a.peers.peers.every((peer) => !peer.connected || peer.outdated || isSynced(a, peer)),
  )

/** Keepers ask nobody for proofs, so they know of others only that these hold no more. */
const isSynced = ({ document }: Site, { coversAll, upToDate }: PeerState): boolean =>
  upToDate && (coversAll || !document.keys.presence)

function keysOf(role: Role, keys: DocumentKeys): DocumentKeys {
  if (role === 'write' || !keys.read || !keys.verify) return keys
  return role === 'read' ? keysFromRead(keys.read) : keysFromKeep(keys.keep, keys.verify)
}
