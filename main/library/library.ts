import { hasCode, SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import type { Vault } from '../profile/vault'
import type { Store } from '../storage/store'
import { JournalRecords } from './journal-records'
import { type LibraryEntry, readEntry, storedEntry } from './library-entry'

/** The documents that a profile keeps, with their keys. Sealed on disk. */
export class Library {
  /** Own edits of documents that are in no segment yet. */
  readonly journals: JournalRecords
  private readonly vault: Vault
  private readonly store: Store
  private readonly forgetLog: (documentId: Uint8Array) => Promise<void>
  private readonly kept = new Map<string, LibraryEntry>()
  /** As they are on disk. */
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
  }

  /**
   * Reads all records, and forgets what was removed before. One that is damaged is left as it is, and keeps
   * no other from being read.
   */
  async open(): Promise<void> {
    const { records, damaged, ids } = await this.vault.all('document')
    this.unreadable = damaged
    this.found = ids
    for (const record of records) {
      const entry = readEntry(record)
      if (!entry) this.unreadable++
      // A removed document that the disk fails to delete now is forgotten at another start.
      else if (entry.removed) await this.forget(entry.keys.documentId).catch(() => undefined)
      else for (const map of [this.kept, this.written]) map.set(hex(entry.keys.documentId), entry)
    }
    for (const id of (await this.vault.all('gone')).records) if (typeof id === 'string') this.gone.add(id)
  }

  /** True for a removed document that other computers of the same person may still have. */
  isGone(id: string): boolean {
    return this.gone.has(id)
  }

  /** Notes such a removal; durable when it resolves. */
  async noteGone(id: string): Promise<void> {
    this.gone.add(id)
    await this.vault.write('gone', fromHex(id), id)
  }

  /** The documents (hex) of which there was a record at the start, readable or not. */
  get recorded(): ReadonlySet<string> {
    return this.found
  }

  /** How many documents' records could not be read. */
  get damaged(): number {
    return this.unreadable
  }

  /** All documents, removed ones included, by id. */
  get entries(): ReadonlyMap<string, LibraryEntry> {
    return this.kept
  }

  /** All that were not removed. */
  get shown(): [id: string, entry: LibraryEntry][] {
    return [...this.kept].filter(([, entry]) => !entry.removed)
  }

  /** The document. Throws DOCUMENT_UNKNOWN. */
  entry(id: string): LibraryEntry {
    const entry = this.kept.get(id)
    if (!entry) throw new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'library' })
    return entry
  }

  /** Keeps a document or changes what is kept of it; durable when it resolves, as before when it rejects. */
  async put(entry: LibraryEntry): Promise<void> {
    const id = hex(entry.keys.documentId)
    this.kept.set(id, entry)
    try {
      await this.vault.write('document', entry.keys.documentId, storedEntry(entry))
      this.written.set(id, entry)
    } catch (error) {
      // An entry that the disk refused is not in the library, unless it was changed since.
      if (this.kept.get(id) === entry) this.takeBack(id)
      throw error
    }
  }

  /** The text last seen, to show until the log is read; '' if none was kept, or it cannot be read. */
  async text(id: string): Promise<string> {
    const record = await this.vault.read('text', fromHex(id)).catch((error) => {
      if (hasCode(error, 'STORE_DAMAGED')) return ''
      throw error
    })
    return typeof record === 'string' ? record : ''
  }

  /** Keeps the text for the next time that the document is opened. */
  async putText(id: string, text: string): Promise<void> {
    await this.vault.write('text', fromHex(id), text)
  }

  private takeBack(id: string): void {
    const entry = this.written.get(id)
    if (entry) this.kept.set(id, entry)
    else this.kept.delete(id)
  }

  private async forget(documentId: Uint8Array): Promise<void> {
    await this.forgetLog(documentId)
    await this.journals.forget(documentId)
    await this.store.write([
      this.vault.removal('document', documentId),
      this.vault.removal('text', documentId),
    ])
  }
}
