import { Debounce } from '../../base/debounce'
import type { Clock } from '../../base/environment'
import { hex } from '../../base/hex'
import { SerialQueue } from '../../base/serial-queue'
import { sameBytes } from '../../keys/bytes'
import { nonceSize } from '../../keys/seal'
import { signatureSize } from '../../keys/signature'
import type { SessionId } from '../../log/format/version-vector'
import type { Store, Write } from '../../storage/store'
import type { Approval } from '../presence/presence'
import type { LocalState } from '../state/local-state'
import type { ReplicaProof } from './replica-proof'
import {
  type ReceiptSummary,
  type ReplicaRecord,
  ReplicaRecords,
  type StoredReceipt,
} from './replica-records'
import { maxAsked, type SignedReceipt } from './signed-receipt'

/** Maximum number of replicas recorded for a document; those with the fewest receipts are dropped first. */
const maxReplicas = 256
/** Minimum interval between writes of receipts, in ms. */
const writeInterval = 1_000

/** The signer of a receipt. */
export interface Signer {
  readonly proof: ReplicaProof
  /** Public key of the instance that signs. */
  readonly instance: Uint8Array
  /** Name of its user, or of a keeper. */
  readonly name: string
  readonly isKeeper: boolean
  /** The author who vouches for the instance, checked. */
  readonly author: Approval | null
}

/** A computer that confirmed with its signature that it stores edits of this profile. */
export interface StorageReplica {
  /** Hex. */
  readonly key: string
  readonly name: string
  readonly isKeeper: boolean
  /** The author who vouched for it; null for none. */
  readonly author: Uint8Array | null
  /** It confirmed all that was made in this profile. */
  readonly coversMine: boolean
  /** Arrival time of its last receipt, in ms since the Unix epoch. */
  readonly confirmedAt: number
  /** Since when it claims to hold less than it signed; null if it claims no less. */
  readonly deniedAt: number | null
}

interface Replica {
  record: ReplicaRecord
  readonly receipts: Map<SessionId, ReceiptSummary>
  /** Sessions of this profile that it did not confirm to their tips. */
  readonly unconfirmed: Set<SessionId>
  /** Sessions of which it signed more than it claims to hold. */
  readonly denied: Set<SessionId>
  confirmedAt: number
}

/** Returns the tip of a session that a peer claims; null before any claim. */
export type ClaimedTip = (session: SessionId) => number | null

/** Dependencies of StorageReplicas. */
export interface StorageReplicasOptions {
  readonly documentId: Uint8Array
  readonly local: LocalState
  readonly store: Store
  readonly clock: Clock
  readonly random: (size: number) => Uint8Array
  /** Returns the document's presence key; null without read access, where no edits are made. */
  readonly presenceKey: () => Uint8Array | null
}

/**
 * Computers that store the edits of this profile, by their signed and dated receipts. The receipts are stored, so
 * that the replicas are known while nobody is connected, and can be compared with what they signed. Rule W72.
 */
export class StorageReplicas {
  private readonly options: StorageReplicasOptions
  private readonly replicas = new Map<string, Replica>()
  /** Highest tip of each session in a receipt that is not denied. */
  private readonly confirmedTips = new Map<SessionId, number>()
  private readonly unwritten = new Map<string, Write>()
  /** Null until earlier records are loaded: no receipts are taken before. */
  private records: ReplicaRecords | null = null
  private readonly writing = new SerialQueue()
  private readonly writeSoon: Debounce
  private opening: Promise<void> | null = null

  constructor(options: StorageReplicasOptions) {
    this.options = options
    this.writeSoon = new Debounce(options.clock, () => this.flush())
  }

  /** Loads earlier records. Idempotent. Rejects when the store does. */
  open(): Promise<void> {
    this.opening ??= this.load()
    return this.opening
  }

  /** True if there is at least one replica. */
  get isNotEmpty(): boolean {
    return this.replicas.size > 0
  }

  /** All replicas, the newest receipt first. */
  get list(): StorageReplica[] {
    return [...this.replicas]
      .map(([key, { record, receipts, unconfirmed, denied, confirmedAt }]) => ({
        key,
        name: record.name,
        isKeeper: record.isKeeper,
        author: record.author.length > 0 ? record.author : null,
        coversMine: unconfirmed.size === 0,
        confirmedAt,
        deniedAt: earliest([...denied].map((session) => receipts.get(session)?.deniedAt ?? 0)),
      }))
      .sort((a, b) => b.confirmedAt - a.confirmedAt)
  }

