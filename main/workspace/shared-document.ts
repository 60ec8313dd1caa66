import type { Text } from '@codemirror/state'
import type { OpenedDocument } from '../../preload/contract/document'
import type { DocumentId, Role } from '../../preload/contract/ids'
import type { Writer } from '../../preload/contract/sharing'
import type { Update } from '../../preload/contract/updates'
import { Emitter } from '../../preload/emitter'
import { leftOutSentences } from '../../preload/messages/faults'
import { SwarmpadError } from '../base/errors'
import { calmFrame, FrameBatch } from '../base/frame-batch'
import { hex } from '../base/hex'
import { OpenDocument } from '../document/open-document'
import { Quarantine } from '../document/quarantine'
import type { DocumentKeys } from '../keys/derive'
import { formatLink } from '../keys/link'
import type { Route } from '../network/route'
import type { DocumentEvents } from './document-events'
import { DocumentLifetime } from './document-lifetime'
import { DocumentPresence } from './document-presence'
import { companyOf } from './document-status'
import { writersOf } from './document-writers'
import { EditTimes } from './edit-times'
import type { SharedDocumentOptions } from './shared-document-options'
import { StatusReporter } from './status-reporter'
import { Successors } from './successors'
import { whenSynced } from './when-synced'

/** Client id of edits made through `edit`. */
const programClient = 'program'

/**
 * An open document: its text, the people present, and what is saved and shared. Handles are counted: each `retain`
 * needs one `close`.
 */
