import type {
  Caret,
  DocumentId,
  DocumentStatus,
  Events,
  OpenedDocument,
  Person,
  Role,
  Successor,
  Update,
  Writer,
} from '../../preload/contract'
import { maxReceivers } from '../../preload/contract'
import { leftOutWords } from '../../preload/left-out-words'
import { Emitter } from '../base/emitter'
import type { Environment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { within } from '../base/timeout'
import type { JournalKeep } from '../document/edit-journal'
import { OpenDocument } from '../document/open-document'
import { Quarantine } from '../document/quarantine'
import type { StartReplica } from '../document/replica-thread'
import type { DocumentKeys } from '../keys/derive'
import { isOwnDevice } from '../keys/devices'
import { fingerprint, type Identity } from '../keys/identity'
import { formatLink } from '../keys/link'
import type { KeptSuccessor } from '../library/library-entry'
import { authorsOf } from '../log/authors'
import type { DocumentLog } from '../log/document-log'
import type { SessionLog } from '../log/session-log'
import type { Reachability } from '../network/network'
import type { Route } from '../network/route'
import type { DocumentContent } from '../replica/replica-protocol'
import type { DocumentSync } from '../sync/document-sync'
import type { PeerState } from '../sync/state/peer-state'
import { companyOf, documentStatus, inSyncWith } from './document-status'
import { assignColors } from './person-colors'
import { isNotSaved, isSaved, notSaved, SavingWatch } from './saving-watch'
import { Successors } from './successors'

/** The client id of edits made through `edit`, not by a window. */
const programClient = 'program'

/** How long closing waits for edits to become durable, in ms. */
const closeLimit = 10_000

/** Events of an open document. */
export interface DocumentEvents
  extends Pick<Events, 'updates' | 'status' | 'people' | 'carets' | 'successors'> {
  /** The text changed, here or elsewhere. */
  change: { version: number }
  /** The people present changed. */
  peers: Person[]
  /** Some peer now holds all that is here, and the other way round. */
  synced: { peers: number }
  /** Something that needs attention, in plain words. */
  error: { message: string }
}

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
  readonly leftOut: Quarantine
  /** Documents that took this one's place. */
  readonly successors: Successors
  private readonly options: SharedDocumentOptions
  private readonly emitter = new Emitter<DocumentEvents>()
  private readonly open: OpenDocument
  private handles = 0
  private closing: Promise<void> | null = null
  private lastEdit: number | null = null
  private carets: Caret[] = []
  private lastStatus = ''
  private lastPeople = ''
  private lastCarets = ''
  private lastSuccessors = '[]'
  private wasSynced = false
  private wasJournaled = false
  private wasLoading = true
  private readonly watch: SavingWatch
  /** Error messages that were emitted and still apply. */
  private told: ReadonlySet<string> = new Set()
  private readonly stopListening: (() => void)[]
  private stopPeers: () => void

  constructor(options: SharedDocumentOptions) {
    this.options = options
    this.id = hex(options.keys().documentId)
    const { content, documentId } = options.keys()
    if (!content) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'read' })
    this.open = new OpenDocument({
      documentId,
      contentKey: content,
      log: options.log,
      newSession: options.newSession,
      canWrite: () => this.role === 'write',
      startReplica: options.startReplica,
      clock: options.environment.clock,
      text: options.text,
      journal: options.journal,
      hasCompany: () => this.company.length > 0,
      onUpdates: (version, updates) => this.changed(version, updates),
      onState: () => {
        this.tellStatus()
        if (this.open.isJournaled !== this.wasJournaled) this.tellPeople()
        this.wasJournaled = this.open.isJournaled
        // A title that was typed while the document loaded is known from now on.
        if (this.wasLoading && !this.open.loading && this.lastEdit !== null) options.onChange()
        this.wasLoading = this.open.loading
      },
      onSelected: (caret) => this.tellSelection(caret),
      onPlaces: (places) => this.tellCarets(places),
      onContent: options.onContent,
      onNotes: (notes) => {
        const taken = this.successors.take(notes)
        taken.catch(options.onFailure).finally(() => this.tellSuccessors())
      },
    })
    this.watch = new SavingWatch({
      clock: options.environment.clock,
      progress: () => this.open,
      isExplained: () => options.log.problem !== null || this.open.trouble !== null,
      onLate: () => this.tellStatus(),
    })
    this.successors = new Successors({
      log: options.log,
      contentKey: content,
      identity: () => options.self().identity,
      canWrite: () => this.role === 'write',
      post: (note) => {
        this.open.note(note)
        return this.open.saved()
      },
      kept: options.successors,
      keep: options.keepSuccessors,
      holds: options.holds,
    })
    this.leftOut = new Quarantine({
      log: options.log,
      contentKey: content,
      faults: () => this.open.faults,
      startReplica: options.startReplica,
      clock: options.environment.clock,
      dismissed: options.dismissed,
    })
    this.stopListening = [
      options.log.onProblem(() => this.tellStatus()),
      options.log.onShortage(() => this.tellStatus()),
      options.log.onFork(() => this.tellStatus()),
      options.log.onDamaged(() => this.tellStatus()),
      options.log.onMended(() => this.tellStatus()),
    ]
    this.stopPeers = this.follow()
    this.tellSelection(null)
  }

  /** Role that the held link grants. */
  get role(): Role {
    return this.options.keys().role === 'write' ? 'write' : 'read'
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
      status: this.status(),
      people: this.people(),
      carets: this.carets,
      successors: this.successors.list(),
    }
  }

  /**
   * Others who write here and can be given a new link: those who are here with the write link first, then those
   * whose edits are stored, 255 at most. Opens all certificates.
   */
  writers(): Writer[] {
    const { content } = this.options.keys()
    const here = this.options
      .peers()
      .peers.flatMap(({ authorKey, name, role }) =>
        authorKey && role === 'write' ? [{ authorKey, name, here: true }] : [],
      )
    const stored = content ? authorsOf({ log: this.options.log, content }) : []
    const found = new Map<string, Writer>()
    for (const { authorKey, name, here: isHere } of [
      ...here,
      ...stored.map((one) => ({ ...one, here: false })),
    ])
      if (!found.has(hex(authorKey)))
        found.set(hex(authorKey), {
          key: hex(authorKey),
          name,
          fingerprint: fingerprint(authorKey),
          here: isHere,
        })
    found.delete(hex(this.options.self().identity.publicKey))
    return [...found.values()].slice(0, maxReceivers)
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
    this.checkOpen()
    this.open.push(version, updates)
  }

  /** Where this person's selection stands, in the text of `version`; null for nowhere. Throws VERSION_GONE. */
  setSelection(selection: { version: number; anchor: number; head: number } | null): void {
    if (this.closing) return
    if (selection) this.open.select(selection.version, selection.anchor, selection.head)
    else this.tellSelection(null)
  }

  /**
   * Edits given as offsets (UTF-16) in the text as it is now; \r\n and \r in what they insert become \n. Resolves
   * when applied. Rejects as `pushEdits` throws.
   */
  async edit(edits: readonly { from: number; to: number; insert: string }[]): Promise<void> {
    this.checkOpen()
    this.open.edit(edits, programClient)
  }

  /** A link to this document, to be given to someone. Rejects with ROLE_TOO_LOW above the held role. */
  async link(role: 'write' | 'read' | 'keep'): Promise<string> {
    const link = formatLink(this.options.keys(), role)
    // A disk that refuses to note it is no reason to keep it back.
    await this.options.noteGiven().catch(this.options.onFailure)
    this.tellStatus()
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
    await this.options.dismiss(this.leftOut.keys())
    this.tellStatus()
  }

  /** How many edits made here are not durable: 0 when everything is saved. */
  get unsavedEdits(): number {
    return this.open.unsavedEdits
  }

  /** Resolves when all edits so far are durable here. Rejects with NOT_SAVED when they cannot be, or it ends before. */
  async saved(): Promise<void> {
    await this.open.saved()
  }

  /**
   * Waits for at most `limit` ms until all edits so far are in segments, or durable here with nothing that could be
   * expected to take them. Resolves to whether they are durable here.
   */
  async savedWithin(limit: number): Promise<boolean> {
    await within(this.options.environment.clock, limit, this.open.drained()).catch(notSavedAsFalse)
    return isSaved(this.open)
  }

  /**
   * Resolves when some peer holds all that is here and this holds all that it has. Rejects with TIMEOUT
   * after `timeout` ms.
   */
  async whenSynced({ timeout }: { timeout: number }): Promise<void> {
    const { clock } = this.options.environment
    const until = clock.now() + timeout
    for (;;) {
      await this.before(until, this.open.settled())
      if (this.inSyncWith().length > 0) return
      let stop = (): void => undefined
      const changed = new Promise<void>((resolve) => {
        stop = this.on('status', () => resolve())
      })
      await this.before(until, changed).finally(() => stop())
    }
  }

  /** Resolves when it has ended, if it is about to: until then its log is written to. */
  get ended(): Promise<void> | null {
    return this.closing
  }

  /** One more handle is held. */
  retain(): this {
    this.checkOpen()
    this.handles++
    return this
  }

  /**
   * Gives a handle back; with the last one, saves and ends. Rejects with NOT_SAVED when edits cannot be saved, or not
   * in 10 s: the document then stays open with its text, and ends by itself once it is saved.
   */
  async close(): Promise<void> {
    this.handles = Math.max(0, this.handles - 1)
    if (this.handles > 0) return
    this.tellSelection(null)
    const ending = this.open.drained().then(() => (this.handles === 0 ? this.end() : undefined))
    const done = await within(this.options.environment.clock, closeLimit, ending).catch(notSavedAsFalse)
    if (done) return
    if (!isSaved(this.open)) throw notSaved(this.open.unsavedEdits)
    // Edits in the journal wait until the document is opened again.
    if (this.handles === 0) await this.end(0)
  }

  /**
   * Saves for at most `limit` ms and ends, 10 s later at most, whoever still holds a handle. Rejects with NOT_SAVED
   * when edits went with it. Idempotent.
   */
  end(limit = closeLimit): Promise<void> {
    this.closing ??= this.finish(limit)
    return this.closing
  }

  /** Handles a better link, after peers reconnected with it: begins a session that may write. */
  upgraded(): void {
    this.open.renew()
    this.metAnew()
  }

  /** Follows the new peers after a reconnection. */
  metAnew(): void {
    this.stopPeers()
    this.stopPeers = this.follow()
    this.tellSelection(this.caret)
    this.tellStatus()
  }

  /** The network, the name or something else that the status tells of changed. */
  refresh(): void {
    this.tellStatus()
    this.tellSelection(this.caret)
  }

  /** Tells of the documents that took this one's place, if that changed. */
  tellSuccessors(): void {
    if (this.closing) return
    const successors: Successor[] = this.successors.list()
    const text = JSON.stringify(successors)
    if (text === this.lastSuccessors) return
    this.lastSuccessors = text
    this.emitter.emit('successors', { id: this.id, successors })
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
    if (!this.closing) await this.open.drained()
  }

  /** Resolves when all edits so far are durable here and everything stored is in the text. */
  async settled(): Promise<void> {
    if (!this.closing) await this.open.settled()
  }

  /** Title and loading state for the library. */
  get summary(): { title: string; loading: boolean } {
    return { title: this.open.title, loading: this.open.loading }
  }

  private caret: Uint8Array | null = null

  private get company(): readonly PeerState[] {
    return companyOf(this.options.peers().peers)
  }

  private checkOpen(): void {
    if (this.closing) throw new SwarmpadError('CLOSED')
  }

  private async finish(limit: number): Promise<void> {
    this.tellSelection(null)
    await this.savedWithin(limit)
    this.watch.stop()
    this.stopPeers()
    for (const stop of this.stopListening) stop()
    // First: what is left in the journal is for the next one that is opened, and nobody else.
    this.open.close()
    await within(this.options.environment.clock, closeLimit, this.options.onClose())
    if (!isSaved(this.open)) throw notSaved(this.open.unsavedEdits)
  }

  private follow(): () => void {
    return this.options.peers().onChange(() => {
      this.tellPeople()
      this.tellStatus()
      this.findCarets()
    })
  }

  private changed(version: number, updates: Update[]): void {
    this.lastEdit = this.options.environment.clock.now()
    this.emitter.emit('updates', { id: this.id, version, updates })
    this.emitter.emit('change', { version: this.open.version })
    this.options.onChange()
    // A caret may name text that has only now arrived.
    if (updates.some((update) => update.clientID === 'peer')) this.findCarets()
  }

  private inSyncWith(): PeerState[] {
    return inSyncWith({ isCurrent: this.open.isCurrent, peers: this.options.peers().peers })
  }

  private status(): DocumentStatus {
    const { log, reachability } = this.options
    const { peers, unshared, holders, holdersHere } = this.options.peers()
    return documentStatus({
      version: this.open.version,
      savedVersion: this.open.savedVersion,
      late: this.watch.isLate,
      loading: this.open.loading,
      isCurrent: this.open.isCurrent,
      reachability: reachability(),
      peers,
      unshared,
      journaled: this.open.isJournaled,
      shared: this.options.isShared(),
      holders,
      holdersHere,
      self: this.options.self().identity,
      diskProblem: log.problem,
      shortage: log.shortage,
      leftOut: this.leftOut.list(),
      damaged: log.health.isDamaged,
      trouble: this.open.trouble,
    })
  }

  private people(): Person[] {
    const self = this.options.self().identity
    const colors = assignColors(this.options.peers().peers)
    return this.options.peers().peers.flatMap((peer) => {
      if (peer.role === 'keep' || peer.outdated) return []
      const print = peer.authorKey ? fingerprint(peer.authorKey) : ''
      const { key, name, role } = peer
      const own = isOwnDevice(peer, self)
      const color = colors.get(key) ?? 0
      return [
        {
          key,
          name,
          fingerprint: print,
          own,
          role,
          color,
          hasMine: peer.coversMine && !this.open.isJournaled,
        },
      ]
    })
  }

  private tellStatus(): void {
    if (this.closing) return
    this.watch.look()
    const status = this.status()
    const text = JSON.stringify(status)
    if (text === this.lastStatus) return
    this.lastStatus = text
    this.emitter.emit('status', { id: this.id, status })
    this.tellErrors(status)
    // Nobody else can have edits that are not saved.
    const synced = status.inSyncWith > 0 && isSaved(this.open)
    if (synced && !this.wasSynced) this.emitter.emit('synced', { peers: status.inSyncWith })
    this.wasSynced = synced
  }

  /** Tells what is wrong once, until it is right again. */
  private tellErrors({ unsaved, problem, shortage, leftOut }: DocumentStatus): void {
    const untold = leftOutWords(leftOut.filter(({ dismissed }) => !dismissed))
    const last = unsaved && `What was typed last is not saved. ${unsaved}`
    const errors = [last, problem, shortage?.text, ...untold].filter((message) => !!message)
    const before = this.told
    this.told = new Set(errors.map(String))
    for (const message of this.told) if (!before.has(message)) this.emitter.emit('error', { message })
  }

  private tellPeople(): void {
    const people = this.people()
    const text = JSON.stringify(people)
    if (text === this.lastPeople) return
    this.lastPeople = text
    this.emitter.emit('people', { id: this.id, people })
    this.emitter.emit('peers', people)
  }

  private tellSelection(caret: Uint8Array | null): void {
    this.caret = caret
    this.options.peers().setPresence({ ...this.options.self(), caret })
  }

  private findCarets(): void {
    const carets = this.options.peers().peers.flatMap(({ key, caret }) => (caret ? [{ key, caret }] : []))
    if (carets.length > 0) this.open.find(carets)
    else this.tellCarets([])
  }

  private tellCarets(carets: Caret[]): void {
    this.carets = carets
    const text = JSON.stringify([this.open.version, carets])
    if (text === this.lastCarets || (carets.length === 0 && this.lastCarets === '')) return
    this.lastCarets = carets.length === 0 ? '' : text
    this.emitter.emit('carets', { id: this.id, version: this.open.version, carets })
  }

  private async before(until: number, work: Promise<void>): Promise<void> {
    const { clock } = this.options.environment
    if (!(await within(clock, Math.max(0, until - clock.now()), work))) throw new SwarmpadError('NOBODY_CAME')
  }
}

function notSavedAsFalse(error: unknown): false {
  if (isNotSaved(error)) return false
  throw error
}
