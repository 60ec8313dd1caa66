import type { DocumentId } from '../../preload/contract/ids'
import type { ArrangementChange, DocumentSummary, RemovedDocument } from '../../preload/contract/library'
import type { NetworkReport } from '../../preload/contract/network'
import type { Profile } from '../../preload/contract/profile'
import type { Backlink, SearchQuery, SearchState } from '../../preload/contract/search'
import { Emitter } from '../../preload/emitter'
import type { Backups } from '../backup/backups'
import { SwarmpadError } from '../base/errors'
import { within } from '../base/timeout'
import { isOwnDevice } from '../keys/devices'
import type { LinkPreview } from '../library/add-document'
import type { AllowedSites } from '../library/allowed-sites'
import type { Places } from '../library/places'
import { authorsOf } from '../log/authors'
import type { Pairing } from '../pairing/pairing'
import type { OwnWords } from '../personal/own-words'
import { holdsRecords } from '../profile/vault'
import { dropEmpty } from './empty-documents'
import type { Folders } from './folders'
import type { NewDocument } from './library-actions'
import { openAll } from './open-all'
import type { Rotation } from './rotation'
import type { SettingsStore } from './settings-store'
import type { SharedDocument } from './shared-document'
import type { UseRecord } from './use-record'
import { type WorkspaceEvents, type WorkspaceOptions, WorkspaceParts } from './workspace-parts'

/** How long closing waits for edits to become durable, in ms. */
const closeLimit = 30_000
/** How long the rest of closing may take, in ms: a database with much to write takes seconds. */
const restLimit = 60_000

/** A profile at work: its documents, open or not, kept in sync with whoever shares them. A facade of its parts. */
export class Workspace {
  /** Replaces the links of documents. */
  readonly rotation: Rotation
  /** Imports folders of files, and exports all documents as one. */
  readonly folders: Folders
  /** Makes backups and restores them. */
  readonly backups: Backups
  /** Brings the person to another computer, or here from one. */
  readonly pairing: Pairing
  /** How the person likes their windows. */
  readonly settings: SettingsStore
  /** Words that the person added to those of the spelling check. */
  readonly ownWords: OwnWords
  /** How much the profile has been used on this computer. */
  readonly use: UseRecord
  private readonly options: WorkspaceOptions
  private readonly emitter = new Emitter<WorkspaceEvents>()
  private readonly parts: WorkspaceParts
  private closing: Promise<void> | null = null

  /** Does no I/O. */
  constructor(options: WorkspaceOptions) {
    this.options = options
    this.parts = new WorkspaceParts(options, this.emitter)
    const { folders, rotation, backups, pairing, settings, ownWords, use } = this.parts
    this.folders = folders
    this.rotation = rotation
    this.backups = backups
    this.pairing = pairing
    this.settings = settings
    this.ownWords = ownWords
    this.use = use
  }

  /** Opens the store and begins to share. Rejects with PROFILE_BUSY, PROFILE_NEWER or STORE_DAMAGED. */
  async open(): Promise<void> {
    const { parts, options } = this
    await parts.repo.open({
      secret: async (begun) => options.masterKey(begun || (await holdsRecords(parts.repo.store))),
      load: (key) => parts.load(key),
    })
    await parts.networkUse.open()
    parts.pairing.open()
    parts.personal.start()
    // In the background, so that a thousand of them delay nothing.
    void openAll(parts)
  }

  /** Adds a listener; returns its remover. The first one for notices soon gets the earlier ones. */
  on<Name extends keyof WorkspaceEvents>(
    name: Name,
    listener: (detail: WorkspaceEvents[Name]) => void,
  ): () => void {
    const stop = this.emitter.on(name, listener)
    if (name === 'notice') this.parts.notices.begin()
    return stop
  }

  /** Sites that need no question. Throws CLOSED before `open`. */
  get allowedSites(): AllowedSites {
    return this.parts.library.allowedSites
  }

  /** Where the person was in each document. Throws CLOSED before `open`. */
  get places(): Places {
    return this.parts.places
  }

  /** Returns this person and the settings. */
  profile(): Profile {
    return this.parts.person.profile()
  }

  /** Sets the name that others see. Rejects with NAME_EMPTY for one without letters, or NAME_TOO_LONG. */
  setName(name: string): Promise<Profile> {
    return this.parts.person.setName(name)
  }

