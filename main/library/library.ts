import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { nextTurn } from '../base/next-turn'
import { SerialQueue } from '../base/serial-queue'
import type { Vault } from '../profile/vault'
import type { Store, Write } from '../storage/store'
import { AllowedSites } from './allowed-sites'
import { ImportRecords } from './import-records'
import { JournalRecords } from './journal-records'
import { type LibraryEntry, readEntry, storedEntry } from './library-entry'
import { isOver } from './removal'
import { TextRecords } from './text-records'

/** Records that are read or sealed in one turn. */
const slice = 50

/** The documents of a profile, with their keys. Sealed on disk. */
export class Library {
  /** Local edits of documents that are in no segment yet. */
  readonly journals: JournalRecords
  /** Sites that links of documents lead to without a question. */
  readonly allowedSites: AllowedSites
  /** Files of folders that were imported. */
  readonly imports: ImportRecords
  /** The texts of documents last seen. */
  readonly texts: TextRecords
  private readonly vault: Vault
  private readonly store: Store
  private readonly forgetLog: (documentId: Uint8Array) => Promise<void>
  private readonly onChange: (id: string) => void
  private readonly kept = new Map<string, LibraryEntry>()
  /** Entries as they are on disk. */
  private readonly written = new Map<string, LibraryEntry>()
  /** One after the other, so that of two entries of a document the later one is written last. */
  private readonly sealing = new SerialQueue()
  private readonly deleting = new Map<string, Promise<void>>()
  private unreadable = 0
  private found: ReadonlySet<string> = new Set()

  /**
   * `forgetLog` deletes a removed document's log. `onChange` is called when the entry of a document changed. Does no
   * I/O.
   */
  constructor(options: {
    vault: Vault
    store: Store
    forgetLog: (documentId: Uint8Array) => Promise<void>
    onChange?: (id: string) => void
  }) {
    this.vault = options.vault
    this.store = options.store
    this.forgetLog = options.forgetLog
    this.onChange = options.onChange ?? (() => undefined)
    this.journals = new JournalRecords(options)
    this.allowedSites = new AllowedSites(options.vault)
    this.imports = new ImportRecords(options)
    this.texts = new TextRecords(options)
  }

  /**
   * Reads all records `now` (ms since the Unix epoch), also of documents whose time to be restored is over. Leaves a
   * damaged record unchanged and reads the others.
   */
  async open(now: number): Promise<void> {
    const { records, damaged, ids } = await this.vault.all('document')
    this.unreadable = damaged
    this.found = ids
    let place = 0
    for (const [id, record] of records) {
      // The program has more to do while it starts.
      if (place++ % slice === slice - 1) await nextTurn()
      const entry = readEntry(record, now, fromHex(id))
      if (!entry) this.unreadable++
      else for (const map of [this.kept, this.written]) map.set(id, entry)
    }
  }

  /** Ids (hex) of the documents that had a record at the start, readable or not. */
  get recorded(): ReadonlySet<string> {
    return this.found
  }

  /** Number of documents whose records could not be read. */
  get damaged(): number {
    return this.unreadable
  }

  /** All documents by id, removed ones included. */
  get entries(): ReadonlyMap<string, LibraryEntry> {
    return this.kept
  }

  /** All that were not removed. */
  get shown(): [id: string, entry: LibraryEntry][] {
    return [...this.kept].filter(([, { removedAt }]) => removedAt === null)
  }

  /** Returns the entry of a document. Throws DOCUMENT_UNKNOWN. */
  entry(id: string): LibraryEntry {
    const entry = this.kept.get(id)
    if (!entry) throw unknownDocument()
    return entry
  }

  /** Adds or replaces an entry; durable when it resolves, unchanged when it rejects. */
  put(entry: LibraryEntry): Promise<void> {
    return this.putAll([entry])
  }

  /**
   * Adds or replaces entries, all or none of them; durable when it resolves, unchanged when it rejects. `write` writes
   * them, with whatever else belongs into one batch with them.
   */
  async putAll(
    entries: readonly LibraryEntry[],
    write: (writes: readonly Write[]) => Promise<void> = (writes) => this.store.write(writes),
  ): Promise<void> {
    const named = entries.map((entry) => ({ id: hex(entry.keys.documentId), entry }))
    for (const { id, entry } of named) this.kept.set(id, entry)
    try {
      const begun = await this.sealing.run(async () => ({ written: write(await this.seal(entries)) }))
      await begun.written
      for (const { id, entry } of named) {
        this.written.set(id, entry)
        this.onChange(id)
      }
    } catch (error) {
      // An entry that the disk refused is taken back, unless it was replaced since.
      for (const { id, entry } of named) if (this.kept.get(id) === entry) this.revert(id)
      throw error
    }
  }

  /**
   * Deletes the documents whose time to be restored is over `now` (ms since the Unix epoch), with all that is stored of
   * them; resolves to true if there were any. Rejects with STORE_WRITE_FAILED; the next call goes on, as it does where
   * this ended because `isStopped`.
   */
  async deleteOld(now: number, isStopped = () => false): Promise<boolean> {
    const old = [...this.kept.keys()].filter((id) => !this.deleting.has(id) && isOver(this.entry(id), now))
    for (const id of old) {
      if (isStopped()) break
      // Restored while others were deleted.
      if (!isOver(this.entry(id), now)) continue
      const done = this.delete(id).finally(() => this.deleting.delete(id))
      this.deleting.set(id, done)
      await done
    }
    return old.length > 0
  }

  /** Resolves when a document is not being deleted: until then its entry must not change. Never rejects. */
  async deleted(id: string): Promise<void> {
    await this.deleting.get(id)?.catch(() => undefined)
  }

  private async delete(id: string): Promise<void> {
    await this.forget(this.entry(id).keys.documentId)
    for (const map of [this.kept, this.written]) map.delete(id)
  }

  /** Changes an entry in memory; the next `put` of the document stores it. */
  note(entry: LibraryEntry): void {
    const id = hex(entry.keys.documentId)
    this.kept.set(id, entry)
    this.onChange(id)
  }

  /** True if the entry of a document is not stored as it is. */
  isBehind(id: string): boolean {
    return this.kept.get(id) !== this.written.get(id)
  }

  /** Seals some in each turn: thousands take long. */
  private async seal(entries: readonly LibraryEntry[]): Promise<Write[]> {
    const writes: Write[] = []
    for (const entry of entries) {
      if (writes.length % slice === slice - 1) await nextTurn()
      writes.push(this.vault.sealed('document', entry.keys.documentId, storedEntry(entry)))
    }
    return writes
  }

  private revert(id: string): void {
    const entry = this.written.get(id)
    if (entry) this.kept.set(id, entry)
    else this.kept.delete(id)
    this.onChange(id)
  }

  private async forget(documentId: Uint8Array): Promise<void> {
    await this.forgetLog(documentId)
    await this.journals.forget(documentId)
    await this.store.write([
      this.vault.removal('document', documentId),
      ...(await this.texts.removals(documentId)),
      this.vault.removal('place', documentId),
      this.vault.removal('sites', documentId),
    ])
  }
}

/** Returns the error for a document that the library does not show. */
export const unknownDocument = (): SwarmpadError => new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'library' })
