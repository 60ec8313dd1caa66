import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import type { Vault } from '../profile/vault'
import type { Store } from '../storage/store'
import { AllowedSites } from './allowed-sites'
import { ImportRecords } from './import-records'
import { JournalRecords } from './journal-records'
import { type LibraryEntry, readEntry, storedEntry } from './library-entry'
import { TextRecords } from './text-records'

/** Records that are read in one turn. */
const slice = 50

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

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
  private readonly kept = new Map<string, LibraryEntry>()
  /** Entries as they are on disk. */
  private readonly written = new Map<string, LibraryEntry>()
  /** Documents that were removed while other computers of the same person had them. */
  private readonly gone = new Set<string>()
  private unreadable = 0
  private found: ReadonlySet<string> = new Set()

  /** `forgetLog` deletes a removed document's log. Does no I/O. */
  constructor(options: {
    vault: Vault
    store: Store
    forgetLog: (documentId: Uint8Array) => Promise<void>
  }) {
    this.vault = options.vault
    this.store = options.store
    this.forgetLog = options.forgetLog
    this.journals = new JournalRecords(options)
    this.allowedSites = new AllowedSites(options.vault)
    this.imports = new ImportRecords(options)
    this.texts = new TextRecords(options)
  }

  /**
   * Reads all records, and deletes the documents that were removed before. Leaves a damaged record unchanged and
   * reads the others.
   */
  async open(): Promise<void> {
    const { records, damaged, ids } = await this.vault.all('document')
    this.unreadable = damaged
    this.found = ids
    for (const [place, record] of records.entries()) {
      // Deriving keys takes its time, and the program has more to do while it starts.
      if (place % slice === slice - 1) await nextTurn()
      const entry = readEntry(record)
      if (!entry) this.unreadable++
      // A document that the disk fails to delete is deleted at another start.
      else if (entry.removed) await this.forget(entry.keys.documentId).catch(() => undefined)
      else for (const map of [this.kept, this.written]) map.set(hex(entry.keys.documentId), entry)
    }
    for (const id of (await this.vault.all('gone')).records) if (typeof id === 'string') this.gone.add(id)
  }

  /** True for a removed document that other computers of the same person may still have. */
  isGone(id: string): boolean {
    return this.gone.has(id)
  }

  /** Notes a removal that other computers of the person must not undo; durable when it resolves. */
  async noteGone(id: string): Promise<void> {
    this.gone.add(id)
    await this.vault.write('gone', fromHex(id), id)
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
    return [...this.kept].filter(([, entry]) => !entry.removed)
  }

  /** Returns the entry of a document. Throws DOCUMENT_UNKNOWN. */
  entry(id: string): LibraryEntry {
    const entry = this.kept.get(id)
    if (!entry) throw new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'library' })
    return entry
  }

  /** Adds or replaces an entry; durable when it resolves, unchanged when it rejects. */
  async put(entry: LibraryEntry): Promise<void> {
    const id = hex(entry.keys.documentId)
    this.kept.set(id, entry)
    try {
      await this.vault.write('document', entry.keys.documentId, storedEntry(entry))
      this.written.set(id, entry)
    } catch (error) {
      // An entry that the disk refused is taken back, unless it was replaced since.
      if (this.kept.get(id) === entry) this.revert(id)
      throw error
    }
  }

  /** Changes an entry in memory; the next `put` of the document stores it. */
  note(entry: LibraryEntry): void {
    this.kept.set(hex(entry.keys.documentId), entry)
  }

  /** True if the entry of a document is not stored as it is. */
  isBehind(id: string): boolean {
    return this.kept.get(id) !== this.written.get(id)
  }

  private revert(id: string): void {
    const entry = this.written.get(id)
    if (entry) this.kept.set(id, entry)
    else this.kept.delete(id)
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
