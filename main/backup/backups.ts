import type { DocumentId } from '../../preload/contract/ids'
import { titleWords } from '../../preload/messages/format'
import { hasCode, SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { type LibraryEntry, readEntry } from '../library/library-entry'
import { backupRecords, lookAtBackup, writeBackup } from './backup-file'
import { type BackupKind, damagedBackup, makeBackupHeader, openBackupHeader } from './backup-header'
import type { BackupRecord } from './backup-records'
import { type BackedDocument, changesOf, documentRecords } from './collect'
import { type RestoreTarget, RestoringDocument } from './restore-document'

/** Maximum length of a title read from a file, in UTF-16 code units. */
const maxTitle = 200
/** Bytes in the name of a draft. */
const uniqueSize = 6
/** Minimum length of a passphrase, in code points: as for a profile. */
const leastPassphrase = 8

/** Progress callback and abort signal of a backup. */
export interface BackupRun {
  /** `done` of `total`, in changes when it is made, in bytes when it is restored. */
  readonly onProgress?: (done: number, total: number) => void
  /** Aborts the run, which then rejects with CLOSED. */
  readonly signal?: AbortSignal
}

/** Result of making a backup. */
export interface MadeBackup {
  readonly documents: number
  /** Titles of documents that are damaged on this computer and only partly in the backup. */
  readonly damaged: readonly string[]
  /** Titles of documents with edits not saved on this computer; these edits are not in the backup. */
  readonly unsaved: readonly string[]
}

/** Result of restoring a backup. */
export interface RestoredBackup {
  readonly kind: BackupKind
  /** Documents that the library did not show before. */
  readonly added: readonly DocumentId[]
  /** Known documents that received missing data. */
  readonly grown: readonly DocumentId[]
  /** Known documents that had all data of the file already. */
  readonly known: readonly DocumentId[]
  /** Titles of documents that could be restored only in part. */
  readonly incomplete: readonly string[]
  /** True if this profile has taken over the person in the file. */
  readonly person: boolean
}

/** Source and target of backups. */
export interface BackupHost {
  readonly random: (size: number) => Buffer
  /** Returns the person's stored profile, and what they arranged, as plain data. */
  readonly person: () => unknown
  /** True if no person uses this profile yet. */
  readonly isNew: () => boolean
  /** True if this profile belongs to that person. Throws if the value is not a person. */
  readonly isSelf: (person: unknown) => boolean
  /** Becomes that person; durable when it resolves. */
  readonly become: (person: unknown) => Promise<void>
  /** Takes what the person of a record arranged, where it is later; durable when it resolves. */
  readonly arrange: (person: unknown) => Promise<void>
  /** Waits briefly for edits to become durable; resolves to the documents with edits that are not. */
  readonly flush: () => Promise<readonly DocumentId[]>
  /** Returns the documents listed in the library. */
  readonly entries: () => readonly (readonly [DocumentId, LibraryEntry])[]
  /** Returns the data of a document of the library. Rejects with STORE_DAMAGED. */
  readonly document: (id: DocumentId) => Promise<BackedDocument>
  /** Adds a document to the library ('added'), or better keys to a known one. */
  readonly addEntry: (entry: LibraryEntry) => Promise<'added' | 'known'>
  /** Notes that others may have a document. Rejects with STORE_WRITE_FAILED. */
  readonly share: (id: DocumentId) => Promise<void>
  /** Returns the target to restore a document into. */
  readonly target: (id: DocumentId) => Promise<Omit<RestoreTarget, 'own'>>
  /** Lets the data of documents stay open until the returned function is called. */
  readonly hold: () => () => void
}

/**
 * Makes and restores backups: one file of a whole profile, or of one document with its keys, encrypted with a
 * passphrase. Rules B1 to B5.
 */
export class Backups {
  private readonly host: BackupHost

  constructor(host: BackupHost) {
    this.host = host
  }

  /**
   * Makes a backup of one document, or (`id` null) of the whole profile, and writes it atomically. Includes
   * the edits that are durable when a document is read. Rejects with PASSPHRASE_SHORT for a passphrase that is too
   * short, STORE_WRITE_FAILED, CLOSED, and with DOCUMENT_UNKNOWN.
   */
  async make(options: {
    path: string
    passphrase: string
    id: DocumentId | null
    run?: BackupRun
  }): Promise<MadeBackup> {
    const { path, passphrase, id, run = {} } = options
    if ([...passphrase].length < leastPassphrase)
      throw new SwarmpadError('PASSPHRASE_SHORT', { least: leastPassphrase })
    const { random } = this.host
    const entries = this.host.entries().filter(([held]) => id === null || held === id)
    if (id !== null && entries.length === 0) throw new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'library' })
    const kind = id === null ? 'profile' : 'document'
    const { bytes: header, key } = await makeBackupHeader({ kind, passphrase, random })
    const unsaved = new Set(await this.host.flush())
    const damaged = new Set<string>()
    const records = this.collect(kind, entries, damaged, run)
    const release = this.host.hold()
    await writeBackup({ path, header, key, records, unique: hex(random(uniqueSize)) }).finally(release)
    // The file of one document holds its keys, and is made to be given away.
    if (id !== null) await this.host.share(id)
    return {
      documents: entries.length,
      damaged: [...damaged],
      unsaved: entries.flatMap(([held, { title }]) => (unsaved.has(held) ? [titleWords(title)] : [])),
    }
  }

  /** Returns a file's kind, and its size in bytes. Rejects with BACKUP_OTHER, BACKUP_NEWER or BACKUP_DAMAGED. */
  async look(path: string): Promise<{ kind: BackupKind; size: number }> {
    const { header, size } = await lookAtBackup(path)
    return { kind: header.kind, size }
  }

  /**
   * Restores a backup. Reads and checks all of it first, and changes nothing if it is damaged. A new profile
   * also takes over the person from a backup of a profile; any other receives the documents, and no existing
   * data is replaced. If it is aborted or fails, restored data stays, and another run continues from there.
   * Rejects with BACKUP_OTHER, BACKUP_NEWER, BACKUP_DAMAGED, PASSPHRASE_WRONG, STORE_WRITE_FAILED or CLOSED.
   */
  async restore(options: { path: string; passphrase: string; run?: BackupRun }): Promise<RestoredBackup> {
    const { path, passphrase, run = {} } = options
    const { header, size } = await lookAtBackup(path)
    const isNew = this.host.isNew()
    if (isNew && header.kind === 'document') throw new SwarmpadError('BACKUP_PERSONLESS')
    const key = await openBackupHeader(header, passphrase)
    const read = (before: number) =>
      stoppable(
        backupRecords(path, key, (bytes) => run.onProgress?.(before + bytes, 2 * size)),
        run.signal,
      )
    const person = await this.check(header.kind, read(0))
    const own = person !== null && (isNew || this.host.isSelf(person))
    const release = this.host.hold()
    const restored = await this.apply(read(size), own).finally(release)
    if (isNew && person !== null) await this.host.become(person)
    if (own) await this.host.arrange(person)
    run.onProgress?.(2 * size, 2 * size)
    return { ...restored, kind: header.kind, person: isNew }
  }

  private async *collect(
    kind: BackupKind,
    entries: readonly (readonly [DocumentId, LibraryEntry])[],
    damaged: Set<string>,
    { onProgress, signal }: BackupRun,
  ): AsyncGenerator<BackupRecord> {
    const documents = new Map<DocumentId, BackedDocument | null>()
    for (const [id] of entries) documents.set(id, await this.host.document(id).catch(damageAsNull))
    const total = [...documents.values()].reduce((sum, held) => sum + (held ? changesOf(held.log) : 0), 0)
    let done = 0
    if (kind === 'profile') yield { type: 'person', value: this.host.person() }
    for (const [id, entry] of entries) {
      const records = documentRecords(entry, documents.get(id) ?? null, {
        onChanges: (count) => {
          done += count
          onProgress?.(Math.min(done, total), total)
        },
        onDamaged: () => damaged.add(titleWords(entry.title)),
      })
      yield* stoppable(records, signal)
    }
  }

  /** Reads and checks all records; returns the person, or null without one. Throws BACKUP_DAMAGED. */
  private async check(kind: BackupKind, records: AsyncIterable<BackupRecord>): Promise<unknown> {
    let person: unknown = null
    let documents = 0
    for await (const record of records) {
      if (record.type === 'person') {
        if (kind !== 'profile' || person !== null || documents > 0) throw damagedBackup()
        person = record.value
        this.checkPerson(person)
      } else if (record.type === 'document') {
        documents++
        if (!readEntry(record.value, 0)) throw damagedBackup()
      } else if (documents === 0) throw damagedBackup()
    }
    if (kind === 'profile' ? person === null : documents !== 1) throw damagedBackup()
    return person
  }

  private checkPerson(person: unknown): void {
    try {
      this.host.isSelf(person)
    } catch (cause) {
      throw damagedBackup(cause)
    }
  }

  private async apply(
    records: AsyncIterable<BackupRecord>,
    own: boolean,
  ): Promise<Pick<RestoredBackup, 'added' | 'grown' | 'known' | 'incomplete'>> {
    const lists = { added: [] as DocumentId[], grown: [] as DocumentId[], known: [] as DocumentId[] }
    const incomplete: string[] = []
    let current: OpenedDocument | null = null
    const finish = async ({ id, title, isNew, restoring }: OpenedDocument) => {
      await restoring.end()
      lists[isNew ? 'added' : restoring.grew ? 'grown' : 'known'].push(id)
      if (restoring.incomplete) incomplete.push(titleWords(title))
    }
    for await (const record of records) {
      if (record.type === 'document') {
        if (current) await finish(current)
        current = await this.begin(entryOf(record.value, own), own)
      } else await current?.restoring.take(record)
    }
    if (current) await finish(current)
    return { ...lists, incomplete }
  }

  private async begin(entry: LibraryEntry, own: boolean): Promise<OpenedDocument> {
    const id = hex(entry.keys.documentId)
    const isNew = (await this.host.addEntry(entry)) === 'added'
    const restoring = new RestoringDocument({ ...(await this.host.target(id)), own })
    return { id, title: entry.title, isNew, restoring }
  }
}

/** A document of a file whose records are being restored. */
interface OpenedDocument {
  readonly id: DocumentId
  readonly title: string
  readonly isNew: boolean
  readonly restoring: RestoringDocument
}

/** Reads the entry of a record. Personal settings are kept only from the person's own backup. */
function entryOf(record: unknown, own: boolean): LibraryEntry {
  const entry = readEntry(record, 0)
  if (!entry) throw damagedBackup()
  const title = entry.title.slice(0, maxTitle).toWellFormed()
  const settings = own
    ? {}
    : ({ dismissed: [], quota: null, successors: [], shared: true, createdAt: null } as const)
  return { ...entry, ...settings, title, waiting: false, removedAt: null }
}

/** Passes records on until aborted; then throws CLOSED. */
async function* stoppable<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  for await (const item of items) {
    if (signal?.aborted) throw new SwarmpadError('CLOSED')
    yield item
  }
}

function damageAsNull(error: unknown): null {
  if (hasCode(error, 'STORE_DAMAGED')) return null
  throw error
}
