import type { Clock, Timer } from '../../base/environment'
import { hex } from '../../base/hex'
import { sameBytes } from '../../keys/bytes'
import { nonceSize } from '../../keys/seal'
import { signatureSize } from '../../keys/signature'
import type { SessionId } from '../../log/format/version-vector'
import type { Store, Write } from '../../storage/store'
import type { Approval } from '../presence/presence'
import type { LocalState } from '../state/local-state'
import type { ReplicaProof } from './replica-proof'
import { type KeptReceipt, type NotedReceipt, type ReplicaRecord, ReplicaRecords } from './replica-records'
import { maxAsked, type SignedReceipt } from './signed-receipt'

/** Holders that are remembered of a document; of more, those that confirmed least are forgotten first. */
const maxHolders = 256
/** Receipts are written down at most this often, in ms. */
const writeInterval = 1_000

/** The signer of a receipt. */
export interface Signer {
  readonly word: ReplicaProof
  /** Public key of the instance that signs. */
  readonly instance: Uint8Array
  /** The name that it goes by. */
  readonly name: string
  readonly isKeeper: boolean
  /** The author who vouches for the instance, checked. */
  readonly author: Approval | null
}

/** A computer that confirmed, signed, that it stores edits of this profile. */
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

interface Holder {
  record: ReplicaRecord
  readonly receipts: Map<SessionId, NotedReceipt>
  /** Sessions of this profile that it did not confirm to their end. */
  readonly lacking: Set<SessionId>
  /** Sessions of which it signed more than it says it holds. */
  readonly denied: Set<SessionId>
  confirmedAt: number
}

/** Returns the tip up to which a peer claims to hold a session; null before any claim. */
export type Claimed = (session: SessionId) => number | null

/** Dependencies of `Holders`. */
export interface StorageReplicasOptions {
  readonly documentId: Uint8Array
  readonly holdings: LocalState
  readonly store: Store
  readonly clock: Clock
  readonly random: (size: number) => Uint8Array
  /** The document's presence key; null without read access, where there are no edits to hold. */
  readonly presenceKey: () => Uint8Array | null
}

/**
 * Computers that store the edits of this profile, by their signed and dated receipts. These are kept, so
 * that the holders are known while nobody is connected, and can be held to what they signed. Rule W72.
 */
export class StorageReplicas {
  private readonly options: StorageReplicasOptions
  private readonly holders = new Map<string, Holder>()
  /** Highest tip of each session in a receipt that is not denied. */
  private readonly reached = new Map<SessionId, number>()
  private readonly unwritten = new Map<string, Write>()
  /** Null until earlier records are loaded: no receipts are taken before. */
  private records: ReplicaRecords | null = null
  private timer: Timer | null = null
  private writing: Promise<void> = Promise.resolve()
  private opening: Promise<void> | null = null

  constructor(options: StorageReplicasOptions) {
    this.options = options
  }

  /** Loads earlier records. Idempotent. Rejects when the store does. */
  open(): Promise<void> {
    this.opening ??= this.load()
    return this.opening
  }

  /** True if there is at least one holder. */
  get some(): boolean {
    return this.holders.size > 0
  }

  /** All holders, the newest receipt first. */
  get list(): StorageReplica[] {
    return [...this.holders]
      .map(([key, { record, receipts, lacking, denied, confirmedAt }]) => ({
        key,
        name: record.name,
        isKeeper: record.isKeeper,
        author: record.author.length > 0 ? record.author : null,
        coversMine: lacking.size === 0,
        confirmedAt,
        deniedAt: earliest([...denied].map((session) => receipts.get(session)?.deniedAt ?? 0)),
      }))
      .sort((a, b) => b.confirmedAt - a.confirmedAt)
  }

  /**
   * Returns sessions of this profile of which a holder claims more than it signed, `maxAsked` at most, each
   * with the tip that it signed.
   */
  unsigned(key: Uint8Array, claimed: Claimed): Map<SessionId, number> {
    const { holdings } = this.options
    const found = new Map<SessionId, number>()
    if (!this.records) return found
    const holder = this.holders.get(hex(key))
    for (const session of holder?.lacking ?? holdings.own) {
      const claim = Math.min(claimed(session) ?? 0, holdings.durableTip(session))
      const receipt = holder?.receipts.get(session)
      if (isNews(receipt, claim)) found.set(session, confirmed(receipt))
      if (found.size === maxAsked) break
    }
    return found
  }

