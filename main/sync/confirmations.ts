import type { Clock, Timer } from '../environment'
import { hex } from '../hex'
import type { Segment } from '../log/segment'
import type { SessionId } from '../log/version-vector'
import { type HolderState, Holders, type HoldersOptions } from './holders'
import type { PeerSync } from './peer-sync'
import type { Presence } from './presence'
import { Receipts } from './receipts'
import type { SignedReceipt } from './signed-receipt'

/** How long what peers say is gathered before they are asked to sign it, in ms. */
const askDelay = 50

/**
 * Who confirmed that they store what was made in this profile: by their word at once, and a moment later by their
 * signature, which is kept. Rules W38, W71, W72.
 */
export class Confirmations {
  private readonly clock: Clock
  private readonly peers: () => readonly PeerSync[]
  private readonly receipts: Receipts
  private readonly holders: Holders
  private asking: Timer | null = null
  private closed = false

  /** `peers`: those who are connected. */
  constructor(options: HoldersOptions & { readonly peers: () => readonly PeerSync[] }) {
    this.clock = options.clock
    this.peers = options.peers
    this.receipts = new Receipts(options)
    this.holders = new Holders(options)
  }

  /** Reads what was known before. Idempotent. Rejects when the store does. */
  async open(): Promise<void> {
    await Promise.all([this.receipts.open(), this.holders.open()])
  }

  /** Edits made in this profile are stored nowhere else, as far as anyone ever said. */
  get unshared(): boolean {
    return this.receipts.unshared
  }

  /** So are some that were made in this run. */
  get newUnshared(): boolean {
    return this.receipts.newUnshared
  }

  /** Some computer signed. */
  get some(): boolean {
    return this.holders.some
  }

  /** The computers that signed, there or not; newest word first. */
  get list(): HolderState[] {
    return this.holders.list
  }

  /** Someone says that they store a session up to `tip`. */
  note(session: SessionId, tip: number): void {
    this.receipts.note(session, tip)
  }

  /** Segments became durable here. */
  stored(segments: readonly Segment[]): void {
    for (const { session } of segments) this.holders.stored(hex(session))
  }

  /** The end of a session was given up, all past `after`. */
  cut(session: SessionId, after: number): void {
    this.receipts.cut(session, after)
    this.holders.cut(session, after)
  }

  /** A peer said what it holds, which may be less than it signed: then what it signed stands for nothing. */
  told({ holder, comparison }: PeerSync): void {
    if (!holder) return
    for (const session of this.holders.hear(holder.key, (id) => comparison.claimed(id))) {
      const claims = this.peers().map((other) => other.comparison.claims.tip(session))
      this.receipts.cut(session, Math.max(this.holders.reach(session), ...claims))
    }
  }

  /** A peer, who shows that presence, signed what it was asked for. */
  signed(peer: PeerSync, presence: Presence | null, receipts: readonly SignedReceipt[]): void {
    const { holder: word, instanceKey: instance, role } = peer
    if (!word) return
    const name = presence?.name || peer.name
    const signer = { word, instance, name, isKeeper: role === 'keep', author: presence?.author ?? null }
    for (const receipt of receipts) this.holders.take(signer, receipt)
  }

  /** Asks those who hold more than they signed, a moment from now. */
  askSoon(): void {
    this.askIn(askDelay)
  }

  /** Asks nobody any more. Resolves when what is known is durable, or the disk refused. */
  async close(): Promise<void> {
    this.closed = true
    if (this.asking) this.clock.clear(this.asking)
    await Promise.all([this.receipts.close(), this.holders.close()])
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
    let wait = Number.POSITIVE_INFINITY
    for (const peer of this.peers()) {
      const { holder, comparison } = peer
      if (!holder || !comparison.hasTold) continue
      const sessions = this.holders.unsigned(holder.key, (session) => comparison.claims.tip(session))
      if (sessions.length > 0) wait = Math.min(wait, peer.ask(sessions))
    }
    // Also for an answer that was lost.
    if (Number.isFinite(wait)) this.askIn(wait)
  }
}
