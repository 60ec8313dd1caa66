import type { Text } from '@codemirror/state'
import type { DocumentId } from '../../preload/contract/ids'
import { leftWords } from '../../preload/messages/damage'
import type { Environment } from '../base/environment'
import { hasCode, SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import type { JournalKeep } from '../document/edit-journal'
import type { StartReplica } from '../document/replica-thread'
import { makeSnapshot } from '../document/snapshot-maker'
import { keysFromRead } from '../keys/derive'
import { isOwnDevice } from '../keys/devices'
import type { Identity } from '../keys/identity'
import type { Library } from '../library/library'
import type { LibraryEntry, OwnSuccessor } from '../library/library-entry'
import type { LastSeen } from '../library/text-records'
import type { DocumentLog } from '../log/document-log'
import type { DocumentQuota } from '../log/quota'
import { SessionLog } from '../log/session-log'
import type { Reachability } from '../network/network'
import type { DocumentContent } from '../replica/replica-protocol'
import type { KeptParts } from '../repo/kept-parts'
import type { RepoDocument } from '../repo/repo-document'
import type { DocumentSync } from '../sync/document-sync'
import type { PeerState } from '../sync/state/peer-state'
import { recoverFork } from './fork-recovery'
import type { LibraryRecorder } from './library-recorder'
import { SharedDocument } from './shared-document'

/**
 * Delay before own edits that an earlier run left are put in with no window open, in ms: a copy of this profile that
 * has put them in is heard first.
 */
const enterDelay = 10_000

/** Maximum number of dismissed notices for each document; the oldest come back. */
const maxDismissed = 2_000

/** True while a document that this person made in place of another is not known to all who get it. */
const isUnderWay = ({ posted, untold, leaving }: OwnSuccessor): boolean =>
  !posted || untold.length > 0 || leaving

/** Parts of the workspace that kept documents need. */
export interface KeptDocumentHost {
  readonly environment: Environment
  readonly startReplica: StartReplica
  readonly recorder: LibraryRecorder
  readonly library: () => Library
  /** This person, as others see them. */
  readonly self: () => { name: string; identity: Identity }
  readonly reachability: () => Reachability
  /** Called when what the peers hold of a document changed, or it was closed. */
  readonly onHeard: (id: DocumentId, peers: DocumentSync, isOpen: boolean) => Promise<void>
  readonly onFailure: (error: unknown) => void
  /** Something that the person should know, in plain words. */
  readonly onNotice: (message: string) => void
  /** Notes that others may have a document or a link to it. Rejects with STORE_WRITE_FAILED. */
  readonly share: (id: DocumentId) => Promise<void>
  /** Opens a document of the library. */
  readonly open: (id: DocumentId) => Promise<SharedDocument>
}

/** A document of the library whose log is open, and which is open itself or not. */
export class KeptDocument {
  readonly id: DocumentId
  private readonly host: KeptDocumentHost
  private readonly kept: RepoDocument
  private shared: SharedDocument | null = null
  /** The document is about to be open, or its text is stored: one at a time. */
  private opening: Promise<void> | null = null
  /** Resolves when the document that was closed last is gone. */
  private closing: Promise<void> = Promise.resolve()
  private readonly stopRecovery: () => void
  /** Resolves when it is known if an earlier run left own edits. */
  private readonly looked: Promise<void>
  private hasLeftEdits = false
  private stopped = false

  /** Puts in what an earlier run left, later, and recovers own text after forks, until `stop`. */
  constructor(kept: RepoDocument, host: KeptDocumentHost) {
    this.id = kept.id
    this.kept = kept
    this.host = host
    const { clock } = host.environment
    this.stopRecovery = recoverFork({
      log: this.log,
      clock,
      mayDrop: () => this.mayDropChanges,
      open: () => host.open(this.id),
    })
    this.looked = this.scheduleLeftEdits().catch((error) => {
      if (!this.stopped) host.onFailure(error)
    })
  }

  get log(): DocumentLog {
    return this.kept.log
  }

  get quota(): DocumentQuota {
    return this.kept.quota
  }

  get parts(): KeptParts {
    return this.kept.parts
  }

  get peers(): DocumentSync {
    return this.kept.peers
  }

  /** The document while it is open. */
  get document(): SharedDocument | null {
    return this.shared
  }

  /** Someone else has the document or a link to it. */
  get isShared(): boolean {
    const entry = this.library.entries.get(this.id)
    return (
      entry !== undefined && (entry.given || entry.waiting || this.log.holdsOthers || this.peers.hasReplicas)
    )
  }

  /**
   * Retains the document, or begins to open it. Resolves to null when the caller has to try again. Rejects with
   * ROLE_TOO_LOW, STORE_DAMAGED or CLOSED.
   */
  async retain(): Promise<SharedDocument | null> {
    const { shared } = this
    if (shared?.ended) {
      // One that is being closed has edits on their way to the log, which the next must find there.
      await shared.ended.catch(() => undefined)
      // A slow disk takes longer than its end.
      await this.closing
    } else if (shared) return shared.retain()
    else {
      // By one at a time: what the journal has left belongs to one document.
      this.opening ??= this.read().finally(() => {
        this.opening = null
      })
      await this.opening
    }
    return null
  }

  /** Resolves to true if nothing here needs the open log. */
  async mayRest(): Promise<boolean> {
    await this.looked
    if (this.shared || this.opening || this.hasLeftEdits) return false
    const entry = this.library.entries.get(this.id)
    // An arrival is still to be recorded; people are still to learn of a new document.
    const isArriving = entry?.waiting && this.log.holdsOthers
    return !isArriving && !entry?.successors.some(({ own }) => own && isUnderWay(own))
  }

  /**
   * Stores the text of the document for the next time that it is opened. Resolves to false, and stores nothing, if it
   * is open. Rejects with STORE_WRITE_FAILED.
   */
  async storeText(text: Text): Promise<boolean> {
    if (this.shared || this.opening || this.stopped) return false
    this.opening = this.library.texts
      .open(this.id)
      .then((lastSeen) => lastSeen.store(text, null))
      .finally(() => {
        this.opening = null
      })
    await this.opening
    return true
  }

  /** Handles that the peers were connected again. */
  reconnected(): void {
    this.shared?.reconnected()
  }

  /** Handles that better keys are in the library now, after the reconnection with them. */
  upgraded(): void {
    this.shared?.upgraded()
  }

  /** Notes the document's manifest, as soon as it is known. Rejects with STORE_WRITE_FAILED. */
  async learnManifest(manifest: Uint8Array): Promise<void> {
    const { entry } = this
    if (entry.manifest !== null) return
    const keys = entry.keys.read ? keysFromRead(entry.keys.read, manifest) : entry.keys
    await this.library.put({ ...entry, keys, manifest: hex(manifest) })
  }

  /** Reports that what the peers hold of the document changed, or that it was closed. */
  reportPeers(): void {
    this.host
      .onHeard(this.id, this.peers, this.shared !== null)
      .catch((error) => this.host.onFailure(error))
      .finally(() => this.shared?.successors.update())
  }

  /** Notes that somebody else has the document, once one is met on it. */
  noticeOthers(): void {
    if (this.library.entries.get(this.id)?.shared !== false) return
    const { identity } = this.host.self()
    const isOther = (peer: PeerState) => peer.authorKey !== null && !isOwnDevice(peer, identity)
    if (this.peers.peers.some(isOther)) this.host.share(this.id).catch(this.host.onFailure)
  }

  /** Opens the document no more, and begins nothing in the background. */
  stop(): void {
    this.stopped = true
    this.stopRecovery()
  }

  private get library(): Library {
    return this.host.library()
  }

  private get entry(): LibraryEntry {
    return this.library.entry(this.id)
  }

  private get canWrite(): boolean {
    return this.entry.keys.role === 'write'
  }

  /** The log can drop changes for another history without losing own edits. */
  private get mayDropChanges(): boolean {
    return !this.canWrite || this.log.ownSessions().length === 0 || (this.shared?.isReady ?? false)
  }

  private async scheduleLeftEdits(): Promise<void> {
    if (!this.canWrite || !(await this.library.journals.has(this.id))) return
    this.hasLeftEdits = true
    this.host.environment.clock.set(enterDelay, () => {
      void this.enterLeftEdits().finally(() => {
        this.hasLeftEdits = false
      })
    })
  }

  /** Puts in own edits of an earlier run in the background, so that others get them. */
  private async enterLeftEdits(): Promise<void> {
    if (this.stopped) return
    try {
      const document = await this.host.open(this.id)
      await document.drained().finally(() => document.close())
    } catch (error) {
      // Removed or closed meanwhile: they stay where they are.
      if (!(error instanceof SwarmpadError)) this.host.onFailure(error)
    }
  }

  private async read(): Promise<void> {
    const lastSeen = await this.library.texts.open(this.id)
    const { keep, state } = await this.library.journals.open(this.id, lastSeen.text)
    if (this.stopped) return
    this.shared = this.newDocument(lastSeen, keep)
    this.kept.setOpen(true)
    if (state !== 'sound') this.host.onNotice(leftWords(this.entry.title, state))
  }

  private newDocument(lastSeen: LastSeen, journal: JournalKeep): SharedDocument {
    const { id, host } = this
    const { environment, startReplica, reachability, self } = host
    return new SharedDocument({
      environment,
      startReplica,
      lastSeen,
      journal,
      keys: () => this.entry.keys,
      log: this.log,
      peers: () => this.peers,
      reachability,
      self,
      newSession: () => this.newSession(),
      dismissed: () => this.entry.dismissed,
      dismiss: (keys) => this.dismiss(keys),
      successors: () => this.entry.successors,
      keepSuccessors: (successors) => this.library.put({ ...this.entry, successors }),
      isShared: () => this.isShared,
      noteGiven: async () => {
        // Also where the disk refuses to note it: who has the link looks for this computer.
        this.kept.share()
        if (!this.entry.given) await this.library.put({ ...this.entry, given: true, shared: true })
      },
      holds: (other) => this.holds(other),
      onFailure: (error) => host.onFailure(error),
      onChange: () => host.recorder.noteText(id),
      onContent: (content) => this.makeSnapshot(content),
      onClose: () => {
        this.closing = this.closed()
        return this.closing
      },
    })
  }

  private async closed(): Promise<void> {
    try {
      if (this.shared) await this.host.recorder.record(this.id, this.shared, true)
    } catch (error) {
      // Only what the library shows is lost by it, and found again when the document is opened.
      this.host.onFailure(error)
    } finally {
      this.shared = null
      this.kept.setOpen(false)
      if (!this.stopped) this.reportPeers()
    }
  }

  /** Returns true if the library shows a document that can be read. */
  private holds(id: DocumentId): boolean {
    const entry = this.library.entries.get(id)
    return entry !== undefined && entry.removedAt === null && entry.keys.role !== 'keep'
  }

  private makeSnapshot(content: DocumentContent): void {
    if (!this.canWrite) return
    const { startReplica, environment } = this.host
    const made = makeSnapshot({ content, keys: this.entry.keys, log: this.log, startReplica, environment })
    // Closed meanwhile: another is made the next time.
    made.catch((error) => {
      if (!hasCode(error, 'CLOSED')) this.host.onFailure(error)
    })
  }

  private async dismiss(keys: readonly string[]): Promise<void> {
    const all = [...new Set([...this.entry.dismissed, ...keys])]
    await this.library.put({ ...this.entry, dismissed: all.slice(-maxDismissed) })
  }

  private newSession(): SessionLog | null {
    if (!this.canWrite) return null
    const { keys } = this.entry
    const { environment, self } = this.host
    return new SessionLog({ documentId: keys.documentId, keys, ...self(), environment })
  }
}
