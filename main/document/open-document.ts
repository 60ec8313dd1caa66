import { ChangeSet } from '@codemirror/state'
import type { Update } from '../../preload/contract'
import { cleanText, toText } from '../../preload/text'
import type { Clock } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import type { DocumentLog } from '../log/document-log'
import type { SessionLog } from '../log/session-log'
import type { Fault } from '../replica/intake'
import type { Note } from '../replica/notes'
import type { DocumentContent } from '../replica/replica-protocol'
import type { JournalKeep } from './edit-journal'
import { EditVersions } from './edit-versions'
import { GatheringWindow } from './gathering-window'
import { ReplicaClient } from './replica-client'
import type { StartReplica } from './replica-thread'
import { titleOf } from './title'

/** Options of an open document. */
export interface OpenDocumentOptions {
  readonly documentId: Uint8Array
  readonly contentKey: Uint8Array
  readonly log: DocumentLog
  /** Makes a session to write in; gives null to who may only read. */
  readonly newSession: () => SessionLog | null
  readonly canWrite: () => boolean
  readonly startReplica: StartReplica
  readonly clock: Clock
  /** The text last seen, shown until the log is read. */
  readonly text: string
  /** Where edits are kept that are in no segment; what it has left of an earlier run is shown too. */
  readonly journal: JournalKeep
  /** True if anyone else is present; determines how long typing is gathered. */
  readonly hasCompany: () => boolean
  /** The text changed by one or more versions after `version`. */
  readonly onUpdates: (version: number, updates: Update[]) => void
  /** `savedVersion`, `loading` or `trouble` may have changed. */
  readonly onState: () => void
  /** How to name this person's selection to others. */
  readonly onSelected: (caret: Uint8Array) => void
  /** Where the carets stand that were asked for, at the newest version. */
  readonly onPlaces: (places: { key: string; anchor: number; head: number }[]) => void
  /** All that authors put beside the text, when it is known and whenever it changed. Nothing in it is checked. */
  readonly onNotes: (notes: readonly Note[]) => void
  /** Called with the loaded content when it is worth a snapshot. */
  readonly onContent: (content: DocumentContent) => void
}

/**
 * A document while someone looks at it: the versions that windows edit and the replica behind them.
 * Knows nothing of peers.
 */
export class OpenDocument {
  private readonly options: OpenDocumentOptions
  private readonly versions: EditVersions
  private readonly link: ReplicaClient
  private readonly gathering: GatheringWindow
  /** The versions of local edits that are not durable, oldest first. */
  private readonly unsaved: number[] = []

  constructor(options: OpenDocumentOptions) {
    this.options = options
    const { left } = options.journal
    const text = left?.text ?? toText(options.text)
    const shown = left?.entries.reduce((before, { changes }) => changes.apply(before), text) ?? text
    this.versions = new EditVersions(shown)
    this.link = new ReplicaClient({
      log: options.log,
      contentKey: options.contentKey,
      documentId: options.documentId,
      newSession: options.newSession,
      startReplica: options.startReplica,
      clock: options.clock,
      text,
      journal: options.journal,
      onRemote: (changes) => this.addRemote(changes),
      onLost: (changes) => this.enterAgain(changes),
      onSaved: (edits) => {
        this.unsaved.splice(0, edits)
        options.onState()
      },
      onState: options.onState,
      onSelected: options.onSelected,
      onPlaces: options.onPlaces,
      onNotes: options.onNotes,
      onContent: options.onContent,
    })
    this.gathering = new GatheringWindow({
      clock: options.clock,
      close: () => this.link.commit(),
      hasCompany: options.hasCompany,
    })
  }

  /** The newest version. */
  get version(): number {
    return this.versions.version
  }

  /** Everything up to this version is durable on this computer. */
  get savedVersion(): number {
    const first = this.unsaved[0]
    return first === undefined ? this.version : first - 1
  }

  /** How many edits made here are not durable. */
  get unsavedEdits(): number {
    return this.unsaved.length
  }

  /** The log is still being read. */
  get loading(): boolean {
    return this.link.loading
  }

  /** Everything that is stored is in the text, and what was saved can be sent to others. */
  get isCurrent(): boolean {
    return this.link.isCurrent && !this.isJournaled
  }

  /** Some edits are durable here, and in nothing yet that others can get. */
  get isJournaled(): boolean {
    return this.link.isJournaled
  }