  /**
   * Returns sessions of this profile of which the replica with that key claims more than it signed, `maxAsked` at
   * most, each with the tip that it signed.
   */
  unsigned(key: Uint8Array, claimed: ClaimedTip): Map<SessionId, number> {
    const { local } = this.options
    const found = new Map<SessionId, number>()
    if (!this.records) return found
    const replica = this.replicas.get(hex(key))
    for (const session of replica?.unconfirmed ?? local.ownSessions) {
      const claim = Math.min(claimed(session) ?? 0, local.durableTip(session))
      const receipt = replica?.receipts.get(session)
      if (isNews(receipt, claim)) found.set(session, confirmed(receipt))
      if (found.size === maxAsked) break
    }
    return found
  }

  /** Stores a receipt whose signature was checked; ignores one that does not concern this profile's edits. */
  takeReceipt(signer: Signer, receipt: SignedReceipt): void {
    const { local, clock } = this.options
    const { records } = this
    const { session, tip, mark } = receipt
    if (!records || !local.ownSessions.has(session) || tip > local.durableTip(session)) return
    if (local.differs(session, tip, mark)) return
    if (!isNews(this.replicas.get(hex(signer.proof.key))?.receipts.get(session), tip)) return
    const replica = this.replicaOf(signer, records)
    const { key } = replica.record
    const stored: StoredReceipt = {
      ...receipt,
      receivedAt: clock.now(),
      instance: Uint8Array.from(signer.instance),
      vouched: signer.proof.signature,
      approved: signer.author ? Uint8Array.from(signer.author.signature) : new Uint8Array(signatureSize),
    }
    replica.confirmedAt = stored.receivedAt
    this.write(records.receipt(key, stored))
    if (replica.denied.has(session)) this.write(records.noDenial(key, session))
    this.setReceipt(replica, session, { tip, receivedAt: stored.receivedAt, deniedAt: 0 })
  }

  /**
   * Takes the claims of the replica with that key: where it claims less than it signed, its receipt stays stored
   * but does not count until it signs as much again.
   */
  takeClaims(key: Uint8Array, claimed: ClaimedTip): void {
    const { local, clock } = this.options
    const replica = this.replicas.get(hex(key))
    const { records } = this
    if (!replica || !records) return
    for (const [session, receipt] of replica.receipts) {
      const claim = claimed(session)
      // In a session with two histories, a replica may lose a part without fault.
      if (claim === null || claim >= confirmed(receipt) || local.isForked(session)) continue
      const deniedAt = clock.now()
      this.write(records.denial(replica.record.key, session, deniedAt))
      this.setReceipt(replica, session, { ...receipt, deniedAt })
    }
  }

  /** Returns true if the replica with that key (null while unknown) confirmed all edits made in this profile. */
  covers(key: Uint8Array | null): boolean {
    const replica = key && this.replicas.get(hex(key))
    if (replica) return replica.unconfirmed.size === 0
    const { local } = this.options
    for (const session of local.ownSessions) if (local.acceptedTip(session) > 0) return false
    return true
  }

  /** True if edits made in this profile are stored nowhere else, as far as anyone confirmed. */
  get unshared(): boolean {
    return this.isUnshared(this.options.local.ownSessions)
  }

  /** The same for edits that were made in this run. */
  get newUnshared(): boolean {
    return this.isUnshared(this.options.local.newSessions)
  }

  private isUnshared(sessions: Iterable<SessionId>): boolean {
    for (const session of sessions)
      if ((this.confirmedTips.get(session) ?? 0) < this.options.local.acceptedTip(session)) return true
    return false
  }

  /** Handles a change of a session's durable tip. */
  onStored(session: SessionId): void {
    if (!this.options.local.ownSessions.has(session)) return
    for (const replica of this.replicas.values()) this.compare(replica, session)
  }

  /** Drops receipts past `after`, since that end of the session was discarded. */
  dropReceipts(session: SessionId, after: number): void {
    for (const replica of this.replicas.values()) {
      if ((replica.receipts.get(session)?.tip ?? 0) > after) this.dropReceipt(replica, session)
      this.compare(replica, session)
    }
  }

  /** Writes pending records. Resolves when they are durable, or the disk refused. */
  async close(): Promise<void> {
    this.flush()
    await this.writing.idle()
  }