  /** Stores a receipt whose signature was checked; ignores one that does not concern this profile's edits. */
  take(signer: Signer, receipt: SignedReceipt): void {
    const { holdings, clock } = this.options
    const { records } = this
    const { session, tip, mark } = receipt
    if (!records || !holdings.own.has(session) || tip > holdings.durableTip(session)) return
    if (holdings.differs(session, tip, mark)) return
    if (!isNews(this.holders.get(hex(signer.word.key))?.receipts.get(session), tip)) return
    const holder = this.holderOf(signer, records)
    const { key } = holder.record
    const kept: KeptReceipt = {
      ...receipt,
      receivedAt: clock.now(),
      instance: Uint8Array.from(signer.instance),
      vouched: signer.word.signature,
      approved: signer.author ? Uint8Array.from(signer.author.signature) : new Uint8Array(signatureSize),
    }
    holder.confirmedAt = kept.receivedAt
    this.write(records.receipt(key, kept))
    if (holder.denied.has(session)) this.write(records.noDenial(key, session))
    this.note(holder, session, { tip, receivedAt: kept.receivedAt, deniedAt: 0 })
  }

  /**
   * Takes a holder's claims: where it claims less than it signed, its receipt is kept but does not count
   * until it signs as much again.
   */
  hear(key: Uint8Array, claimed: Claimed): void {
    const { holdings, clock } = this.options
    const holder = this.holders.get(hex(key))
    const { records } = this
    if (!holder || !records) return
    for (const [session, receipt] of holder.receipts) {
      const claim = claimed(session)
      // In a session with two histories, a holder may hold less than before without fault.
      if (claim === null || claim >= confirmed(receipt) || holdings.isForked(session)) continue
      const deniedAt = clock.now()
      this.write(records.denial(holder.record.key, session, deniedAt))
      this.note(holder, session, { ...receipt, deniedAt })
    }
  }

  /** Returns true if a holder (its key; null while unknown) confirmed all edits made in this profile. */
  covers(key: Uint8Array | null): boolean {
    const holder = key && this.holders.get(hex(key))
    if (holder) return holder.lacking.size === 0
    const { holdings } = this.options
    for (const session of holdings.own) if (holdings.acceptedTip(session) > 0) return false
    return true
  }

  /** Edits made in this profile are stored nowhere else, as far as anyone confirmed. */
  get unshared(): boolean {
    return this.lacks(this.options.holdings.own)
  }

  /** The same for edits that were made in this run. */
  get newUnshared(): boolean {
    return this.lacks(this.options.holdings.ownNew)
  }

  private lacks(sessions: Iterable<SessionId>): boolean {
    for (const session of sessions)
      if ((this.reached.get(session) ?? 0) < this.options.holdings.acceptedTip(session)) return true
    return false
  }

  /** More of a session became durable here, or less is held. */
  stored(session: SessionId): void {
    if (!this.options.holdings.own.has(session)) return
    for (const holder of this.holders.values()) this.compare(holder, session)
  }

  /** Drops receipts past `after`, since that end of the session was discarded. */
  cut(session: SessionId, after: number): void {
    for (const holder of this.holders.values()) {
      if ((holder.receipts.get(session)?.tip ?? 0) > after) this.forget(holder, session)
      this.compare(holder, session)
    }
  }

  /** Writes pending records. Resolves when they are durable, or the disk refused. */
  async close(): Promise<void> {
    this.flush()
    await this.writing
  }

  private async load(): Promise<void> {
    const { store, documentId, presenceKey, holdings } = this.options
    const key = presenceKey()
    if (!key) return
    const records = new ReplicaRecords(documentId, key)
    for (const { holder: record, receipts } of await records.load(store)) {
      // Holders whose receipts were all dropped are skipped.
      if (receipts.size === 0) continue
      const holder = newHolder(record)
      this.holders.set(hex(record.key), holder)
      for (const [session, receipt] of receipts) {
        holder.confirmedAt = Math.max(holder.confirmedAt, receipt.receivedAt)
        this.note(holder, session, receipt)
      }
    }
    this.records = records
    for (const session of holdings.own) this.stored(session)
  }