  /** Notes that the person has seen who can see their address. */
  acknowledgeAddress(): Promise<Profile> {
    return this.parts.person.acknowledgeAddress()
  }

  /** Leaves the network or comes back; typing goes on either way. */
  setOffline(offline: boolean): Promise<Profile> {
    return this.parts.networkUse.setOffline(offline)
  }

  /** Changes how the network is used, now and at the next start. Rejects with NODE_INVALID or RELAY_INVALID. */
  setNetwork(network: Profile['network']): Promise<Profile> {
    return this.parts.networkUse.configure(network)
  }

  /** Returns the state of the network, with the peers of a named document whose log is open. */
  networkReport(id: DocumentId | null): NetworkReport {
    return this.parts.networkUse.report((id && this.parts.documents.find(id)?.peers.peers) || [])
  }

  /** Handles that the machine goes to sleep: saves what was typed, then leaves the network. */
  suspend(): Promise<void> {
    return this.parts.networkUse.suspend()
  }

  /** Handles that the machine woke: joins the network, unless the person chose to work offline. */
  resume(): Promise<void> {
    return this.parts.networkUse.resume()
  }

  /** Returns the library, last edited first. */
  summaries(): DocumentSummary[] {
    this.parts.changes.wasRead()
    return this.parts.actions.summaries()
  }

  /** Returns true if the library shows a document that can be read. */
  shows(id: DocumentId): boolean {
    return this.parts.actions.summary(id) !== null
  }

  /** Returns when other people last changed a document while it was open, in ms since the Unix epoch; null for never. */
  othersEditedAt(id: DocumentId): number | null {
    return this.parts.documents.find(id)?.document?.times.lastOfOthers ?? null
  }

  /** Returns true if other people wrote in a document, as far as it is stored. Opens all certificates. */
  hasOthersWords(id: DocumentId): boolean {
    const { documents, library, person } = this.parts
    const log = documents.find(id)?.log
    const content = library.entries.get(id)?.keys.content
    if (!log || !content) return false
    return authorsOf({ log, content }).some((author) => !isOwnDevice(author, person.record.identity))
  }

  /** Returns the library in short, kept documents included. */
  documents(): { id: string; title: string; role: 'write' | 'read' | 'keep' }[] {
    return this.parts.library.shown.map(([id, { title, keys }]) => ({ id, title, role: keys.role }))
  }

  /**
   * Searches in titles and texts of all documents that can be read, also in those that nobody has opened once they were
   * read in the background. `onState` gets the best hits so far, again and again until they are `done`. Returns the
   * number of the search, which its states bear, and a function that ends it.
   */
  search(query: SearchQuery, onState: (state: SearchState) => void): { search: number; end: () => void } {
    return this.parts.finding.search(query, onState)
  }

  /** Resolves to the documents whose text links to one by its title, last edited first. Rejects with DOCUMENT_UNKNOWN. */
  backlinks(id: DocumentId): Promise<Backlink[]> {
    return this.parts.finding.backlinks(id)
  }

  /** Resolves when the tags of what was typed are known. Never rejects. */
  readTags(): Promise<void> {
    return this.parts.finding.readTyped()
  }

  /** Resolves to the words of a document's headings, each once, at most 1,000. Rejects with DOCUMENT_UNKNOWN. */
  headings(id: DocumentId): Promise<readonly string[]> {
    return this.parts.finding.headings(id)
  }

  /**
   * Makes a document and opens it. Rejects with STORE_WRITE_FAILED or SAVING_HINDERED where something keeps it, or its
   * text, from being saved; what is in the library then is saved later.
   */
  createDocument(options: NewDocument = {}): Promise<SharedDocument> {
    return this.parts.actions.create(options)
  }

  /**
   * Opens a document by its link, at once, also with nobody there. Rejects with LINK_… codes, or
   * ROLE_TOO_LOW for a keeper's link.
   */
  openDocument(link: string): Promise<SharedDocument> {
    return this.parts.actions.openLink(link)
  }

  /**
   * Returns previews of all links in a text that can be opened here, at least one. Throws LINK_… codes, or ROLE_TOO_LOW
   * for keepers' links alone.
   */
  linksIn(text: string): readonly LinkPreview[] {
    return this.parts.actions.linksIn(text)
  }

