import type { Clock, Timer } from '../environment'
import { hex } from '../hex'
import { sameBytes } from '../keys/bytes'
import { signatureSize } from '../keys/signature'
import type { SessionId } from '../log/version-vector'
import type { Store, Write } from '../storage/store'
import { type HolderRecord, holderWrite, type KeptReceipt, loadHolders, receiptWrite } from './holder-records'
import type { HolderWord } from './holder-word'
import type { Holdings } from './holdings'
import type { Approval } from './presence'
import { maxAsked, type SignedReceipt } from './signed-receipt'

/** Holders that are remembered of a document; of more, those not heard of for longest are forgotten first. */
const maxHolders = 256
/** Receipts are written down at most this often, in ms. */
const writeInterval = 1_000

/** Who gave a receipt. */
export interface Signer {
  readonly word: HolderWord
  /** Public key of the instance that signs. */
  readonly instance: Uint8Array
  /** The name that it goes by. */
  readonly name: string
  readonly isKeeper: boolean
  /** The author who vouches for the instance, checked. */
  readonly author: Approval | null
}

/** A computer that confirmed, signed, that it stores edits of this profile. */
export interface HolderState {
  /** Hex. */
  readonly key: string
  readonly name: string
  readonly isKeeper: boolean
  /** The author who vouched for it; null for none. */
  readonly author: Uint8Array | null
  /** It confirmed all that was made in this profile. */
  readonly coversMine: boolean
  /** When its last receipt came, in ms since the Unix epoch. */
  readonly confirmedAt: number
  /** Since when it says that it holds less than it had signed; null for one that keeps its word. */
  readonly deniedAt: number | null
}

interface Holder {
  readonly index: number
  record: HolderRecord
  readonly receipts: Map<SessionId, KeptReceipt>
  /** Sessions of this profile that it did not confirm to their end. */
  readonly lacking: Set<SessionId>
  confirmedAt: number
}

/**
 * Which computers store the edits of this profile, by their own signed and dated word, which is kept: that who has
 * them is known when nobody is there, and that one who lost or never had them can be shown his word. Rule W72.
 */
export class Holders {
  private readonly options: {
    documentId: Uint8Array
    holdings: Holdings
    store: Store
    clock: Clock
    random: (size: number) => Uint8Array
    /** Seals what is noted; null for who cannot read, and so has no edits that anyone could hold. */
    sealKey: () => Uint8Array | null
  }
  private readonly holders = new Map<string, Holder>()
  private readonly unwritten = new Map<string, Write>()
  private timer: Timer | null = null
  private writing: Promise<void> = Promise.resolve()
  private opening: Promise<void> | null = null
  /** What was noted before is known: until then nothing new is asked for. */
  private ready = false

  constructor(options: Holders['options']) {
    this.options = options
  }

  /** Reads what was noted before. Idempotent. Rejects when the store does. */
  open(): Promise<void> {
    this.opening ??= this.load()
    return this.opening
  }

  /** All of them, the newest word first. */
  get list(): HolderState[] {
    return [...this.holders]
      .map(([key, { record, receipts, lacking, confirmedAt }]) => ({
        key,
        name: record.name,
        isKeeper: record.isKeeper,
        author: record.author.length > 0 ? record.author : null,
        coversMine: lacking.size === 0,
        confirmedAt,
        deniedAt: deniedSince(receipts),
      }))
      .sort((a, b) => b.confirmedAt - a.confirmedAt)
  }

  /**
   * Sessions of this profile of which a holder says that it has more than it signed, `maxAsked` at most; `claimed`
   * gives up to where it says that it has one.
   */
  unsigned(key: Uint8Array, claimed: (session: SessionId) => number): SessionId[] {
    const { holdings } = this.options
    if (!this.ready) return []
    const holder = this.holders.get(hex(key))
    const found: SessionId[] = []
    for (const session of holder?.lacking ?? holdings.own) {
      const claim = Math.min(claimed(session), holdings.durableTip(session))
      if (claim > confirmed(holder?.receipts.get(session))) found.push(session)
      if (found.length === maxAsked) break
    }
    return found
  }

  /** Keeps a receipt whose signature was checked; one that says nothing of this profile's edits is passed over. */
  take(signer: Signer, receipt: SignedReceipt): void {
    const { holdings, clock } = this.options
    const { session, tip, mark } = receipt
    if (!this.ready || !holdings.own.has(session) || tip > holdings.durableTip(session)) return
    if (holdings.differs(session, tip, mark)) return
    const holder = this.holderOf(signer)
    if (tip <= confirmed(holder.receipts.get(session))) return
    const { session: _session, ...rest } = receipt
    const kept = {
      ...rest,
      receivedAt: clock.now(),
      deniedAt: 0,
      instance: Uint8Array.from(signer.instance),
      vouched: signer.word.signature,
      approved: signer.author ? Uint8Array.from(signer.author.signature) : new Uint8Array(signatureSize),
    }
    holder.confirmedAt = kept.receivedAt
    this.keep(holder, session, kept)
  }

