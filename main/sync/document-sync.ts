import type { Environment, Timer } from '../base/environment'
import { hex } from '../base/hex'
import { type DocumentKeys, keysFromRead, type Role, readManifest } from '../keys/derive'
import type { Identity } from '../keys/identity'
import type { KeyPair } from '../keys/signature'
import type { DocumentLog } from '../log/document-log'
import { sessionOfFork } from '../log/format/fork'
import type { Segment } from '../log/format/segment'
import type { Snapshot } from '../log/format/snapshot'
import type { SessionId } from '../log/format/version-vector'
import type { Connection, Network } from '../network/network'
import type { Store } from '../storage/store'
import { type PeerContext, PeerSync } from './peer-sync'
import { type Approval, approveInstance } from './presence/presence'
import { PresenceBoard } from './presence/presence-board'
import { makeReplicaProof } from './replicas/replica-proof'
import { ReplicationStatus } from './replicas/replication-status'
import type { StorageReplica } from './replicas/storage-replicas'
import { LocalState } from './state/local-state'
import { far, near, type PeerState } from './state/peer-state'
import type { FetchSlots } from './transfer/fetch-slots'
import { SegmentScheduler } from './transfer/segment-scheduler'
import { SnapshotFetcher } from './transfer/snapshot-fetcher'
import { makeHello } from './wire/hello'
import { type Instance, makeInstance } from './wire/instance'
import { makeIntroduction } from './wire/introduction'
import { type Entry, encodeReceipt, pagesOf } from './wire/messages'

/** How often peers compare what they hold, in ms, give or take a third. Rule W24. */
const compareInterval = 30_000
/** Interval of the periodic checks, in ms. */
const tickInterval = 5_000

/** A document as the sync sees it. Its log must be open. */
export interface SyncedDocument {
  readonly keys: DocumentKeys
  readonly log: DocumentLog
  readonly store: Store
  readonly role: Role
  readonly manifest: Uint8Array | null
  /** A sound manifest arrived where there was none. */
  readonly onManifest: (manifest: Uint8Array) => void
  /** The key under which this computer confirms what it stores, and a keeper's name; null to sign nothing. */
  readonly holder: { readonly pair: KeyPair; readonly name: string } | null
  /** Checks the content of a snapshot from a peer; null without read access. */
  readonly isSound: ((snapshot: Snapshot) => Promise<boolean>) | null
}

/** This person's presence. */
export interface OwnPresence {
  readonly name: string
  /** Null to stay anonymous. */
  readonly identity: Identity | null
  /** Where the caret stands, as the document names places; null for nowhere. */
  readonly caret: Uint8Array | null
}

/** The part of the network that takes peers' relay offers and provides this side's own. */
export type RelayOffers = Pick<Network, 'relayKey' | 'offerRelay'>

/** The peers of one document that are present, and what they hold. */
export class DocumentSync {
  private readonly document: SyncedDocument
  private readonly environment: Environment
  private readonly wireVersion: number
  private readonly relays: RelayOffers
  private readonly instance: Instance
  private readonly holdings: LocalState
  private readonly confirmations: ReplicationStatus
  private readonly pursuit: SegmentScheduler
  private readonly snapshots: SnapshotFetcher
  private readonly board: PresenceBoard
  private readonly syncs = new Set<PeerSync>()
  private readonly listeners = new Set<() => void>()
  private readonly stopListening: readonly (() => void)[]
  private keys: DocumentKeys
  private manifest: Uint8Array | null
  private compareAt = 0
  private tick: Timer | null = null
  private telling = false
  private closing: Promise<void> | null = null
  private approved: Approval | null = null

  constructor(options: {
    document: SyncedDocument
    environment: Environment
    wireVersion: number
    relays: RelayOffers
    slots: FetchSlots
  }) {
    const { document, environment, wireVersion, relays } = options
    const { log, store, role, keys, manifest } = document
    const { clock } = environment
    this.document = document
    this.environment = environment
    this.wireVersion = wireVersion
    this.relays = relays
    this.keys = keys
    this.manifest = manifest
    this.instance = makeInstance(keys, role, environment.random(32))
    this.holdings = new LocalState(log)
    this.confirmations = new ReplicationStatus({
      documentId: keys.documentId,
      holdings: this.holdings,
      store,
      clock,
      random: environment.random,
      presenceKey: () => this.keys.presence,
      peers: () => this.open(),
    })
    this.pursuit = new SegmentScheduler({
      clock,
      acceptedTip: (session) => this.holdings.acceptedTip(session),
      sources: () => this.open(),
    })
    this.snapshots = new SnapshotFetcher({
      log,
      clock,
      pursuit: this.pursuit,
      slots: options.slots,
      sources: () => this.open(),
      verifyKey: () => this.keys.verify,
      isSound: document.isSound,
    })
    this.board = new PresenceBoard({
      instance: this.instance,
      environment,
      keys: () => this.keys,
      neighbours: () => [...this.syncs].filter((peer) => peer.isBegun),
      onChange: () => this.changed(),
    })
    this.confirmations.open().then(
      () => this.changed(),
      // Edits then count as unshared until peers announce their holdings again.
      () => undefined,
    )
    this.stopListening = [
      log.onStored((segments) => this.onStored(segments)),
      log.onFork((proof) => this.onFork(proof)),
      log.onSettled((sessions) => this.onSettled(sessions)),
      log.onSnapshot(() => {
        for (const peer of this.syncs) peer.tellOffer()
      }),
      log.onCut(({ session, after }) => this.confirmations.cut(session, after)),
      log.onShortage(() => {
        for (const peer of this.syncs) peer.tellFull()
      }),
    ]
  }