export class SharedDocument {
  readonly id: DocumentId
  /** Stored edits that are not in the text. */
  readonly quarantine: Quarantine
  /** Documents that replaced this one. */
  readonly successors: Successors
  /** When it was edited last. */
  readonly times: EditTimes
  private readonly options: SharedDocumentOptions
  private readonly emitter = new Emitter<DocumentEvents>()
  private readonly open: OpenDocument
  private readonly presence: DocumentPresence
  private readonly status: StatusReporter
  private readonly lifetime: DocumentLifetime
  /** Reports people and status; text goes out at once. */
  private readonly frame: FrameBatch
  private readonly caretFrame: FrameBatch
  private heldRole: Role
  private wasJournaled = false
  private wasSaved = 0
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
    this.frame = new FrameBatch(
      clock,
      () => {
        // People first: a status that calls more saved must not meet people who seem to have it already.
        this.presence.report()
        this.status.report()
        this.emitter.emit('looked', null)
      },
      () => calmFrame,
    )
    this.caretFrame = new FrameBatch(clock, () => this.presence.reportCarets())
    // Before the replica, so that it knows what the replica is about to apply.
    this.times = new EditTimes({ clock, log, contentKey: content, self: () => self().identity })
    this.open = new OpenDocument({
      documentId,
      contentKey: content,
      log,
      newSession: options.newSession,
      canWrite: this.heldRole === 'write',
      startReplica,
      clock,
      parts: ['notes'],
      text: options.lastSeen.text,
      journal: options.journal,
      hasCompany: () => companyOf(peers().peers).length > 0,
      onUpdates: (version, updates) => this.changed(version, updates),
      onState: () => this.stateChanged(),
      onSelected: (caret) => this.presence.setCaret(caret),
      onCarets: () => {
        this.presence.markCarets()
        this.caretFrame.signal()
      },
      onContent: options.onContent,
    })
    this.successors = new Successors({
      log,
      contentKey: content,
      identity: () => self().identity,
      canWrite: () => this.heldRole === 'write',
      channel: this.open.channel('notes'),
      isEnded: () => this.ended !== null,
      kept: options.successors,
      keep: options.keepSuccessors,
      holds: options.holds,
      onChange: (successors) => this.emitter.emit('successors', { id: this.id, successors }),
      onFailure: options.onFailure,
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
      onPeers: () => {
        this.status.mark('peers', 'holders')
        this.frame.signal()
      },
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
      onDirty: () => this.frame.signal(),
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
        this.caretFrame.flush()
        this.frame.flush()
        this.status.stop()
      },
      onEnd: () => {
        this.presence.stop()
        this.caretFrame.close()
        this.frame.close()
        // First: the journal's rest belongs to the next document that opens it.
        this.open.close()
        this.times.stop()
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

  /** Something that needs the person's attention, in plain words; null if all is well. */
  get problem(): string | null {
    return this.status.current.problem
  }

  /** Returns everything that a window needs to show the document. */
  opened(): OpenedDocument {
    const people = [...this.presence.people()]
    return {
      id: this.id,
      role: this.role,
      version: this.open.version,
      text: this.open.text,
      status: this.status.current,
      people,
      carets: this.presence.carets(),
      successors: this.successors.list(),
    }
  }

  /** Returns the others who write here and can be given a new link, 255 at most. Opens all certificates. */
  writers(): Writer[] {
    const { keys, log, peers, self } = this.options
    return writersOf({ peers: peers().peers, log, content: keys().content, self: self().identity })
  }

  /** Adds a listener; returns its remover. */
  on<Name extends keyof DocumentEvents>(
    name: Name,
    listener: (detail: DocumentEvents[Name]) => void,
  ): () => void {
    return this.emitter.on(name, listener)
  }

  /** Applies edits that a window made at `version`. Throws ROLE_TOO_LOW, EDIT_INVALID, VERSION_GONE or CLOSED. */
  pushEdits(version: number, updates: readonly Update[]): void {
    this.lifetime.check()
    this.open.push(version, updates)
  }

  /** Sets this person's selection in the text of `version`; null for none. Throws VERSION_GONE. */
  setSelection(selection: { version: number; anchor: number; head: number } | null): void {
    if (this.ended) return
    if (selection) this.open.select(selection)
    else this.clearSelection()
  }

  /** Applies edits given as UTF-16 offsets in the present text; inserts get \n for \r\n and \r. Rejects as `pushEdits`. */
  async edit(edits: readonly { from: number; to: number; insert: string }[]): Promise<void> {
    this.lifetime.check()
    this.open.edit(edits, programClient)
  }

  /** Returns a link to this document for someone else. Rejects with ROLE_TOO_LOW above the held role. */
  async link(role: 'write' | 'read' | 'keep'): Promise<string> {
    const link = formatLink(this.options.keys(), role)
    // A disk that refuses to store it does not withhold the link.
    await this.options.noteGiven().catch(this.options.onFailure)
    this.frame.signal()
    return link
  }

  /** Resolves to the text. */
  async text(): Promise<string> {
    return this.open.text
  }

  /** Stores the text, to be shown until the log is read the next time, and returns it. Rejects with STORE_WRITE_FAILED. */
  async storeText(): Promise<Text> {
    const { text, changes } = this.open.takeText()
    await this.options.lastSeen.store(text, changes)
    return text
  }

  /** Resolves to the title: the first heading or line; '' without one. */
  async title(): Promise<string> {
    return this.open.title
  }

  /** Returns the peers that are connected or known to be present, without this one. */
  peers(): { key: string; name: string; role: string; route: Route | null }[] {
    return this.options.peers().peers.map(({ key, name, role, route }) => ({ key, name, role, route }))
  }

  /** Dismisses the notices of all edits in quarantine. Rejects with STORE_WRITE_FAILED. */
  async dismissQuarantine(): Promise<void> {
    await this.options.dismiss(this.quarantine.keys())
    this.status.mark('leftOut')
    this.frame.signal()
  }

  /** Number of local edits that are not durable: 0 when everything is saved. */
  get unsavedEdits(): number {
    return this.open.unsavedEdits
  }

  /** Resolves when all edits so far are durable. Rejects with NOT_SAVED if they cannot be, or it ends before. */
  async saved(): Promise<void> {
    await this.open.saved()
  }

  /** Waits for at most `limit` ms until all edits so far are safe. Resolves to true if they are durable here. */
  savedWithin(limit: number): Promise<boolean> {
    return this.lifetime.savedWithin(limit)
  }

  /** Resolves when some peer and this computer hold the same. Rejects with NOBODY_CAME after `timeout` ms. */
  whenSynced({ timeout }: { timeout: number }): Promise<void> {
    const { environment, peers } = this.options
    const onChange = (listener: () => void) => this.on('looked', listener)
    return whenSynced({ clock: environment.clock, timeout, document: this.open, peers, onChange })
  }

  /** Settles when the document has ended; null while its end has not begun. Until then its log is written to. */
  get ended(): Promise<void> | null {
    return this.lifetime.ended
  }

  /** Number of handles that were not closed. */
  get handles(): number {
    return this.lifetime.handles
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
    this.status.markAll()
    this.frame.signal()
  }

  /** Updates what depends on this person's name and on the network, both here and at the peers. */
  refresh(): void {
    this.presence.announce()
    this.presence.markPeople()
    this.status.markAll()
    this.frame.signal()
  }

  /** True when a part of the log can be discarded without losing own edits. */
  get isReady(): boolean {
    return this.open.isReady
  }

  /** True if some local edits are in the journal, and in no segment yet. */
  get isJournaled(): boolean {
    return this.open.isJournaled
  }

  /** Resolves when all edits so far are in segments, or durable with no replica that could be expected to load. */
  async drained(): Promise<void> {
    if (!this.ended) await this.open.drained()
  }

  /** Resolves when all edits so far are durable and everything stored is in the text. */
  async settled(): Promise<void> {
    if (!this.ended) await this.open.settled()
  }

  /** Title and loading state for the library. */
  get summary(): { title: string; loading: boolean } {
    return { title: this.open.title, loading: this.open.loading }
  }

  /** Everything that is stored is in the text. */
  get isCurrent(): boolean {
    return this.open.isCurrent
  }

  private clearSelection(): void {
    this.open.select(null)
    this.presence.setCaret(null)
  }

  private changed(version: number, updates: Update[]): void {
    this.times.note(updates, this.open.loading)
    this.emitter.emit('updates', { id: this.id, version, updates })
    this.emitter.emit('change', { version: this.open.version })
    this.options.onChange()
  }

  private stateChanged(): void {
    const { isJournaled, savedVersion, loading, isCurrent } = this.open
    if (isCurrent) this.times.caughtUp()
    // Others have what is saved when they have confirmed it.
    if (isJournaled !== this.wasJournaled || savedVersion !== this.wasSaved) this.presence.markPeople()
    this.wasJournaled = isJournaled
    this.wasSaved = savedVersion
    this.frame.signal()
    // A title that was typed while the document loaded is known from here on.
    if (this.wasLoading && !loading && this.times.last !== null) this.options.onChange()
    this.wasLoading = loading
  }
}

const roleOf = ({ role }: DocumentKeys): Role => (role === 'write' ? 'write' : 'read')