  /**
   * A holder said all that it holds, which `claimed` gives: where that is less than it had signed, its word is kept
   * and does not count until it signs again. Returns the sessions that this concerns.
   */
  hear(key: Uint8Array, claimed: (session: SessionId) => number): SessionId[] {
    const { holdings, clock } = this.options
    const holder = this.holders.get(hex(key))
    if (!holder) return []
    const denied = [...holder.receipts].filter(
      // Of a session with two histories less may be held than before, and nobody is at fault.
      ([session, receipt]) => claimed(session) < confirmed(receipt) && !holdings.isForked(session),
    )
    for (const [session, receipt] of denied) this.keep(holder, session, { ...receipt, deniedAt: clock.now() })
    return denied.map(([session]) => session)
  }

  /** Up to where anyone confirmed a session who stands by it. */
  reach(session: SessionId): number {
    let reach = 0
    for (const { receipts } of this.holders.values())
      reach = Math.max(reach, confirmed(receipts.get(session)))
    return reach
  }

  /** More of a session became durable here. */
  stored(session: SessionId): void {
    if (!this.options.holdings.own.has(session)) return
    for (const holder of this.holders.values()) this.compare(holder, session)
  }

  /** The end of a session was given up, all past `after`: what was signed of that speaks of nothing any more. */
  cut(session: SessionId, after: number): void {
    for (const holder of this.holders.values()) {
      if ((holder.receipts.get(session)?.tip ?? 0) > after) this.keep(holder, session, null)
      else this.compare(holder, session)
    }
  }

  /** Writes down what is not written. Resolves when it is durable, or the disk refused. */
  async close(): Promise<void> {
    this.flush()
    await this.writing
  }

  private async load(): Promise<void> {
    const { store, documentId, sealKey, holdings } = this.options
    const key = sealKey()
    if (!key) return
    for (const [index, { holder: record, receipts }] of await loadHolders(store, documentId, key)) {
      const confirmedAt = [...receipts.values()].reduce(
        (last, { receivedAt }) => Math.max(last, receivedAt),
        0,
      )
      const lacking = new Set<SessionId>()
      this.holders.set(hex(record.key), { index, record, receipts, lacking, confirmedAt })
    }
    this.ready = true
    for (const session of holdings.own) this.stored(session)
  }

  private holderOf({ word, name, isKeeper, author }: Signer): Holder {
    const key = hex(word.key)
    const known = this.holders.get(key)
    const record: HolderRecord = {
      key: word.key,
      isKeeper,
      name: name || (known?.record.name ?? ''),
      author: author?.authorKey ?? known?.record.author ?? new Uint8Array(0),
    }
    if (known) {
      const same = known.record.name === record.name && sameBytes(known.record.author, record.author)
      known.record = record
      if (!same) this.writeHolder(known)
      return known
    }
    const lacking = new Set(this.options.holdings.own)
    const holder = { index: this.freeIndex(), record, receipts: new Map(), lacking, confirmedAt: 0 }
    this.holders.set(key, holder)
    this.writeHolder(holder)
    return holder
  }

  /** A number that no holder is noted under, at the cost of the one not heard of for longest. */
  private freeIndex(): number {
    if (this.holders.size >= maxHolders) {
      const [key, oldest] = [...this.holders].reduce((a, b) => (b[1].confirmedAt < a[1].confirmedAt ? b : a))
      this.holders.delete(key)
      for (const session of oldest.receipts.keys())
        this.write(receiptWrite(this.options.documentId, oldest.index, session, null))
    }
    const taken = new Set([...this.holders.values()].map(({ index }) => index))
    let index = 0
    while (taken.has(index)) index++
    return index
  }

  private keep(holder: Holder, session: SessionId, receipt: KeptReceipt | null): void {
    if (receipt) holder.receipts.set(session, receipt)
    else holder.receipts.delete(session)
    this.compare(holder, session)
    this.write(receiptWrite(this.options.documentId, holder.index, session, receipt))
  }

  private compare({ receipts, lacking }: Holder, session: SessionId): void {
    const { holdings } = this.options
    if (confirmed(receipts.get(session)) < holdings.acceptedTip(session)) lacking.add(session)
    else lacking.delete(session)
  }

  private writeHolder({ index, record }: Holder): void {
    const { documentId, random, sealKey } = this.options
    const key = sealKey()
    if (key) this.write(holderWrite({ documentId, index, holder: record, sealKey: key, random }))
  }

  private write(write: Write): void {
    this.unwritten.set(hex(write.key), write)
    this.timer ??= this.options.clock.set(writeInterval, () => this.flush())
  }

  private flush(): void {
    if (this.timer) this.options.clock.clear(this.timer)
    this.timer = null
    const writes = [...this.unwritten.values()]
    this.unwritten.clear()
    if (writes.length === 0) return
    this.writing = this.writing
      .then(() => this.options.store.write(writes))
      // Goes with the next ones, unless something newer does. If all are lost, holders sign again.
      .catch(() => {
        for (const write of writes)
          if (!this.unwritten.has(hex(write.key))) this.unwritten.set(hex(write.key), write)
      })
  }
}

/** Up to where a receipt counts. */
const confirmed = (receipt: KeptReceipt | undefined): number =>
  receipt && receipt.deniedAt === 0 ? receipt.tip : 0

/** When the first of the receipts that do not count was denied; null where all do. */
function deniedSince(receipts: ReadonlyMap<SessionId, KeptReceipt>): number | null {
  let since: number | null = null
  for (const { deniedAt } of receipts.values())
    if (deniedAt > 0) since = Math.min(since ?? deniedAt, deniedAt)
  return since
}
