import { Debounce } from '../../base/debounce'
import { hex } from '../../base/hex'
import type { Role } from '../../keys/derive'
import type { Segment } from '../../log/format/segment'
import type { SessionId } from '../../log/format/version-vector'
import type { Presence } from '../presence/presence'
import type { StateComparison } from '../state/state-comparison'
import type { ReplicaProof } from './replica-proof'
import type { SignedReceipt } from './signed-receipt'
import { type StorageReplica, StorageReplicas, type StorageReplicasOptions } from './storage-replicas'

const noSessions: ReadonlyMap<SessionId, number> = new Map()

/** Span for which peers' claims are gathered before the peers are asked to sign them, in ms. */
const askDelay = 50
/** Minimum interval between questions to one peer, in ms. Rule W71. */
const askInterval = 1_000
/** The same for each connected peer: 3 questions a second in all. Each reads segments and checks or makes signatures. */
const askShare = 333

/** A connected peer that may store edits of this profile. */
export interface StoragePeer {
  /** Proof of the computer that the peer runs on; null before it has sent one. */
  readonly replica: ReplicaProof | null
  /** Public key of its instance. */
  readonly instanceKey: Uint8Array
  readonly role: Role
  readonly name: string
  readonly comparison: StateComparison
  /**
   * Asks for receipts of these sessions, each mapped to the tip that the peer signed, and for a proof of its claims,
   * unless it was asked less than `interval` ms ago. Returns the ms after which there may be more to ask; Infinity if something has to change first.
   */
  askToSign(sessions: ReadonlyMap<SessionId, number>, interval: number): number
}

/**
 * Records the computers that confirmed, by a signature and a proof, that they store the edits made in this
 * profile. The records are durable. Rules W38, W71 to W73.
 */
export class ReplicationStatus {
  private readonly peers: () => readonly StoragePeer[]
  private readonly canRead: () => boolean
  private readonly replicas: StorageReplicas
  private readonly questions: Debounce
  private isClosed = false

  /** `peers` returns the connected ones. */
  constructor(options: StorageReplicasOptions & { readonly peers: () => readonly StoragePeer[] }) {
    this.questions = new Debounce(options.clock, () => this.ask())
    this.peers = options.peers
    this.canRead = () => options.presenceKey() !== null
    this.replicas = new StorageReplicas(options)
  }

  /** Loads earlier records. Idempotent. Rejects when the store does. */
  open(): Promise<void> {
    return this.replicas.open()
  }

  /** True if edits made in this profile are stored nowhere else, as far as anyone confirmed. */
  get unshared(): boolean {
    return this.replicas.unshared
  }

  /** The same for edits that were made in this run. */
  get newUnshared(): boolean {
    return this.replicas.newUnshared
  }

  /** Returns true if a peer confirmed all edits made in this profile, and still claims them. */
  coversOwn({ replica, comparison }: StoragePeer): boolean {
    return comparison.coversOwn && this.replicas.covers(replica?.key ?? null)
  }

  /** True if at least one computer signed. */
  get hasReplicas(): boolean {
    return this.replicas.isNotEmpty
  }

  /** The computers that signed, present or not; newest receipt first. */
  get list(): StorageReplica[] {
    return this.replicas.list
  }

  /** Handles segments that became durable here. */
  onStored(segments: readonly Segment[]): void {
    for (const { session } of segments) this.replicas.onStored(hex(session))
  }

  /** Drops receipts past `after`, since that end of the session was discarded. */
  dropReceipts(session: SessionId, after: number): void {
    this.replicas.dropReceipts(session, after)
  }

  /** Takes a peer's claims: where they are less than it signed, its receipts do not count. */
  takeClaims({ replica, comparison }: StoragePeer): void {
    if (replica) this.replicas.takeClaims(replica.key, (session) => comparison.claimedTip(session))
  }

  /** Takes the receipts that a peer with that presence signed on request. */
  takeReceipts(peer: StoragePeer, presence: Presence | null, receipts: readonly SignedReceipt[]): void {
    const { replica: proof, instanceKey: instance, role } = peer
    if (!proof) return
    const name = presence?.name || peer.name
    const signer = { proof, instance, name, isKeeper: role === 'keep', author: presence?.author ?? null }
    for (const receipt of receipts) this.replicas.takeReceipt(signer, receipt)
  }

  /** Schedules requests to the peers that claim more than they signed. */
  askSoon(): void {
    this.askIn(askDelay)
  }

  /** Stops asking. Resolves when the records are durable, or the disk refused. */
  async close(): Promise<void> {
    this.isClosed = true
    this.questions.cancel()
    await this.replicas.close()
  }

  private askIn(delay: number): void {
    if (!this.isClosed) this.questions.signal(delay)
  }

  private ask(): void {
    // A keeper makes no edits, and shows the other replicas to nobody.
    if (!this.canRead()) return
    const peers = this.peers().filter(({ comparison }) => comparison.hasAnnounced)
    const interval = Math.max(askInterval, peers.length * askShare)
    let wait = Number.POSITIVE_INFINITY
    for (const peer of peers) {
      const { replica, comparison } = peer
      const claimed = (session: SessionId) => comparison.remote.tip(session)
      const unsigned = replica ? this.replicas.unsigned(replica.key, claimed) : noSessions
      wait = Math.min(wait, peer.askToSign(unsigned, interval))
    }
    if (Number.isFinite(wait)) this.askIn(wait)
  }
}
