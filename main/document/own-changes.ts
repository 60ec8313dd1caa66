import type { Clock } from '../base/environment'
import { hasCode, SwarmpadError } from '../base/errors'
import type { DocumentLog } from '../log/document-log'
import type { SessionLog } from '../log/session-log'
import type { EntryNaming } from '../replica/entry-names'
import type { PartRecord, RecordPlace } from '../replica/parts/parts'
import type { FromReplica } from '../replica/replica-protocol'
import { EditJournal, type JournalKeep } from './edit-journal'
import type { EditState } from './pending-edits'

/** Dependencies and callbacks of `OwnChanges`. */
export interface OwnChangesOptions {
  readonly log: DocumentLog
  readonly clock: Clock
  readonly journal: JournalKeep
  /** The local edits: a live view. */
  readonly edits: EditState
  /** So many more of the edits are durable, in their order: in segments or in the journal. */
  readonly onSaved: (edits: number) => void
  /** The log refused changes. */
  readonly onRefused: () => void
  /** A write ended. */
  readonly onProgress: () => void
}

/**
 * Writes the local edits and records to the log, once the replica has closed them into changes, and to the journal while
 * it does not. Invariants:
 *
 * 1. Durable before reported: `onSaved` follows the write.
 * 2. An edit leaves the journal in the batch of the segment that holds it: it is in one of the two at any time (S19).
 * 3. After changes that the log refused, none are written: the log of their session would have a gap.
 */
export class OwnChanges {
  private readonly options: OwnChangesOptions
  private readonly journal: EditJournal
  private readonly writes = new Set<Promise<void>>()
  /** Records that are not durable, by their names. */
  private readonly records = new Map<string, PartRecord>()
  /** Edits up to this number are durable in segments. */
  private logged = 0
  /** Edits up to this number were reported as durable. */
  private reported: number
  /** The replica was asked to close edits up to this number into changes. */
  private requested = 0
  private refused = false

  constructor(options: OwnChangesOptions) {
    const { log, clock, journal, edits } = options
    this.options = options
    this.reported = edits.made
    this.journal = new EditJournal({
      log,
      clock,
      keep: journal,
      edits,
      isLogging: () => this.writes.size > 0,
      onKept: () => {
        this.report()
        options.onProgress()
      },
    })
  }

  /** All edits and records are durable in segments. */
  get isWritten(): boolean {
    const isClosed = this.options.edits.pending.length === 0 && this.records.size === 0
    return isClosed && this.writes.size === 0 && !this.refused
  }

  /** All edits and records are durable, in segments or in the journal. */
  get isKept(): boolean {
    return this.reported === this.options.edits.made && this.records.size === 0
  }

  /** Some edits are durable in the journal alone: nobody else can have them. */
  get isJournaled(): boolean {
    return this.journal.kept > this.logged
  }

  /** Writes are under way. */
  get isWriting(): boolean {
    return this.writes.size > 0
  }

  /** The log refused changes: nothing more can be saved here. */
  get isRefused(): boolean {
    return this.refused
  }

  /** Records that are not durable. */
  get pendingRecords(): readonly PartRecord[] {
    return [...this.records.values()]
  }

  /** Entry names for a replica that starts now. */
  get naming(): EntryNaming {
    return this.journal.naming
  }

  /** An edit was made, while the replica keeps up (`isReady`) or not. */
  edited(isReady: boolean): void {
    if (!isReady || this.journal.holds) this.journal.schedule()
  }

  /** Keeps a record until it is durable. Two with one key in a part are the same. */
  addRecord(record: PartRecord): void {
    this.records.set(nameOf(record), record)
  }

  /** The replica was asked to close all edits into changes: those that it does not close in time are journaled. */
  closeRequested(): void {
    this.requested = this.options.edits.made
    this.awaitReplica()
  }

  /** Journals the pending edits, unless the replica closes them into changes in time. */
  awaitReplica(): void {
    if (this.options.edits.pending.length > 0) this.journal.schedule()
  }

  /** Journals the pending edits at once. */
  writeJournal(): void {
    this.journal.write()
  }

  /** Writes changes to the log, in the replica's session; the edits in them are no longer pending. */
  write(session: SessionLog, message: Extract<FromReplica, { type: 'change' }>): void {
    const { log, edits, onRefused } = this.options
    const logged = edits.made - edits.pending.length
    if (logged >= this.requested) this.journal.cancel()
    const { records, onDurable } = this.journal.removeClosed(message.named)
    const write = log.append(session, message.changes, records).then(
      () => {
        this.logged = logged
        onDurable()
        this.report()
        for (const place of message.recorded) this.records.delete(nameOf(place))
      },
      (error) => {
        if (!(error instanceof SwarmpadError)) throw error
        // Else the log was closed while the disk refused: its caller got the error, and the edits stay unsaved.
        if (hasCode(error, 'EDIT_TOO_LARGE', 'SESSION_OVER', 'INTERNAL')) this.refuse()
        onRefused()
      },
    )
    this.track(write)
  }

  /** Number of the first pending edits that the document has by journal entries of these names. */
  countEntered(names: readonly string[]): number {
    const { made, pending } = this.options.edits
    return Math.max(0, this.journal.lastOf(names) - (made - pending.length))
  }

  /** Edits of an earlier run, no longer pending, were found in the document: takes them out of the journal. */
  entered(): void {
    const { log, edits } = this.options
    this.logged = edits.made - edits.pending.length
    const { records, onDurable } = this.journal.removeClosed(0)
    // Closed meanwhile: the next run finds the same.
    this.track(
      log
        .keep(records)
        .then(onDurable)
        .catch(() => undefined),
    )
  }

  /** Resolves when no write is under way. */
  async drained(): Promise<void> {
    await Promise.allSettled(this.writes)
  }

  /** Stops writing the journal: its record stays as it is. */
  close(): void {
    this.journal.freeze()
  }

  private track(write: Promise<void>): void {
    // A write that fails for no foreseen reason stays under way: its edits never count as saved.
    const tracked = write.then(() => {
      this.writes.delete(tracked)
      this.options.onProgress()
    })
    this.writes.add(tracked)
  }

  private report(): void {
    const durable = Math.max(this.logged, this.journal.kept)
    const more = durable - this.reported
    if (more <= 0) return
    this.reported = durable
    this.options.onSaved(more)
  }

  /** Leaves in the journal what it has, for the next session to try. */
  private refuse(): void {
    this.refused = true
    this.journal.freeze()
  }
}

const nameOf = ({ part, key }: RecordPlace): string => `${part}/${key}`