  /** All present peers, connected ones first. */
  get peers(): readonly PeerState[] {
    const open = this.open()
    // A computer met twice, as after both dialled or one was killed, counts once: by its newer channel.
    const connected = new Map(open.map((peer) => [peer.holder ? hex(peer.holder.key) : peer.instance, peer]))
    const instances = new Set(open.map(({ instance }) => instance))
    const others = this.board.present.filter(({ key }) => !instances.has(key))
    return [
      ...[...connected.values()].map((peer) => near(peer, this.board.presenceOf(peer.instance))),
      ...others.map(far),
    ]
  }

  /** Edits made in this profile are stored nowhere else, as far as anyone confirmed. */
  get unshared(): boolean {
    return this.confirmations.unshared
  }

  /** The same for edits that were made in this run. */
  get newUnshared(): boolean {
    return this.confirmations.newUnshared
  }

  /** Computers that signed that they store edits of this profile, present or not; newest receipt first. */
  get holders(): StorageReplica[] {
    return this.confirmations.list
  }

  /** True if there is at least one such computer. */
  get isHeld(): boolean {
    return this.confirmations.some
  }

  /** Hex keys of the holders that are connected. */
  get holdersHere(): ReadonlySet<string> {
    return new Set(this.open().flatMap(({ holder }) => (holder ? [hex(holder.key)] : [])))
  }

  /** Calls `listener` when anything above changed; many changes at once are one call. It must not throw. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /**
   * Sets this person's presence: announced at once, at most 10 times a second, and again while it lasts.
   * Throws MALFORMED for a caret of more than 512 bytes.
   */
  setPresence({ name, identity, caret }: OwnPresence): void {
    this.board.set({ name, author: identity && this.approval(identity), caret })
  }

  /** This side began to relay for its peers, or stopped. */
  tellRelay(): void {
    for (const peer of this.syncs) peer.tellRelay()
  }

  /** Returns this side's first message on a connection. Rule W4. */
  hello(connection: Connection): Uint8Array {
    const { keys, instance, wireVersion: version } = this
    return makeHello({ version, keys, instance, connection })
  }

  /** Adds the sync with a peer, to be given a channel. `refuse` turns the peer away for a while. */
  addPeer(connection: Connection, refuse: () => void): PeerSync {
    const context: PeerContext = {
      log: this.document.log,
      holdings: this.holdings,
      pursuit: this.pursuit,
      snapshots: this.snapshots,
      environment: this.environment,
      wireVersion: this.wireVersion,
      introduction: () => this.introduction(connection),
      holder: { instance: this.instance, word: () => this.ownWord() },
      keys: () => this.keys,
      manifest: () => this.manifest,
      learn: (manifest) => this.learn(manifest),
      onChange: () => this.changed(),
      hasMine: (peer) => this.confirmations.hasMine(peer),
      onTold: (peer) => this.confirmations.told(peer),
      onSigned: (peer, receipts) => {
        this.confirmations.signed(peer, this.board.presenceOf(peer.instance), receipts)
        this.changed()
      },
      onPresence: (peer, message) => this.board.take(peer, message),
      relayKey: () => this.relays.relayKey,
      onRelay: (key) => this.relays.offerRelay(connection, key),
      onBegun: (peer) => this.board.greet(peer),
      onClose: (peer) => this.left(peer),
      refuse,
    }
    const peer = new PeerSync(context, connection)
    this.syncs.add(peer)
    this.tick ??= this.setTick()
    return peer
  }

  /** True if the peer of a connection proved that it shares this document. */
  includes(connection: Connection): boolean {
    return [...this.syncs].some((peer) => peer.isProved && peer.connection === connection)
  }

