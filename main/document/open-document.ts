import { ChangeSet, type Text } from '@codemirror/state'
import { Emitter } from '../../preload/emitter'
import { titleReader } from '../../preload/text/markdown/title'
import type { Clock } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import type { DocumentLog } from '../log/document-log'
import type { SessionLog } from '../log/session-log'
import type { Fault } from '../replica/intake'
import type { KeyedRecord } from '../replica/parts/part'
import type { PartName } from '../replica/parts/parts'
import type { DocumentContent } from '../replica/replica-protocol'
import type { JournalKeep } from './edit-journal'
import { EditSum } from './edit-sum'
import { EditVersions, type TextEdit, type WireUpdate } from './edit-versions'
import { GatheringWindow } from './gathering-window'
import type { PartChannel } from './part-channel'
import { type NamedCaret, type PlacedCaret, RemoteCarets } from './remote-carets'
import { type DocumentTrouble, ReplicaClient } from './replica-client'
import type { StartReplica } from './replica-thread'

/** Options of an open document. */
export interface OpenDocumentOptions {
  readonly documentId: Uint8Array
  readonly contentKey: Uint8Array
  readonly log: DocumentLog
  /** Makes a session to write in; returns null for a reader. */
  readonly newSession: () => SessionLog | null
  /** True if the held link grants writing. */
  readonly canWrite: boolean
  readonly startReplica: StartReplica
  readonly clock: Clock
  /** The parts that have an owner, who gets a channel to each. */
  readonly parts: readonly PartName[]
  /** The text last seen, shown until the log is read. */
  readonly text: Text
  /** Keeps edits that are in no segment. Edits left from an earlier run are shown too. */
  readonly journal: JournalKeep
  /** True if anyone else is present; determines how long typing is gathered. */
  readonly hasCompany: () => boolean
  /** The text changed by one or more versions after `version`. */
  readonly onUpdates: (version: number, updates: WireUpdate[]) => void
  /** `savedVersion`, `loading` or `trouble` may have changed. */
  readonly onState: () => void
  /** The name of this person's selection for others. */
  readonly onSelected: (caret: Uint8Array) => void
  /** Other people's carets moved otherwise than with the text. */
  readonly onCarets: () => void
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
  private readonly replica: ReplicaClient
  private readonly gathering: GatheringWindow
  private readonly records = new Emitter<Record<PartName, readonly KeyedRecord[]>>()
  private readonly remoteCarets: RemoteCarets
  private readonly readTitle = titleReader()
  /** Edits since the text was taken for storing; null before that if it begins with another than was stored. */
  private edits: EditSum | null
  private readonly stopListening: () => void
  private wasReady = false
  private canWrite: boolean
  /** The versions of local edits that are not durable, oldest first. */
  private readonly unsaved: number[] = []

  constructor(options: OpenDocumentOptions) {
    this.options = options
    this.canWrite = options.canWrite
    const { left } = options.journal
    const text = left?.text ?? options.text
    const shown = left?.entries.reduce((before, { changes }) => changes.apply(before), text) ?? text
    this.versions = new EditVersions(shown)
    this.edits = shown.eq(options.text) ? new EditSum() : null
    this.replica = new ReplicaClient({
      log: options.log,
      contentKey: options.contentKey,
      documentId: options.documentId,
      newSession: options.newSession,
      startReplica: options.startReplica,
      clock: options.clock,
      parts: options.parts,
      text,
      journal: options.journal,
      onRemote: (changes) => this.addRemote(changes),
      onLost: (changes) => this.enterAgain(changes),
      onSaved: (edits) => {
        this.unsaved.splice(0, edits)
        this.gathering.saved()
        options.onState()
      },
      onState: () => this.stateChanged(),
      onSelected: options.onSelected,
      onPlaces: (places) => this.remoteCarets.take(places),
      onRecords: ({ part, records }) => this.records.emit(part, records),
      onContent: options.onContent,
    })
    this.remoteCarets = new RemoteCarets({
      find: (carets) => this.replica.find(carets),
      onMoved: options.onCarets,
    })
    this.gathering = new GatheringWindow({
      clock: options.clock,
      close: () => this.replica.commit(),
      hasCompany: options.hasCompany,
    })
    this.stopListening = options.log.onReceived((segments) =>
      this.gathering.remoteArrived(segments.map(({ session }) => hex(session))),
    )
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
    return this.replica.loading
  }

  /** Everything that is stored is in the text, and what was saved can be sent to others. */
  get isCurrent(): boolean {
    return this.replica.isCurrent && !this.isJournaled
  }

  /** Some edits are durable here, and in nothing yet that others can get. */
  get isJournaled(): boolean {
    return this.replica.isJournaled
  }

  /** Edits are on their way to the log. */
  get isWriting(): boolean {
    return this.replica.isWriting
  }

  /** Sessions that are not read from some change on. */
  get faults(): readonly Fault[] {
    return this.replica.faults
  }