  /** Sessions that are not read from some change on. */
  get faults(): readonly Fault[] {
    return this.link.faults
  }

  /** Reason the document cannot be read or saved, in plain words; or null. */
  get trouble(): string | null {
    if (this.link.isRefused) return 'This document can take no more. Copy your text into a new one.'
    if (this.link.loading && this.link.isDamaged)
      return 'What is stored of this document on this computer is damaged, so not all of it can be shown. Put the profile folder back from a backup. Swarmpad keeps trying.'
    if (this.link.loading && this.link.failures > 2)
      return 'This document cannot be read here at the moment. Swarmpad keeps trying.'
    return null
  }

  /** The text at the newest version. */
  get text(): string {
    return this.versions.text.toString()
  }

  /** From the first heading or line; '' for none. */
  get title(): string {
    return titleOf(this.versions.text)
  }

  /** Length of the text in UTF-16 code units. */
  get length(): number {
    return this.versions.text.length
  }

  /** Takes edits that a window made at `version`. Throws ROLE_TOO_LOW, EDIT_INVALID or VERSION_GONE. */
  push(version: number, updates: readonly Update[]): void {
    this.checkCanWrite()
    const before = this.version
    const changes = this.versions.push(version, updates)
    if (!changes.empty) {
      this.unsaved.push(before + 1)
      this.link.edit(changes)
    }
    this.tell(before)
    if (changes.empty) return
    this.gathering.edited()
    this.options.onState()
  }

  /** Takes edits given as offsets in the newest text; what they insert is cleaned. Throws as `push` does. */
  edit(edits: readonly { from: number; to: number; insert: string }[], clientID: string): void {
    let changes: ChangeSet
    try {
      const cleaned = edits.map(({ from, to, insert }) => ({ from, to, insert: cleanText(insert) }))
      changes = ChangeSet.of(cleaned, this.length, '\n')
    } catch (error) {
      throw new SwarmpadError('EDIT_INVALID', {}, { cause: error })
    }
    this.push(this.version, [{ clientID, changes: changes.toJSON() }])
  }

  /** Puts a note beside the text, durable with `saved`. Throws ROLE_TOO_LOW. */
  note(note: Note): void {
    this.checkCanWrite()
    this.link.note(note)
  }

  /** This person's selection in the text of `version`. Throws VERSION_GONE. */
  select(version: number, anchor: number, head: number): void {
    this.link.select(this.versions.place(anchor, version), this.versions.place(head, version))
  }

  /** Asks where carets of other people stand; answered by `onPlaces`. */
  find(carets: { key: string; caret: Uint8Array }[]): void {
    this.link.find(carets)
  }

  /** Resolves when every edit made so far is durable on this computer. Rejects with NOT_SAVED when that cannot be, or this is closed before. */
  saved(): Promise<void> {
    this.gathering.flush()
    return this.link.saved()
  }

  /** Resolves when every edit made so far is in segments, or kept and no replica can be expected to load. */
  drained(): Promise<void> {
    this.gathering.flush()
    return this.link.drained()
  }

  /**
   * Resolves when every edit made so far is in segments and everything stored is in the text. Rejects with NOT_SAVED,
   * and with CLOSED.
   */
  settled(): Promise<void> {
    this.gathering.flush()
    return this.link.settled()
  }

  /** True when the text and its authors are known: discarding a part of the log then loses no own edits. */
  get isReady(): boolean {
    return this.link.isReady
  }

  /** Begins a new session: the role that is held changed. */
  renew(): void {
    this.link.renew()
  }

  /** Ends the replica. `saved` first, or unsaved edits are lost. */
  close(): void {
    this.gathering.cancel()
    this.link.close()
  }

  private checkCanWrite(): void {
    if (!this.options.canWrite()) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'edit' })
  }

  private addRemote(changes: ChangeSet): void {
    const before = this.version
    this.versions.add(changes)
    this.gathering.remoteArrived()
    this.tell(before)
  }

  private enterAgain(changes: ChangeSet): void {
    const before = this.version
    this.versions.add(changes)
    this.unsaved.push(before + 1)
    this.link.edit(changes)
    this.tell(before)
  }

  private tell(before: number): void {
    const updates = this.versions
      .since(before)
      .map(({ clientID, changes }) => ({ clientID, changes: changes.toJSON() }))
    if (updates.length > 0) this.options.onUpdates(before, updates)
  }
}
