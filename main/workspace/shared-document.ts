import type { DocumentId, OpenedDocument, Role, Update, Writer } from '../../preload/contract'
import { leftOutSentences } from '../../preload/messages/faults'
import { Emitter } from '../base/emitter'
import type { Environment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import type { JournalKeep } from '../document/edit-journal'
import { OpenDocument } from '../document/open-document'
import { Quarantine } from '../document/quarantine'
import type { StartReplica } from '../document/replica-thread'
import type { DocumentKeys } from '../keys/derive'
import type { Identity } from '../keys/identity'
import { formatLink } from '../keys/link'
import type { KeptSuccessor } from '../library/library-entry'
import type { DocumentLog } from '../log/document-log'
import type { SessionLog } from '../log/session-log'
import type { Reachability } from '../network/network'
import type { Route } from '../network/route'
import type { DocumentContent } from '../replica/replica-protocol'
import type { DocumentSync } from '../sync/document-sync'
import type { DocumentEvents } from './document-events'
import { DocumentLifetime } from './document-lifetime'
import { DocumentPresence } from './document-presence'
import { companyOf, inSyncWith } from './document-status'
import { writersOf } from './document-writers'
import { StatusReporter } from './status-reporter'
import { Successors } from './successors'
import { whenSynced } from './when-synced'

/** The client id of edits made through `edit`, not by a window. */
const programClient = 'program'

/** Dependencies and callbacks that the workspace passes to an open document. */
export interface SharedDocumentOptions {
  readonly environment: Environment
  /** The keys held now; a better link may come later. */
  readonly keys: () => DocumentKeys
  readonly log: DocumentLog
  readonly peers: () => DocumentSync
  readonly newSession: () => SessionLog | null
  readonly startReplica: StartReplica
  readonly reachability: () => Reachability
  /** This person, as others see them. */
  readonly self: () => { name: string; identity: Identity }
  readonly text: string
  readonly journal: JournalKeep
  /** Dismissed notices of edits that were left out, by key. */
  readonly dismissed: () => readonly string[]
  /** Notes for good that these notices were put away. Rejects with STORE_WRITE_FAILED. */
  readonly dismiss: (keys: readonly string[]) => Promise<void>
  /** Known successors of this document, and a function that keeps them. Rejects with STORE_WRITE_FAILED. */
  readonly successors: () => readonly KeptSuccessor[]
  readonly keepSuccessors: (successors: readonly KeptSuccessor[]) => Promise<void>
  /** True if someone else has the document or was given a link to it. */
  readonly isShared: () => boolean
  /** A link was asked for, to be given to someone. Rejects with STORE_WRITE_FAILED. */
  readonly noteGiven: () => Promise<void>
  /** True if the library has a document. */
  readonly holds: (id: DocumentId) => boolean
  /** Something that is done in the background failed. */
  readonly onFailure: (error: unknown) => void
  /** The text changed: the library's entry is out of date. */
  readonly onChange: () => void
  /** Called with the loaded content when it is worth a snapshot. */
  readonly onContent: (content: DocumentContent) => void
  /** The last handle was closed. Resolves when nothing is left to do. */
  readonly onClose: () => Promise<void>
}

/**
 * A document that is open: its text, who is here, and what is saved and shared. Handles are counted:
 * each `retain` asks for one more `close`.
 */
export class SharedDocument {
  readonly id: DocumentId
  /** Edits that are not in the text. */
  readonly quarantine: Quarantine
  /** Documents that replaced this one. */
  readonly successors: Successors
  private readonly options: SharedDocumentOptions
  private readonly emitter = new Emitter<DocumentEvents>()
  private readonly open: OpenDocument
  private readonly presence: DocumentPresence
  private readonly status: StatusReporter
  private readonly lifetime: DocumentLifetime
  private heldRole: Role
  private lastEdit: number | null = null
  private wasJournaled = false
  private wasLoading = true

  /** Throws ROLE_TOO_LOW for keys that cannot read. */
  constructor(options: SharedDocumentOptions) {
    this.options = options
    const { content, documentId } = options.keys()
    if (!content) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'read' })
    const { log, peers, startReplica, self } = options
    const { clock } = options.environment
    this.id = hex(documentId)
    this.heldRole = roleOf(options.keys())
    this.open = new OpenDocument({
      documentId,
      contentKey: content,
      log,
      newSession: options.newSession,
      canWrite: this.heldRole === 'write',
      startReplica,
      clock,
      text: options.text,
      journal: options.journal,
      hasCompany: () => companyOf(peers().peers).length > 0,
      onUpdates: (version, updates) => this.changed(version, updates),
      onState: () => this.stateChanged(),
      onSelected: (caret) => this.presence.setCaret(caret),
      onPlaces: (places) => this.presence.setCarets(places),
      onContent: options.onContent,
      onNotes: (notes) => {
        const taken = this.successors.take(notes)
        taken.catch(options.onFailure).finally(() => this.updateSuccessors())
      },
    })
    this.successors = new Successors({
      log,
      contentKey: content,
      identity: () => self().identity,
      canWrite: () => this.heldRole === 'write',
      post: (note) => {
        this.open.note(note)
        return this.open.saved()
      },
      kept: options.successors,
      keep: options.keepSuccessors,
      holds: options.holds,
      onChange: (successors) => this.emitter.emit('successors', { id: this.id, successors }),
    })
    this.quarantine = new Quarantine({
      log,
      contentKey: content,
      faults: () => this.open.faults,
      startReplica,
      clock,
      dismissed: options.dismissed,
      sentences: leftOutSentences,
    })
    this.presence = new DocumentPresence({
      peers,
      self,
      document: this.open,
      onPeers: () => this.status.update(),
      onPeople: (people) => {
        this.emitter.emit('people', { id: this.id, people })
        this.emitter.emit('peers', people)
      },
      onCarets: (version, carets) => this.emitter.emit('carets', { id: this.id, version, carets }),
    })
    this.status = new StatusReporter({
      clock,
      document: this.open,
      log,
      quarantine: this.quarantine,
      peers,
      reachability: options.reachability,
      self,
      isShared: options.isShared,
      onStatus: (status) => this.emitter.emit('status', { id: this.id, status }),
      onSynced: (count) => this.emitter.emit('synced', { peers: count }),
      onProblem: (message) => this.emitter.emit('error', { message }),
    })
    this.lifetime = new DocumentLifetime({
      clock,
      document: this.open,
      onRelease: () => this.clearSelection(),
      onEnding: () => {
        this.clearSelection()
        this.status.stop()
      },
      onEnd: () => {
        this.presence.stop()
        // First: the journal's rest belongs to the next document that opens it.
        this.open.close()
        return options.onClose()
      },
    })
    this.clearSelection()
  }

  /** Role that the held link grants. */
  get role(): Role {
    return this.heldRole
  }

  /** The newest version of the text. */
  get version(): number {
    return this.open.version
  }

  /** When the text last changed since it was opened, in ms since the Unix epoch; null for not at all. */
  get editedAt(): number | null {
    return this.lastEdit
  }

  /** Everything that a window needs to begin. */
  opened(): OpenedDocument {
    return {
      id: this.id,
      role: this.role,
      version: this.open.version,
      text: this.open.text,
      status: this.status.current,
      people: this.presence.people(),
      carets: this.presence.carets(),
      successors: this.successors.list(),
    }
  }

  /** Returns the others who write here and can be given a new link, 255 at most. Opens all certificates. */
  writers(): Writer[] {
    const { keys, log, peers, self } = this.options
    return writersOf({ peers: peers().peers, log, content: keys().content, self: self().identity })
  }

  /** Listens; returns a function that stops. */
  on<Name extends keyof DocumentEvents>(
    name: Name,
    listener: (detail: DocumentEvents[Name]) => void,
  ): () => void {
    return this.emitter.on(name, listener)
  }

  /** Edits that a window made at `version`. Throws ROLE_TOO_LOW, EDIT_INVALID, VERSION_GONE or CLOSED. */
  pushEdits(version: number, updates: readonly Update[]): void {
    this.lifetime.check()
    this.open.push(version, updates)
  }

  /** Where this person's selection stands, in the text of `version`; null for nowhere. Throws VERSION_GONE. */
  setSelection(selection: { version: number; anchor: number; head: number } | null): void {
    if (this.ended) return
    if (selection) this.open.select(selection)
    else this.clearSelection()
  }

  /**
   * Edits given as offsets (UTF-16) in the text as it is now; \r\n and \r in what they insert become \n. Resolves
   * when applied. Rejects as `pushEdits` throws.
   */
  async edit(edits: readonly { from: number; to: number; insert: string }[]): Promise<void> {
    this.lifetime.check()
    this.open.edit(edits, programClient)
  }

  /** A link to this document, to be given to someone. Rejects with ROLE_TOO_LOW above the held role. */
  async link(role: 'write' | 'read' | 'keep'): Promise<string> {
    const link = formatLink(this.options.keys(), role)
    // A disk that refuses to note it is no reason to keep it back.
    await this.options.noteGiven().catch(this.options.onFailure)
    this.status.update()
    return link
  }

  /** The text. */
  async text(): Promise<string> {
    return this.open.text
  }

  /** From the first heading or line; '' for none. */
  async title(): Promise<string> {
    return this.open.title
  }

  /** Returns the peers that are connected or known to be here, without this one. */
  peers(): { key: string; name: string; role: string; route: Route | null }[] {
    return this.options.peers().peers.map(({ key, name, role, route }) => ({ key, name, role, route }))
  }

  /** Puts the notice of all that is left out now away for good. Rejects with STORE_WRITE_FAILED. */
  async dismissLeftOut(): Promise<void> {
    await this.options.dismiss(this.quarantine.keys())
    this.status.update()
  }

  /** How many edits made here are not durable: 0 when everything is saved. */
  get unsavedEdits(): number {
    return this.open.unsavedEdits
  }

  /** Resolves when all edits so far are durable here. Rejects with NOT_SAVED when they cannot be, or it ends before. */
  async saved(): Promise<void> {
    await this.open.saved()
  }

  /** Waits for at most `limit` ms until all edits so far are safe. Resolves to true if they are durable here. */
  savedWithin(limit: number): Promise<boolean> {
    return this.lifetime.savedWithin(limit)
  }

  /** Resolves when some peer and this computer hold the same. Rejects with NOBODY_CAME after `timeout` ms. */
  whenSynced({ timeout }: { timeout: number }): Promise<void> {
    const { open } = this
    const { environment, peers } = this.options
    return whenSynced({
      clock: environment.clock,
      timeout,
      settled: () => open.settled(),
      isSynced: () => inSyncWith({ isCurrent: open.isCurrent, peers: peers().peers }).length > 0,
      onChange: (listener) => this.on('status', listener),
    })
  }

  /** Settles when the document has ended; null while its end has not begun. Until then its log is written to. */
  get ended(): Promise<void> | null {
    return this.lifetime.ended
  }

  /** Adds a handle, for one more `close`. Throws CLOSED. */
  retain(): this {
    this.lifetime.retain()
    return this
  }

  /** Releases a handle; the last one ends the document once it is saved. Rejects with NOT_SAVED. */
  close(): Promise<void> {
    return this.lifetime.release()
  }

  /** Saves for at most `limit` ms and ends at most 10 s later, regardless of handles. Rejects with NOT_SAVED. */
  end(limit?: number): Promise<void> {
    return this.lifetime.end(limit)
  }

  /** Applies the better keys that `keys` returns: the role is read again, and a session that may write begins. */
  upgraded(): void {
    this.heldRole = roleOf(this.options.keys())
    this.open.changeRole(this.heldRole === 'write')
    this.reconnected()
  }

  /** Follows the peers that `peers` returns after a reconnection. */
  reconnected(): void {
    this.presence.reconnect()
    this.status.update()
  }

  /** Updates what depends on this person's name and on the network, both here and at the peers. */
  refresh(): void {
    this.presence.announce()
    this.status.update()
  }

  /** Reports the documents that replaced this one, if they changed. */
  updateSuccessors(): void {
    if (!this.ended) this.successors.update()
  }

  /** True when a part of the log can be discarded without losing own edits. */
  get isReady(): boolean {
    return this.open.isReady
  }

  /** Some edits are durable here, and in nothing yet that others can get. */
  get isJournaled(): boolean {
    return this.open.isJournaled
  }

  /** Resolves when all edits so far can be sent to others, or are durable here and nothing can be expected to take them. */
  async drained(): Promise<void> {
    if (!this.ended) await this.open.drained()
  }

  /** Resolves when all edits so far are durable here and everything stored is in the text. */
  async settled(): Promise<void> {
    if (!this.ended) await this.open.settled()
  }

  /** Title and loading state for the library. */
  get summary(): { title: string; loading: boolean } {
    return { title: this.open.title, loading: this.open.loading }
  }

  private clearSelection(): void {
    this.open.select(null)
    this.presence.setCaret(null)
  }

  private changed(version: number, updates: Update[]): void {
    this.lastEdit = this.options.environment.clock.now()
    this.emitter.emit('updates', { id: this.id, version, updates })
    this.emitter.emit('change', { version: this.open.version })
    this.options.onChange()
    // A caret may name text that has only just arrived.
    if (updates.some((update) => update.clientID === 'peer')) this.presence.findCarets()
  }

  private stateChanged(): void {
    const { isJournaled, loading } = this.open
    this.status.update()
    if (isJournaled !== this.wasJournaled) this.presence.updatePeople()
    this.wasJournaled = isJournaled
    // A title that was typed while the document loaded is known from here on.
    if (this.wasLoading && !loading && this.lastEdit !== null) this.options.onChange()
    this.wasLoading = loading
  }
}

const roleOf = ({ role }: DocumentKeys): Role => (role === 'write' ? 'write' : 'read')
