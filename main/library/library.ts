import { hasCode, SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { type DocumentKeys, keysFromKeep, keysFromRead, keysFromWrite } from '../keys/derive'
import type { Vault } from '../profile/vault'
import { forgetDocument } from '../repo/forget-document'
import type { Store } from '../storage/store'
import { JournalRecords } from '../workspace/journal-records'
import { isKeptSuccessor, type KeptSuccessor } from '../workspace/successors'

/** A document that this profile keeps, as its record has it. */
export interface LibraryEntry {
  readonly keys: DocumentKeys
  /** The document's manifest (hex), as soon as it is known. */
  readonly manifest: string | null
  readonly title: string
  /** When its text last changed here, in ms since the Unix epoch; null for never. */
  readonly editedAt: number | null
  /** Opened by link, and nothing has arrived. */
  readonly waiting: boolean
  /** Taken out of the library: forgotten for good at the next start. */
  readonly removed: boolean
  /** Notices of edits that were left out which the person put away, by key; the newest last. */
  readonly dismissed: readonly string[]
  /** Bytes that others' edits may take here; null for as many as usual. */
  readonly quota: number | null
  /** Documents that took this one's place. */
  readonly successors: readonly KeptSuccessor[]
  /** A link to it was asked for, to be given to someone. */
  readonly given: boolean
}

/** An entry as it is stored: plain data. */
export interface StoredEntry
  extends Omit<LibraryEntry, 'keys' | 'dismissed' | 'quota' | 'successors' | 'given'> {
  /** Older records lack it. */
  readonly dismissed?: readonly string[]
  readonly quota?: number | null
  readonly successors?: readonly KeptSuccessor[]
  readonly given?: boolean
  /** The secret of the best link that is held, hex. */
  readonly secret: string
  readonly role: DocumentKeys['role']
  /** W.publicKey for keep links, hex. */
  readonly verify: string | null
}

/** The documents that a profile keeps, with their keys. Sealed on disk. */
export class Library {
  /** Own edits of documents that are in no segment yet. */
  readonly journals: JournalRecords
  private readonly vault: Vault
  private readonly store: Store
  private readonly kept = new Map<string, LibraryEntry>()
  /** As they are on disk. */
  private readonly written = new Map<string, LibraryEntry>()
  /** Documents that were removed while other computers of the same person had them. */
  private readonly gone = new Set<string>()
  private unreadable = 0
  private found: ReadonlySet<string> = new Set()

  constructor(options: { vault: Vault; store: Store }) {
    this.vault = options.vault
    this.store = options.store
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
    await forgetDocument(this.store, documentId)
    await this.journals.forget(documentId)
    await this.store.write([
      this.vault.removal('document', documentId),
      this.vault.removal('text', documentId),
    ])
  }
}

/** Initial values of the fields that are set later in a document's life and absent from older records. */
export const nothingNoted = { dismissed: [], quota: null, successors: [], given: false } as const

/** The record of an entry, as `readEntry` reads it. */
export function storedEntry(entry: LibraryEntry): StoredEntry {
  const { keys, ...rest } = entry
  const secret = keys.write ?? keys.read ?? keys.keep
  return { ...rest, role: keys.role, secret: hex(secret), verify: keys.verify ? hex(keys.verify) : null }
}

/** The entry of a record; null for one of another form, as a later program may have written it. */
export function readEntry(record: unknown): LibraryEntry | null {
  if (!isStoredEntry(record)) return null
  const { role, secret, verify, ...rest } = record
  try {
    const keys = readKeys(role, fromHex(secret), verify, rest.manifest)
    return { ...nothingNoted, ...rest, keys }
  } catch (error) {
    if (error instanceof SwarmpadError) return null
    throw error
  }
}

function isStoredEntry(record: unknown): record is StoredEntry {
  if (typeof record !== 'object' || record === null) return false
  const stored = record as Partial<Record<keyof StoredEntry, unknown>>
  const { manifest, title, editedAt, waiting, removed, secret, role, verify } = stored
  const { dismissed, quota, successors, given = false } = stored
  return (
    [manifest, verify].every((text) => text === null || typeof text === 'string') &&
    [title, secret].every((text) => typeof text === 'string') &&
    [waiting, removed, given].every((flag) => typeof flag === 'boolean') &&
    [editedAt, quota ?? null].every((number) => number === null || typeof number === 'number') &&
    ['write', 'read', 'keep'].some((known) => known === role) &&
    (dismissed === undefined ||
      (Array.isArray(dismissed) && dismissed.every((key) => typeof key === 'string'))) &&
    (successors === undefined || (Array.isArray(successors) && successors.every(isKeptSuccessor)))
  )
}

function readKeys(
  role: string,
  secret: Buffer,
  verify: string | null,
  manifest: string | null,
): DocumentKeys {
  if (role === 'write') return keysFromWrite(secret)
  if (role === 'read') return manifest ? keysFromRead(secret, fromHex(manifest)) : keysFromRead(secret)
  return keysFromKeep(secret, fromHex(verify ?? ''))
}
