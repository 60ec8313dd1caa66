import type { DocumentId } from '../../preload/contract/ids'
import type { DocumentSummary } from '../../preload/contract/library'
import type { NetworkReport } from '../../preload/contract/network'
import type { Profile } from '../../preload/contract/profile'
import { Emitter } from '../../preload/emitter'
import type { Backups } from '../backup/backups'
import { SwarmpadError } from '../base/errors'
import { within } from '../base/timeout'
import type { LinkPreview } from '../library/add-document'
import type { Places } from '../library/places'
import type { Pairing } from '../pairing/pairing'
import { holdsRecords } from '../profile/vault'
import { openAll } from './open-all'
import type { OwnWords } from './own-words'
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
    const { rotation, backups, pairing, settings, ownWords, use } = this.parts
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
    return this.parts.actions.summaries()
  }

  /** Returns the library in short, kept documents included. */
  documents(): { id: string; title: string; role: 'write' | 'read' | 'keep' }[] {
    return this.parts.library.shown.map(([id, { title, keys }]) => ({ id, title, role: keys.role }))
  }

  /**
   * Makes a document and opens it. Rejects with STORE_WRITE_FAILED or SAVING_HINDERED where something keeps it, or its
   * text, from being saved; what is in the library then is saved later.
   */
  createDocument(options: { title?: string; text?: string } = {}): Promise<SharedDocument> {
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
   * Takes a document out of the library; `restoreDocument` brings it back until the program ends. Rejects with
   * NOT_SAVED, and leaves it, while edits in it are not saved: they would be lost.
   */
  removeDocument(id: DocumentId): Promise<void> {
    return this.parts.actions.remove(id)
  }

  /** Brings a removed document back. Rejects with DOCUMENT_UNKNOWN. */
  restoreDocument(id: DocumentId): Promise<void> {
    return this.parts.actions.restore(id)
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