  private async load(): Promise<void> {
    const { store, documentId, presenceKey, local } = this.options
    const key = presenceKey()
    if (!key) return
    const records = new ReplicaRecords(documentId, key)
    for (const { replica: record, receipts } of await records.load(store)) {
      // Replicas whose receipts were all dropped are skipped.
      if (receipts.size === 0) continue
      const replica = newReplica(record)
      this.replicas.set(hex(record.key), replica)
      for (const [session, receipt] of receipts) {
        replica.confirmedAt = Math.max(replica.confirmedAt, receipt.receivedAt)
        this.setReceipt(replica, session, receipt)
      }
    }
    this.records = records
    for (const session of local.ownSessions) this.onStored(session)
  }

  private replicaOf({ proof, name, isKeeper, author }: Signer, records: ReplicaRecords): Replica {
    const known = this.replicas.get(hex(proof.key))
    const record: ReplicaRecord = {
      key: proof.key,
      isKeeper,
      name: name || (known?.record.name ?? ''),
      author: author?.authorKey ?? known?.record.author ?? new Uint8Array(0),
    }
    if (known && known.record.name === name && sameBytes(known.record.author, record.author)) return known
    if (!known) this.makeRoom(records)
    const replica = known ?? newReplica(record)
    replica.record = record
    this.replicas.set(hex(proof.key), replica)
    if (!known) for (const session of this.options.local.ownSessions) this.compare(replica, session)
    this.write(records.replica(record, this.options.random(nonceSize)))
    return replica
  }

  /** Evicts the replica with the fewest receipts, and of several the one that signed longest ago. */
  private makeRoom(records: ReplicaRecords): void {
    if (this.replicas.size < maxReplicas) return
    const [key, least] = [...this.replicas].reduce((a, b) =>
      (b[1].receipts.size - a[1].receipts.size || b[1].confirmedAt - a[1].confirmedAt) < 0 ? b : a,
    )
    for (const session of [...least.receipts.keys()]) this.dropReceipt(least, session)
    this.write(records.noReplica(least.record.key))
    this.replicas.delete(key)
  }

  private setReceipt(replica: Replica, session: SessionId, receipt: ReceiptSummary): void {
    replica.receipts.set(session, receipt)
    this.updateConfirmedTip(session, confirmed(receipt))
    if (receipt.deniedAt > 0) replica.denied.add(session)
    else replica.denied.delete(session)
    this.compare(replica, session)
  }

  private dropReceipt(replica: Replica, session: SessionId): void {
    replica.receipts.delete(session)
    this.updateConfirmedTip(session, 0)
    replica.denied.delete(session)
    for (const write of this.records?.noReceipt(replica.record.key, session) ?? []) this.write(write)
  }

  /** Updates the confirmed tip of a session after one receipt of it changed to `tip`. */
  private updateConfirmedTip(session: SessionId, tip: number): void {
    let highest = tip
    if (tip < (this.confirmedTips.get(session) ?? 0))
      for (const { receipts } of this.replicas.values())
        highest = Math.max(highest, confirmed(receipts.get(session)))
    this.confirmedTips.set(session, highest)
  }

  private compare({ receipts, unconfirmed }: Replica, session: SessionId): void {
    const { local } = this.options
    if (confirmed(receipts.get(session)) < local.acceptedTip(session)) unconfirmed.add(session)
    else unconfirmed.delete(session)
  }

  private write(write: Write): void {
    this.unwritten.set(hex(write.key), write)
    this.writeSoon.signal(writeInterval)
  }

  private flush(): void {
    this.writeSoon.cancel()
    void this.writing.run(async () => {
      const writes = [...this.unwritten.values()]
      this.unwritten.clear()
      if (writes.length === 0) return
      try {
        await this.options.store.write(writes)
      } catch {
        // Written with the next ones, unless something newer is. If all are lost, replicas sign again.
        for (const write of writes)
          if (!this.unwritten.has(hex(write.key))) this.unwritten.set(hex(write.key), write)
      }
    })
  }
}

const newReplica = (record: ReplicaRecord): Replica => ({
  record,
  receipts: new Map(),
  unconfirmed: new Set(),
  denied: new Set(),
  confirmedAt: 0,
})

/** Returns the tip that a receipt confirms. */
const confirmed = (receipt: ReceiptSummary | undefined): number =>
  receipt && receipt.deniedAt === 0 ? receipt.tip : 0

/** Returns true if `tip` exceeds the signed one. A denied receipt is restored only by at least the tip it had. */
const isNews = (receipt: ReceiptSummary | undefined, tip: number): boolean =>
  receipt && receipt.deniedAt > 0 ? tip >= receipt.tip : tip > (receipt?.tip ?? 0)

const earliest = (times: readonly number[]): number | null =>
  times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b))
