import type { Environment, Timer } from '../base/environment'
import { hex } from '../base/hex'
import type { DocumentKeys, Role } from '../keys/derive'
import type { KeyPair } from '../keys/signature'
import type { DocumentLog } from '../log/document-log'
import { sessionOfFork } from '../log/format/fork'
import type { Segment } from '../log/format/segment'
import type { Snapshot } from '../log/format/snapshot'
import type { SessionId } from '../log/format/version-vector'
import type { Connection } from '../network/network'
import type { Store } from '../storage/store'
import type { FetchSlots } from './budget/fetch-slots'
import { LocalPeer } from './local-peer'
import type { OwnPresence } from './own-presence'
import { PeerList } from './peer-list'
import { PeerReports } from './peer-reports'
import { PeerSync } from './peer-sync'
import type { PeerChange } from './presence/peer-change'
import { PresenceBoard } from './presence/presence-board'
import { ReplicationStatus } from './replicas/replication-status'
import type { StorageReplica } from './replicas/storage-replicas'
import { restAfter } from './rest'
import type { RelayOffers, SharedParts } from './shared-parts'
import { LocalState } from './state/local-state'
import { stateDigest } from './state/log-digest'
import type { PeerState } from './state/peer-state'
import { ReceiptGathering } from './state/receipt-gathering'
import type { SyncedPart } from './synced-part'
import { SegmentScheduler } from './transfer/segment-scheduler'
import { SnapshotFetcher } from './transfer/snapshot-fetcher'

/** Interval between comparisons with peers, in ms, varied by a third. Rule W24. */
const compareInterval = 30_000
const tickInterval = 5_000

/** A document to sync. Its log must be open. */
export interface SyncedDocument {
  readonly keys: DocumentKeys
  readonly log: DocumentLog
  /** The document's data beside its log; none by default. */
  readonly parts?: readonly SyncedPart[]
  readonly store: Store
  readonly role: Role
  readonly manifest: Uint8Array | null
  /** Called when a sound manifest arrived where there was none. */
  readonly onManifest: (manifest: Uint8Array) => void
  /** Key pair under which this computer confirms what it stores, and a keeper's name; null to sign nothing. */
  readonly signer: { readonly pair: KeyPair; readonly name: string } | null
  /** Checks the content of a snapshot from a peer; null without read access. */
  readonly isSound: ((snapshot: Snapshot) => Promise<boolean>) | null
}

/** Syncs one document with all its peers. */
export class DocumentSync {
  /** Resolves when it is known which edits of this profile are stored elsewhere, or that cannot be read. */
  readonly loaded: Promise<void>
  private readonly document: SyncedDocument
  private readonly environment: Environment
  private readonly localPeer: LocalPeer
  private readonly local: LocalState
  private readonly replication: ReplicationStatus
  private readonly scheduler: SegmentScheduler
  private readonly fetcher: SnapshotFetcher
  private readonly board: PresenceBoard
  private readonly list: PeerList
  private readonly shared: SharedParts
  private readonly receipts: ReceiptGathering
  private readonly reports: PeerReports
  private readonly peerSyncs = new Set<PeerSync>()
  private readonly unsubscribe: readonly (() => void)[]
  private readonly onNews: () => void
  private readonly resting: () => number
  /** Time in ms at which there was something to tell the peers last. */
  private newsAt: number
  private watchers = 0
  private isReplicationLoaded = false
  private compareAt = 0
  private timer: Timer | null = null
  private closing: Promise<void> | null = null