  /** Keeps a document in sync without opening it. Rejects with LINK_… codes. */
  keepDocument(link: string): Promise<void> {
    return this.parts.actions.keepLink(link)
  }

  /** Returns the bytes of the snapshot that is kept of a document whose log is open; 0 for none. */
  snapshotSize(id: DocumentId): number {
    return this.parts.repo.find(id)?.log.snapshots.held?.size ?? 0
  }

  /** Opens a document of the library. Rejects with DOCUMENT_UNKNOWN, or ROLE_TOO_LOW for a kept one. */
  document(id: DocumentId): Promise<SharedDocument> {
    return this.parts.documents.document(id)
  }

  /**
   * Takes a document that was left out of the library if it is empty, made here and never shared; resolves to true if it
   * did. Rejects with STORE_WRITE_FAILED or STORE_DAMAGED.
   */
  dropEmpty(id: DocumentId): Promise<boolean> {
    const { library, documents, removals } = this.parts
    return dropEmpty(id, {
      clock: this.options.environment.clock,
      library: () => library,
      documents,
      removals,
    })
  }

  /**
   * Puts documents into a folder, pins or archives them, here and on the person's other computers. Durable when it
   * resolves. Rejects with DOCUMENT_UNKNOWN or STORE_WRITE_FAILED, and then nothing changed.
   */
  arrange(ids: readonly DocumentId[], change: ArrangementChange): Promise<void> {
    return this.parts.actions.arrange(ids, change)
  }

  /**
   * Takes documents out of the library, here and on the person's other computers; each keeps them for 30 days, in which
   * `restoreDocuments` brings them back. Rejects with DOCUMENT_UNKNOWN, or NOT_SAVED while edits in one are not saved, and
   * then leaves all.
   */
  removeDocuments(ids: readonly DocumentId[]): Promise<void> {
    return this.parts.removals.remove(ids)
  }

  /** Brings removed documents back, here and on the person's other computers. Rejects with DOCUMENT_UNKNOWN. */
  restoreDocuments(ids: readonly DocumentId[]): Promise<void> {
    return this.parts.removals.restore(ids)
  }

  /** Deletes removed documents, which cannot be restored then, from this computer at once. Rejects with DOCUMENT_UNKNOWN. */
  deleteDocuments(ids: readonly DocumentId[]): Promise<void> {
    return this.parts.removals.delete(ids)
  }

  /** Returns the documents that can be restored, the last removed first. */
  removed(): RemovedDocument[] {
    return this.parts.removals.list()
  }

  /**
   * Lets others' edits take twice as much of this computer, in this document or in all together, if that is
   * what it is short of. Rejects with DOCUMENT_UNKNOWN or STORE_WRITE_FAILED.
   */
  takeMore(id: DocumentId): Promise<void> {
    return this.parts.actions.takeMore(id)
  }

  /**
   * Goes on with what can be read of a damaged document, without the rest. Rejects with DOCUMENT_UNKNOWN or
   * STORE_WRITE_FAILED.
   */
  goOnWithout(id: DocumentId): Promise<void> {
    return this.parts.actions.goOnWithout(id)
  }

  /** Titles of the documents with edits that are not saved here, after `limit` ms in which they may become so. */
  unsaved(limit: number): Promise<string[]> {
    return this.parts.actions.unsaved(limit)
  }

  /**
   * Titles of the documents that are saved here, of which edits made in this run are nowhere else, though someone else
   * has them or a link to them. Takes a few seconds where someone who is there has not confirmed them yet.
   */
  unshared(): Promise<string[]> {
    return this.parts.actions.unshared()
  }

  /**
   * Saves what was typed, for at most `limit` ms, tells peers goodbye and closes everything. Rejects with NOT_SAVED
   * when edits went with it, which says how many, and with TIMEOUT when closing takes 60 s longer. Idempotent.
   */
  close({ limit = closeLimit }: { limit?: number } = {}): Promise<void> {
    this.closing ??= this.finish(limit)
    return this.closing
  }

  private async finish(limit: number): Promise<void> {
    const { parts, options } = this
    parts.stop()
    const isClosed = await within(options.environment.clock, limit + restLimit, parts.close(limit))
    if (parts.documents.lost) throw parts.documents.lost
    if (!isClosed) throw new SwarmpadError('TIMEOUT')
  }
}
