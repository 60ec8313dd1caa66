import { fromHex, hex } from '../base/hex'
import { kdf } from '../keys/hash'
import { decodeTipProof, tipProofSize } from '../log/format/segment'
import { allTipsRange, sessionKey, sessionRange } from '../log/format/store-keys'
import type { SessionId, VersionVector } from '../log/format/version-vector'
import { ForwardingStore } from '../storage/forwarding-store'
import type { Range, Store, Write } from '../storage/store'
import { type Fact, StoreNotes } from './store-notes'

const tipKey = allTipsRange.gte[0]
const idSize = 32
/** The longest key of a record that is noted, in bytes: a letter and a document's id. */
const maxRecordKey = 1 + idSize

/**
 * A store that notes beside its database what must be found in it: how far each session is held, and which records of
 * some ranges exist. The notes are written after the database, so they may say less than it holds. Where they say
 * more, something was lost. Rule S20.
 */
export class NotedStore extends ForwardingStore {
  private readonly records: readonly Range[]
  private readonly noted: StoreNotes

  /**
   * `records`: the ranges of records to note, those with keys of at most 33 bytes. `random` makes nonces. Does no I/O.
   */
  constructor(inner: Store, options: { random: (size: number) => Buffer; records: readonly Range[] }) {
    super(inner)
    this.records = options.records
    this.noted = new StoreNotes(inner.notes, options.random)
  }

  /** Resolves to true if an earlier run left notes. */
  hasNotes(): Promise<boolean> {
    return this.noted.isThere()
  }

  /**
   * Reads the notes, which are sealed with a key that follows from `secret` (32 bytes). When the database holds less
   * than they say, and files lay beside it that it does not name, it is made again with these. Rejects with
   * STORE_DAMAGED or STORE_WRITE_FAILED.
   */
  async openNotes(secret: Uint8Array): Promise<void> {
    await this.noted.open(kdf(secret, 'storeNotes'))
    if (this.inner.hasUnknownFiles && (await this.isShort())) await this.inner.includeUnknownFiles()
  }

  /** Returns true if a record with this key is noted. */
  isNoted(key: Uint8Array): boolean {
    return this.noted.numberOf(key) > 0
  }

  /** Returns the keys of the noted records in a range. */
  notedIn(range: Range): Uint8Array[] {
    return [...this.noted.all()].flatMap(({ key }) => (isWithin(range, key) ? [key] : []))
  }

  /** Notes that records are gone from the database. */
  noteGone(keys: readonly Uint8Array[]): void {
    this.noted.note(keys.map((key) => ({ key, number: 0 })))
  }

  /** Returns up to which number the sessions of a document must be held. */
  tipsOf(documentId: Uint8Array): ReadonlyMap<SessionId, number> {
    const noted = this.noted.under(sessionRange('tip', documentId).gte)
    return new Map([...noted].map(([session, seq]) => [hex(Buffer.from(session, 'latin1')), seq]))
  }

  /** Notes what a document's log was found to hold, where that is more than is noted. */
  noteFound(documentId: Uint8Array, vector: VersionVector): void {
    const facts = [...vector].map(([session, { tip }]) => ({
      key: sessionKey('tip', documentId, fromHex(session)),
      number: tip,
    }))
    this.noted.note(facts.filter(({ key, number }) => number > this.noted.numberOf(key)))
  }

  override async write(writes: readonly Write[]): Promise<void> {
    const facts = writes.flatMap((write) => this.factOf(write) ?? [])
    const lower = facts.filter(({ key, number }) => number < this.noted.numberOf(key))
    if (lower.length > 0) {
      // Before the database holds less, so that the notes never say more than it ever held.
      this.noted.note(lower)
      await this.noted.idle()
    }
    await this.inner.write(writes)
    this.noted.note(facts)
  }

  override async close(): Promise<void> {
    await this.inner.close()
    await this.noted.close()
  }

  private async isShort(): Promise<boolean> {
    const held = new Map<string, number>()
    for (const range of [allTipsRange, ...this.records])
      for await (const [key, value] of this.inner.entries(range))
        held.set(hex(key), this.factOf({ key, value })?.number ?? 0)
    for (const { key, number } of this.noted.all()) if ((held.get(hex(key)) ?? 0) < number) return true
    return false
  }

  /** Returns the fact that holds of the database after a write; null for a write that needs no note. */
  private factOf({ key, value }: Write): Fact | null {
    if (key[0] === tipKey)
      return key.length === 1 + 2 * idSize ? { key, number: value ? seqIn(value) : 0 } : null
    const isRecord = key.length <= maxRecordKey && this.records.some((range) => isWithin(range, key))
    return isRecord ? { key, number: value ? 1 : 0 } : null
  }
}

const isWithin = ({ gte, lt }: Range, key: Uint8Array): boolean =>
  Buffer.compare(gte, key) <= 0 && Buffer.compare(key, lt) < 0

/** Returns the number that a tip ends at; 0 for a malformed value, as on a damaged disk. */
function seqIn(value: Uint8Array): number {
  try {
    return decodeTipProof(value.subarray(0, tipProofSize)).seqTo
  } catch {
    return 0
  }
}