  constructor(options: {
    document: SyncedDocument
    environment: Environment
    wireVersion: number
    relays: RelayOffers
    slots: FetchSlots
    /** Called when there is something to tell all peers: their channels are to be opened. */
    onNews: () => void
    /** Returns the number of connections whose peers share the document, and on which its channel rests. */
    resting: () => number
  }) {
    const { document, environment, relays, wireVersion } = options
    const { log, store, keys, role, manifest, signer } = document
    const { clock, random } = environment
    this.document = document
    this.environment = environment
    this.onNews = options.onNews
    this.resting = options.resting
    this.newsAt = clock.now()
    this.localPeer = new LocalPeer({
      onManifest: (found, verifyKey) => this.onManifest(found, verifyKey),
      ...{ keys, role, manifest, signer, wireVersion, environment },
    })
    this.local = new LocalState(log)
    this.replication = new ReplicationStatus({
      documentId: keys.documentId,
      local: this.local,
      store,
      clock,
      random,
      presenceKey: () => this.localPeer.keys.presence,
      peers: () => this.openPeers(),
    })
    this.scheduler = new SegmentScheduler({
      clock,
      acceptedTip: (session) => this.local.acceptedTip(session),
      sources: () => this.openPeers().map(({ segments }) => segments),
    })
    this.fetcher = new SnapshotFetcher({
      log,
      clock,
      scheduler: this.scheduler,
      slots: options.slots,
      sources: () => this.openPeers().map(({ snapshots }) => snapshots),
      verifyKey: () => this.localPeer.keys.verify,
      isSound: document.isSound,
    })
    this.board = new PresenceBoard({
      instance: this.localPeer.instance,
      environment,
      keys: () => this.localPeer.keys,
      neighbours: () => [...this.peerSyncs].filter((peer) => peer.isBegun),
      onChange: (change, instance) => {
        this.list.mark(instance)
        this.reports.signal(change)
      },
    })
    this.list = new PeerList(() => this.openPeers(), this.board)
    this.receipts = new ReceiptGathering({
      clock,
      local: this.local,
      countPeers: () => this.peerSyncs.size,
      send: (receipts) => this.forEachPeer((peer) => peer.segments.sendReceipts(receipts)),
    })
    this.reports = new PeerReports(clock, () => this.peerSyncs.size > 0 && this.replication.askSoon())
    const { localPeer, local, scheduler, fetcher, replication, board } = this
    const { parts = [] } = document
    this.shared = {
      environment,
      log,
      ...{ parts, relays, localPeer, local, scheduler, fetcher, replication, board },
    }
    this.loaded = this.replication.open().then(
      () => {
        this.isReplicationLoaded = true
        if (this.unshared) this.tellNews()
        this.onChanged()
      },
      // Edits then count as unshared until peers announce their state again.
      () => undefined,
    )
    this.unsubscribe = [
      log.onStored((segments) => this.onStored(segments)),
      log.onFork((proof) => this.onFork(proof)),
      log.onSettled((sessions) => this.onSnapshotStored(sessions)),
      log.onSnapshot(() => {
        this.tellNews()
        this.forEachPeer((peer) => peer.snapshots.sendOffer())
      }),
      log.onCut(({ session, after }) => {
        this.replication.dropReceipts(session, after)
        this.onChanged()
      }),
      log.onShortage(() => this.forEachPeer((peer) => peer.sendFull())),
      ...parts.map((part) => part.onNews(() => this.tellNews())),
    ]
  }

  /** All present peers, connected ones first. */
  get peers(): readonly PeerState[] {
    return this.list.all
  }

  /** Number of connected peers that share the document, those included with whom there is nothing to exchange. */
  get connectedCount(): number {
    return this.peers.filter(({ connected }) => connected).length + this.resting()
  }

  /** True if edits made in this profile are stored nowhere else, as far as anyone confirmed. */
  get unshared(): boolean {
    return this.replication.unshared
  }

  /** The same for edits that were made in this run. */
  get newUnshared(): boolean {
    return this.replication.newUnshared
  }

  /** Computers that signed that they store edits of this profile, present or not; newest receipt first. */
  get replicas(): StorageReplica[] {
    return this.replication.list
  }

  /** True if there is at least one such computer. */
  get hasReplicas(): boolean {
    return this.replication.hasReplicas
  }

  /** Hex keys of the storage replicas that are connected. */
  get connectedReplicas(): ReadonlySet<string> {
    return new Set(this.openPeers().flatMap(({ replica }) => (replica ? [hex(replica.key)] : [])))
  }

  /** Calls `listener` when anything above changed, at most once in 100 ms, carets once in 16. It must not throw. */
  onChange(listener: (change: PeerChange) => void): () => void {
    return this.reports.on(listener)
  }

  /**
   * Sets this person's presence: announced at once, at most 10 times a second, and again while it lasts.
   * Throws MALFORMED for a caret of more than 512 bytes.
   */
  setPresence({ name, identity, caret }: OwnPresence): void {
    this.board.set({ name, author: identity && this.localPeer.approvalBy(identity), caret })
  }

  /** Keeps the channels to all peers open, for somebody who looks at the document. Returns a function that ends it. */
  watch(): () => void {
    let isOver = false
    if (++this.watchers === 1) this.tellNews()
    return () => {
      if (isOver) return
      isOver = true
      this.watchers--
      this.newsAt = this.environment.clock.now()
    }
  }

  /** True while channels are to be open though both sides hold the same. Rule W83. */
  get wantsPeers(): boolean {
    return this.watchers > 0 || (this.isReplicationLoaded && this.unshared)
  }

  /** True where all is loaded, no channel is open, and nobody looks at the document. */
  get isIdle(): boolean {
    return this.isReplicationLoaded && this.peerSyncs.size === 0 && this.watchers === 0
  }

  /** True where a snapshot is fetched from a peer that holds the same otherwise. */
  get wantsSnapshot(): boolean {
    return this.fetcher.wantsAny
  }

  /** Returns 32 bytes that stand for all that is held of the document. Rule W81. */
  digest(): Uint8Array {
    const { local, localPeer, document } = this
    const parts = document.parts?.map((part) => part.digest()) ?? []
    return stateDigest({ log: local.summary, hasManifest: localPeer.manifest !== null, parts })
  }

