import type { Clock, Timer } from '../../base/environment'
import { hex } from '../../base/hex'
import type { Segment } from '../../log/format/segment'
import type { SessionId } from '../../log/format/version-vector'
import type { PeerSync } from '../peer-sync'
import type { Presence } from '../presence/presence'
import type { SignedReceipt } from './signed-receipt'
import { type StorageReplica, StorageReplicas, type StorageReplicasOptions } from './storage-replicas'

const noSessions: ReadonlyMap<SessionId, number> = new Map()

/** How long peers' claims are gathered before the peers are asked to sign them, in ms. */
const askDelay = 50

/**
 * Records the computers that confirmed, by a signature and a proof, that they store the edits made in this
 * profile. The records are durable. Rules W38, W71 to W73.
 */
export class ReplicationStatus {
  private readonly clock: Clock
  private readonly peers: () => readonly PeerSync[]
  private readonly isReader: () => boolean
  private readonly holders: StorageReplicas
  private asking: Timer | null = null
  private closed = false

  /** `peers`: the connected ones. */
  constructor(options: StorageReplicasOptions & { readonly peers: () => readonly PeerSync[] }) {
    this.clock = options.clock
    this.peers = options.peers
    this.isReader = () => options.presenceKey() !== null
    this.holders = new StorageReplicas(options)
  }

  /** Reads what was known before. Idempotent. Rejects when the store does. */
  open(): Promise<void> {
    return this.holders.open()
  }

  /** Edits made in this profile are stored nowhere else, as far as anyone confirmed. */
  get unshared(): boolean {
    return this.holders.unshared
  }

  /** The same for edits that were made in this run. */
  get newUnshared(): boolean {
    return this.holders.newUnshared
  }

  /** Returns true if a peer confirmed all edits made in this profile, and still claims to hold them. */
  hasMine({ holder, comparison }: PeerSync): boolean {
    return comparison.coversMine && this.holders.covers(holder?.key ?? null)
  }

  /** True if at least one computer signed. */
  get some(): boolean {
    return this.holders.some
  }

  /** The computers that signed, present or not; newest receipt first. */
  get list(): StorageReplica[] {
    return this.holders.list
  }

  /** Segments became durable here. */
  stored(segments: readonly Segment[]): void {
    for (const { session } of segments) this.holders.stored(hex(session))
  }

  /** Drops receipts past `after`, since that end of the session was discarded. */
  cut(session: SessionId, after: number): void {
    this.holders.cut(session, after)
  }

  /** Takes a peer's claims: where they are less than it signed, its receipts no longer count. */
  told({ holder, comparison }: PeerSync): void {
    if (holder) this.holders.hear(holder.key, (id) => comparison.claimed(id))
  }

  /** Takes the receipts that a peer, with that presence, signed on request. */
  signed(peer: PeerSync, presence: Presence | null, receipts: readonly SignedReceipt[]): void {
    const { holder: word, instanceKey: instance, role } = peer
    if (!word) return
    const name = presence?.name || peer.name
    const signer = { word, instance, name, isKeeper: role === 'keep', author: presence?.author ?? null }
    for (const receipt of receipts) this.holders.take(signer, receipt)
  }

  /** Schedules requests to the peers that hold more than they signed. */
  askSoon(): void {
    this.askIn(askDelay)
  }

  /** Stops asking. Resolves when the records are durable, or the disk refused. */
  async close(): Promise<void> {
    this.closed = true
    if (this.asking) this.clock.clear(this.asking)
    await this.holders.close()
  }

  private askIn(delay: number): void {
    if (this.closed) return
    this.asking ??= this.clock.set(delay, () => {
      this.asking = null
      this.ask()
    })
  }

  /** Asks each now, or when its turn comes. */
  private ask(): void {
    // A keeper has no edits of its own, and shows nobody the other holders.
    if (!this.isReader()) return
    let wait = Number.POSITIVE_INFINITY
    for (const peer of this.peers()) {
      const { holder, comparison } = peer
      if (!comparison.hasTold) continue
      const claimed = (session: SessionId) => comparison.claims.tip(session)
      wait = Math.min(wait, peer.ask(holder ? this.holders.unsigned(holder.key, claimed) : noSessions))
    }
    if (Number.isFinite(wait)) this.askIn(wait)
  }
}
