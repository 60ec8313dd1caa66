import { fromHex, hex } from '../base/hex'
import { kdf } from '../keys/hash'
import { decodeTipProof, tipProofSize } from '../log/format/segment'
import { allTipsRange, sessionKey, sessionRange } from '../log/format/store-keys'
import type { SessionId, VersionVector } from '../log/format/version-vector'
import { vaultKinds, vaultRange } from '../profile/vault'
import type { NotesFile, Range, Store, Write } from '../storage/store'
import { type Fact, StoreNotes } from './store-notes'

const tipKey = allTipsRange.gte[0]
const recordKinds = ['profile', 'document', 'journal'] as const
const recordKeys = recordKinds.map((kind) => vaultKinds[kind].charCodeAt(0))
const idSize = 32

/**
 * A store that notes beside its database what must be found in it: how far each session is held, and that there is a
 * record of the person, of each document, and of own edits that are in no segment. The notes are written after the
 * database, so they may say less than it holds. Where they say more, something was lost. Rule S20.
 */
export class NotedStore implements Store {
  private readonly inner: Store
  private readonly noted: StoreNotes

  /** `random` makes nonces. Does no I/O. */
  constructor(inner: Store, random: (size: number) => Buffer) {
    this.inner = inner
    this.noted = new StoreNotes(inner.notes, random)
  }

  open(): Promise<void> {
    return this.inner.open()
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

  /** True if a record of the person is noted. */
  get hadPerson(): boolean {
    return this.noted.numberOf(Buffer.from(vaultKinds.profile)) > 0
  }

  /** The documents (hex) of which a record is noted and not among those that are `found`. Notes that they are lost. */
  takeLost(found: ReadonlySet<string>): string[] {
    const lost: Fact[] = []
    for (const { key } of this.noted.all())
      if (key[0] === vaultKinds.document.charCodeAt(0) && !found.has(hex(key.subarray(1))))
        lost.push({ key, number: 0 })
    this.noted.note(lost)
    return lost.map(({ key }) => hex(key.subarray(1)))
  }

  /** True if own edits of a document (its id in hex) must be found in a record of their own. */
  hasJournal(id: string): boolean {
    return this.noted.numberOf(journalKey(id)) > 0
  }

  /** Notes that the record of a document's own edits is lost. */
  takeLostJournal(id: string): void {
    this.noted.note([{ key: journalKey(id), number: 0 }])
  }

  /** Up to which number the sessions of a document must be held. */
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

  get isSuspect(): boolean {
    return this.inner.isSuspect
  }

  noteLookedThrough(): Promise<void> {
    return this.inner.noteLookedThrough()
  }

  get notes(): NotesFile {
    return this.inner.notes
  }

  get hasUnknownFiles(): boolean {
    return this.inner.hasUnknownFiles
  }

  includeUnknownFiles(): Promise<void> {
    return this.inner.includeUnknownFiles()
  }

  deleteUnknownFiles(): Promise<void> {
    return this.inner.deleteUnknownFiles()
  }

  get(key: Uint8Array): Promise<Uint8Array | null> {
    return this.inner.get(key)
  }

  entries(range: Range): AsyncIterable<[key: Uint8Array, value: Uint8Array]> {
    return this.inner.entries(range)
  }

  async write(writes: readonly Write[]): Promise<void> {
    const facts = writes.flatMap((write) => factOf(write) ?? [])
    const lower = facts.filter(({ key, number }) => number < this.noted.numberOf(key))
    if (lower.length > 0) {
      // Before the database holds less, so that the notes never say more than it ever held.
      this.noted.note(lower)
      await this.noted.idle()
    }
    await this.inner.write(writes)
    this.noted.note(facts)
  }

  compact(range: Range): Promise<void> {
    return this.inner.compact(range)
  }

  async close(): Promise<void> {
    await this.inner.close()
    await this.noted.close()
  }

  private async isShort(): Promise<boolean> {
    const held = new Map<string, number>()
    for (const range of [allTipsRange, ...recordKinds.map(vaultRange)])
      for await (const [key, value] of this.inner.entries(range))
        held.set(hex(key), factOf({ key, value })?.number ?? 0)
    for (const { key, number } of this.noted.all()) if ((held.get(hex(key)) ?? 0) < number) return true
    return false
  }
}

const journalKey = (id: string): Buffer => Buffer.concat([Buffer.from(vaultKinds.journal), fromHex(id)])

/** Returns the fact that holds of the database after a write; null for a write that needs no note. */
function factOf({ key, value }: Write): Fact | null {
  const [kind] = key
  if (kind !== undefined && recordKeys.includes(kind) && key.length <= 1 + idSize)
    return { key, number: value ? 1 : 0 }
  if (kind !== tipKey || key.length !== 1 + 2 * idSize) return null
  return { key, number: value ? seqIn(value) : 0 }
}

/** Returns the number that a tip ends at; 0 for a malformed value, as on a damaged disk. */
function seqIn(value: Uint8Array): number {
  try {
    return decodeTipProof(value.subarray(0, tipProofSize)).seqTo
  } catch {
    return 0
  }
}