  /** Sends the key under which this side relays for its peers. */
  sendRelayKey(): void {
    this.forEachPeer((peer) => peer.sendRelayKey())
  }

  /** Makes this side's first message on a connection. Rule W4. */
  hello(connection: Connection): Uint8Array {
    return this.localPeer.hello(connection)
  }

  /** Adds the sync with a peer, to be attached to a channel. */
  addPeer(connection: Connection): PeerSync {
    const peer = new PeerSync(this.shared, connection)
    peer.on('change', () => {
      this.list.mark(peer.instance)
      this.reports.signal('any')
    })
    peer.on('confirmed', () => this.list.markAll())
    peer.on('closed', () => this.removePeer(peer))
    this.peerSyncs.add(peer)
    this.timer ??= this.setTimer()
    return peer
  }

  /** Says goodbye and ends all channels. Resolves when the receipts are written. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.finish()
    return this.closing
  }

  private async finish(): Promise<void> {
    this.board.close()
    this.fetcher.close()
    this.scheduler.close()
    for (const stop of this.unsubscribe) stop()
    this.forEachPeer((peer) => peer.close())
    this.clearTimer()
    this.receipts.close()
    this.reports.close()
    await this.replication.close()
  }

  private forEachPeer(action: (peer: PeerSync) => void): void {
    for (const peer of [...this.peerSyncs]) action(peer)
  }

  private openPeers(): PeerSync[] {
    return [...this.peerSyncs].filter((peer) => peer.isOpen)
  }

  private removePeer(peer: PeerSync): void {
    this.peerSyncs.delete(peer)
    const hasOtherChannel = this.openPeers().some(({ instance }) => instance === peer.instance)
    this.board.removeNeighbour(peer, !hasOtherChannel)
    if (this.peerSyncs.size === 0) {
      this.clearTimer()
      this.local.trim()
    }
    this.onChanged()
  }

  private onManifest(manifest: Uint8Array, verifyKey: Uint8Array): void {
    this.document.log.setVerifyKey(verifyKey)
    this.document.onManifest(manifest)
    this.tellNews()
    this.forEachPeer((peer) => peer.begin())
  }

  private onStored(segments: readonly Segment[]): void {
    this.local.onStored(segments)
    this.replication.onStored(segments)
    const sessions = this.local.heldOf(segments)
    const receipts = this.receipts.note(sessions)
    // Includes peers that are not open yet, whose claims are compared with the local state too.
    this.forEachPeer((peer) => peer.segments.onStored(segments, receipts))
    for (const session of sessions) this.scheduler.onStored(session)
    if (!this.document.log.shortage) this.scheduler.retryDropped()
    if (segments.length > 0) this.tellNews()
    this.reports.signal('any')
  }

  private onSnapshotStored(sessions: readonly SessionId[]): void {
    this.local.onSnapshotStored()
    this.tellNews()
    const receipts = this.receipts.note(sessions)
    this.forEachPeer((peer) => peer.segments.onSnapshotStored(sessions, receipts))
    this.onChanged()
  }

  private onFork(proof: Uint8Array): void {
    const session = sessionOfFork(proof)
    this.local.onFork()
    this.tellNews()
    this.forEachPeer((peer) => peer.segments.onFork(session, proof))
    this.onChanged()
  }

  private setTimer(): Timer {
    return this.environment.clock.set(tickInterval, () => {
      this.timer = this.setTimer()
      this.check()
    })
  }

  private clearTimer(): void {
    if (this.timer) this.environment.clock.clear(this.timer)
    this.timer = null
  }

  private check(): void {
    const now = this.environment.clock.now()
    // Far off only when the clock was set back.
    if (now >= this.compareAt || this.compareAt - now > 2 * compareInterval) {
      if (this.compareAt > 0) for (const peer of this.openPeers()) peer.comparison.sendDigests()
      const chance = this.environment.random(4).readUInt32LE() / 2 ** 32
      this.compareAt = now + compareInterval * (2 / 3 + (2 / 3) * chance)
    }
    this.board.check()
    this.fetcher.check()
    this.scheduler.check()
    this.replication.askSoon()
    for (const peer of this.openPeers()) peer.noteSync()
    // A route changes without an event.
    if (this.list.refresh()) this.reports.signal('any')
    if (!this.wantsPeers && Math.abs(now - this.newsAt) >= restAfter)
      this.forEachPeer((peer) => peer.tryRest(this.digest()))
  }

  private tellNews(): void {
    this.newsAt = this.environment.clock.now()
    this.onNews()
  }

  /** Notes a change that concerns all peers. */
  private onChanged(): void {
    this.list.markAll()
    this.reports.signal('any')
  }
}