  private holderOf({ word, name, isKeeper, author }: Signer, records: ReplicaRecords): Holder {
    const known = this.holders.get(hex(word.key))
    const record: ReplicaRecord = {
      key: word.key,
      isKeeper,
      name: name || (known?.record.name ?? ''),
      author: author?.authorKey ?? known?.record.author ?? new Uint8Array(0),
    }
    if (known && known.record.name === name && sameBytes(known.record.author, record.author)) return known
    if (!known) this.makeRoom(records)
    const holder = known ?? newHolder(record)
    holder.record = record
    this.holders.set(hex(word.key), holder)
    if (!known) for (const session of this.options.holdings.own) this.compare(holder, session)
    this.write(records.holder(record, this.options.random(nonceSize)))
    return holder
  }

  /** Makes room: evicts the holder with the fewest receipts, among equals the one that signed longest ago. */
  private makeRoom(records: ReplicaRecords): void {
    if (this.holders.size < maxHolders) return
    const [key, least] = [...this.holders].reduce((a, b) =>
      (b[1].receipts.size - a[1].receipts.size || b[1].confirmedAt - a[1].confirmedAt) < 0 ? b : a,
    )
    for (const session of [...least.receipts.keys()]) this.forget(least, session)
    this.write(records.noHolder(least.record.key))
    this.holders.delete(key)
  }

  private note(holder: Holder, session: SessionId, receipt: NotedReceipt): void {
    holder.receipts.set(session, receipt)
    this.reach(session, confirmed(receipt))
    if (receipt.deniedAt > 0) holder.denied.add(session)
    else holder.denied.delete(session)
    this.compare(holder, session)
  }

  private forget(holder: Holder, session: SessionId): void {
    holder.receipts.delete(session)
    this.reach(session, 0)
    holder.denied.delete(session)
    for (const write of this.records?.none(holder.record.key, session) ?? []) this.write(write)
  }

  /** Notes up to where a session is confirmed, after one receipt of it changed to `tip`. */
  private reach(session: SessionId, tip: number): void {
    let reached = tip
    if (tip < (this.reached.get(session) ?? 0))
      for (const { receipts } of this.holders.values())
        reached = Math.max(reached, confirmed(receipts.get(session)))
    this.reached.set(session, reached)
  }

  private compare({ receipts, lacking }: Holder, session: SessionId): void {
    const { holdings } = this.options
    if (confirmed(receipts.get(session)) < holdings.acceptedTip(session)) lacking.add(session)
    else lacking.delete(session)
  }

  private write(write: Write): void {
    this.unwritten.set(hex(write.key), write)
    this.timer ??= this.options.clock.set(writeInterval, () => this.flush())
  }

  private flush(): void {
    if (this.timer) this.options.clock.clear(this.timer)
    this.timer = null
    this.writing = this.writing.then(async () => {
      const writes = [...this.unwritten.values()]
      this.unwritten.clear()
      if (writes.length === 0) return
      try {
        await this.options.store.write(writes)
      } catch {
        // Goes with the next ones, unless something newer does. If all are lost, holders sign again.
        for (const write of writes)
          if (!this.unwritten.has(hex(write.key))) this.unwritten.set(hex(write.key), write)
      }
    })
  }
}

const newHolder = (record: ReplicaRecord): Holder => ({
  record,
  receipts: new Map(),
  lacking: new Set(),
  denied: new Set(),
  confirmedAt: 0,
})

/** Up to where a receipt counts. */
const confirmed = (receipt: NotedReceipt | undefined): number =>
  receipt && receipt.deniedAt === 0 ? receipt.tip : 0

/** True if `tip` exceeds the signed one. A denied receipt is restored only by at least the tip it had. */
const isNews = (receipt: NotedReceipt | undefined, tip: number): boolean =>
  receipt && receipt.deniedAt > 0 ? tip >= receipt.tip : tip > (receipt?.tip ?? 0)

const earliest = (times: readonly number[]): number | null =>
  times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b))