  /** Reason why the document cannot be read or saved, or null. */
  get trouble(): DocumentTrouble | null {
    return this.replica.trouble
  }

  /** The text at the newest version. */
  get text(): string {
    return this.versions.text.toString()
  }

  /**
   * Returns the newest text, and the changes to it since the last call, or since the text that was passed in; null if
   * that is not known.
   */
  takeText(): { text: Text; changes: ChangeSet | null } {
    const { text } = this.versions
    const changes = this.edits && (this.edits.take() ?? ChangeSet.empty(text.length))
    this.edits ??= new EditSum()
    return { text, changes }
  }

  /** From the first heading or line; '' for none. */
  get title(): string {
    return this.readTitle(this.versions.text)
  }

  /** Length of the text in UTF-16 code units. */
  get length(): number {
    return this.versions.text.length
  }

  /** Takes edits that a window made at `version`. Throws ROLE_TOO_LOW, EDIT_INVALID or VERSION_GONE. */
  push(version: number, updates: readonly WireUpdate[]): void {
    this.take(() => this.versions.push(version, updates))
  }

  /** Takes edits given as offsets in the newest text; inserted text is cleaned. Throws ROLE_TOO_LOW or EDIT_INVALID. */
  edit(edits: readonly TextEdit[], clientID: string): void {
    this.take(() => this.versions.edit(edits, clientID))
  }

  /** Returns the channel to one of the document's `parts`, for the part's owner. */
  channel(part: PartName): PartChannel {
    return {
      onRecords: (listener) => this.records.on(part, listener),
      put: async (record) => {
        this.checkCanWrite()
        this.replica.put({ ...record, part })
        await this.saved()
      },
    }
  }

  /** Sets this person's selection in the text of `version`; null for none. Throws VERSION_GONE. */
  select(selection: { version: number; anchor: number; head: number } | null): void {
    const place = (offset: number) => this.versions.place(offset, selection?.version ?? this.version)
    this.replica.select(selection && { anchor: place(selection.anchor), head: place(selection.head) })
  }

  /** Sets the carets of the other people who are present. */
  setCarets(carets: readonly NamedCaret[]): void {
    this.remoteCarets.set(carets)
  }

  /** Other people's carets in the newest text, without those that have no place in it yet. */
  get carets(): PlacedCaret[] {
    return this.remoteCarets.list
  }

  /** Resolves when every edit made so far is durable on this computer. Rejects with NOT_SAVED when that cannot be, or this is closed before. */
  saved(): Promise<void> {
    this.gathering.flush()
    return this.replica.saved()
  }

  /** Resolves when every edit made so far is in segments, or kept and no replica can be expected to load. */
  drained(): Promise<void> {
    this.gathering.flush()
    return this.replica.drained()
  }

  /**
   * Resolves when every edit made so far is in segments and everything stored is in the text. Rejects with NOT_SAVED,
   * and with CLOSED.
   */
  settled(): Promise<void> {
    this.gathering.flush()
    return this.replica.settled()
  }

  /** True when the text and its authors are known: discarding a part of the log then loses no own edits. */
  get isReady(): boolean {
    return this.replica.isReady
  }

  /** Begins a new session after the held link changed: `canWrite` if it grants writing. */
  changeRole(canWrite: boolean): void {
    this.canWrite = canWrite
    this.replica.renew()
  }

  /** Ends the replica. `saved` first, or unsaved edits are lost. */
  close(): void {
    this.stopListening()
    this.gathering.cancel()
    this.replica.close()
  }

  private checkCanWrite(): void {
    if (!this.canWrite) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'edit' })
  }

  private take(enter: () => ChangeSet): void {
    this.checkCanWrite()
    const before = this.version
    const changes = enter()
    if (!changes.empty) {
      this.unsaved.push(before + 1)
      this.replica.edit(changes)
      this.remoteCarets.follow(changes, false)
    }
    this.showSince(before)
    if (changes.empty) return
    this.gathering.edited()
    this.options.onState()
  }

  private addRemote(changes: ChangeSet): void {
    const before = this.version
    this.versions.add(changes)
    this.remoteCarets.follow(changes, true)
    this.showSince(before)
  }

  private enterAgain(changes: ChangeSet): void {
    const before = this.version
    this.versions.add(changes)
    this.unsaved.push(before + 1)
    this.replica.edit(changes)
    this.remoteCarets.follow(changes, false)
    this.showSince(before)
  }

  private stateChanged(): void {
    const { isReady } = this.replica
    if (isReady && !this.wasReady) this.remoteCarets.askAgain()
    this.wasReady = isReady
    this.options.onState()
  }

  private showSince(before: number): void {
    for (const changes of this.versions.changesSince(before)) this.edits?.add(changes)
    const updates = this.versions.since(before)
    if (updates.length > 0) this.options.onUpdates(before, updates)
  }
}