  /** Says goodbye and ends all channels. Resolves when the receipts are written. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.finish()
    return this.closing
  }

  private async finish(): Promise<void> {
    this.board.close()
    this.snapshots.close()
    this.pursuit.close()
    for (const stop of this.stopListening) stop()
    for (const peer of [...this.syncs]) peer.close()
    this.clearTick()
    await this.confirmations.close()
  }

  private approval(identity: Identity): Approval {
    const { publicKey } = this.instance.pair
    if (this.approved?.authorKey !== identity.publicKey)
      this.approved = approveInstance(identity, this.document.keys.documentId, publicKey)
    return this.approved
  }

  private ownWord(): Uint8Array | null {
    const { holder } = this.document
    const { keys, instance, environment } = this
    return (
      holder &&
      makeReplicaProof({ holder: holder.pair, name: holder.name, keys, instance, random: environment.random })
    )
  }

  /** Makes this side's introduction to a peer that proved that it shares the document. Rule W74. */
  private introduction(connection: Connection): Uint8Array {
    const { keys, instance, environment, board } = this
    return makeIntroduction({ keys, instance, name: board.ownName, connection, random: environment.random })
  }

  private open(): PeerSync[] {
    return [...this.syncs].filter((peer) => peer.isOpen)
  }

  private left(peer: PeerSync): void {
    this.syncs.delete(peer)
    this.pursuit.left(peer)
    this.snapshots.left(peer)
    const twin = this.open().some(({ instance }) => instance === peer.instance)
    this.board.left(peer, !twin)
    if (this.syncs.size === 0) this.clearTick()
    this.changed()
  }

  private learn(manifest: Uint8Array): void {
    const verify = readManifest(this.keys, manifest)
    if (this.manifest) return
    this.manifest = Uint8Array.from(manifest)
    if (this.keys.read && !this.keys.verify) this.keys = keysFromRead(this.keys.read, this.manifest)
    this.document.log.setVerifyKey(verify)
    this.document.onManifest(this.manifest)
    for (const peer of this.syncs) peer.begin()
  }

  private onStored(segments: readonly Segment[]): void {
    this.holdings.stored(segments)
    this.confirmations.stored(segments)
    const tips = new Map<string, Entry>()
    for (const { session, seqTo } of segments) {
      const id = hex(session)
      const extent = this.holdings.vector.get(id)
      // Segments that were discarded at once for another history are not held.
      if (extent && extent.tip >= seqTo) tips.set(id, [id, extent])
    }
    const receipts = tips.size === 0 ? [] : pagesOf([...tips.values()]).map(encodeReceipt)
    // All peers, also those that are not open yet: from now on they are compared with what is here.
    for (const peer of this.syncs) peer.onStored(segments, receipts)
    for (const session of tips.keys()) this.pursuit.stored(session)
    if (!this.document.log.shortage) this.pursuit.resume()
    this.changed()
  }

  private onSettled(sessions: readonly SessionId[]): void {
    this.holdings.settled()
    const entries = sessions.flatMap((session): Entry[] => {
      const extent = this.holdings.vector.get(session)
      return extent ? [[session, extent]] : []
    })
    const receipts = pagesOf(entries).map(encodeReceipt)
    for (const peer of this.syncs) peer.onSettled(sessions, receipts)
    this.changed()
  }

  private onFork(proof: Uint8Array): void {
    const session = sessionOfFork(proof)
    for (const peer of this.syncs) peer.onFork(session, proof)
    this.changed()
  }

  private setTick(): Timer {
    return this.environment.clock.set(tickInterval, () => {
      this.tick = this.setTick()
      this.onTick()
    })
  }

  private clearTick(): void {
    if (this.tick) this.environment.clock.clear(this.tick)
    this.tick = null
  }

  private onTick(): void {
    const now = this.environment.clock.now()
    // Far off only when the clock was set back.
    if (now >= this.compareAt || this.compareAt - now > 2 * compareInterval) {
      if (this.compareAt > 0) for (const peer of this.open()) peer.sayHave()
      this.compareAt = now + compareInterval * (2 / 3 + (2 / 3) * this.chance())
    }
    this.board.check()
    this.snapshots.check()
    this.pursuit.check()
    this.confirmations.askSoon()
    for (const peer of this.open()) peer.noteSync()
  }

  private changed(): void {
    if (this.telling) return
    this.telling = true
    queueMicrotask(() => {
      this.telling = false
      for (const peer of this.open()) peer.noteSync()
      if (this.syncs.size > 0) this.confirmations.askSoon()
      if (!this.closing) for (const listener of [...this.listeners]) listener()
    })
  }

  private chance(): number {
    return this.environment.random(4).readUInt32LE() / 2 ** 32
  }
}
