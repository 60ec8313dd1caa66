import type { ChangeSet } from '@codemirror/state'
import type { Clock, Timer } from '../base/environment'
import type { DocumentLog } from '../log/document-log'
import type { LogEntry } from '../log/log-records'
import { type EntryNaming, entryNameSize } from '../replica/entry-names'
import { changesToJson } from './change-json'
import { type JournalRecord, type LeftEdits, textHash } from './journal-record'
import type { EditState } from './pending-edits'

/** Delay in which the replica may close edits before they are written here, in ms. */
const writeDelay = 250
/** Highest rate of writing, in bytes per ms: a long entry is written again less often. */
const maxRate = 1_000

type Records = LogEntry['records']

/** A base text, by its hash. No record may refer to it without it before it is durable. */
interface Base {
  readonly hash: string
  durable: boolean
}

/** Store of a document's journal. */
export interface JournalKeep {
  readonly random: (size: number) => Buffer
  /** Edits that an earlier run left; null for none. */
  readonly left: LeftEdits | null
  /** Returns the writes that store a record, and its base text; with null, the stored base is kept. */
  readonly store: (record: JournalRecord, base: string | null) => Records
  /** Returns the writes that delete the record. Its base stays: the next record may begin with it. */
  readonly remove: () => Records
}

/** Dependencies of a journal. */
export interface EditJournalOptions {
  readonly log: Pick<DocumentLog, 'keep'>
  readonly clock: Clock
  readonly keep: JournalKeep
  /** The local edits: a live view. */
  readonly edits: EditState
  /** Returns true while changes of this run are on their way to the disk. */
  readonly isLogging: () => boolean
  /** `kept` has risen. */
  readonly onKept: () => void
}

/**
 * Keeps own edits durable that no segment holds, while the replica loads, is busy or is dead: one record for a
 * document, with what leads from a base text, which is stored once for many records, to the one that the first edit
 * fits. Invariants:
 *
 * 1. All edits that are in the text before the first entry, but in no entry, are durable in segments before the record is.
 * 2. The record is replaced or removed in the batch of the segment that holds its edits: whenever the process ends,
 *    each edit is in one of the two (S19).
 * 3. At most one write of this journal is under way outside of such a batch.
 */
export class EditJournal {
  private readonly options: EditJournalOptions
  /** Names the entry of this run. */
  private readonly name: string
  private readonly active = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  /** Number of changes that name it and are in the log, or on their way there. */
  private times = 0
  /** Entries, each with the number of its last edit; the entry of this run is the last one. */
  private entries: { readonly name: string; readonly times: number; until: number }[]
  /** The text that is stored as the base, or about to be, and was marked in the edits; null for none. */
  private base: Base | null
  private timer: Timer | null = null
  private phase: 'idle' | 'writing' | 'frozen' = 'idle'
  /** The disk refused the last write that passed the log's queue. */
  private refused = false
  private keptUntil = 0
  private writtenAt = Number.NEGATIVE_INFINITY
  /** Shortest time between the last write and the next one, in ms. */
  private pause = 0
  /** Caches the composition of the first edits of this run's entry, so that no write composes hours of edits. */
  private composed: {
    readonly first: ChangeSet
    readonly count: number
    readonly changes: ChangeSet
  } | null = null

  constructor(options: EditJournalOptions) {
    this.options = options
    const { left, random } = options.keep
    this.name = random(entryNameSize).toString('base64url')
    this.entries = (left?.entries ?? []).map(({ name, times }, index) => ({ name, times, until: index + 1 }))
    // Once a change holds a part of these edits, the rest belongs to this run's entry.
    this.setActive(this.holds)
    this.keptUntil = this.entries.length
    this.base = left?.base ? { hash: left.base.hash, durable: true } : null
    if (left?.base) options.edits.mark(left.base.since)
    // The stored record fits no text that there is.
    if (left?.isNear) this.schedule()
  }

  /** All edits up to this number are durable, here or in segments. */
  get kept(): number {
    return this.keptUntil
  }

  /** True if edits are stored here, or about to be. */
  get holds(): boolean {
    return this.entries.length > 0
  }

  /** Entry names for a replica that starts now. */
  get naming(): EntryNaming {
    const { name, active, entries } = this
    return { name, active, earlier: entries.filter((entry) => entry.name !== name) }
  }

  /** Returns the number of the last edit in the entries of these names; 0 for none. */
  lastOf(names: readonly string[]): number {
    return this.entries.findLast(({ name }) => names.includes(name))?.until ?? 0
  }

  /** Writes the pending edits in 250 ms, unless `cancel` comes first. */
  schedule(): void {
    if (this.timer || this.phase === 'frozen') return
    const { clock } = this.options
    // Never longer than the pause, also when the clock was set back.
    const rest = Math.min(this.pause, this.writtenAt + this.pause - clock.now())
    const wait = Math.max(writeDelay, rest)
    this.timer = clock.set(wait, () => {
      this.timer = null
      this.write()
    })
  }

  /** Cancels the scheduled write: the replica has closed all edits that it was asked to. */
  cancel(): void {
    if (this.timer) this.options.clock.clear(this.timer)
    this.timer = null
  }

  /** Writes the pending edits, if any is not durable. */
  write(): void {
    this.cancel()
    const { edits, log, isLogging } = this.options
    const { pending, made } = edits
    if (this.phase === 'frozen' || pending.length === 0) return
    const isStored = this.base !== null && made <= (this.entries.at(-1)?.until ?? 0)
    if (isStored) return
    if (this.phase === 'writing') {
      this.schedule()
      return
    }
    this.phase = 'writing'
    const records = this.record()
    const { base } = this
    log
      .keep(records, { ahead: !isLogging() && !this.refused })
      .then(() => {
        this.refused = false
        this.markKept(made, base)
      })
      .catch(() => {
        // Tries again in the log's queue, which reports a disk that refuses.
        this.refused = true
        if (this.base === base) this.base = null
        this.schedule()
      })
      .finally(() => {
        if (this.phase === 'writing') this.phase = 'idle'
      })
  }

  /**
   * Removes edits that are no longer pending: the replica closed them into changes, of which `named` name this run's
   * entry, or the document has them already. Returns the writes that belong into the same batch as these changes, and
   * a function that must be called once they are durable.
   */
  removeClosed(named: number): { records: Records; onDurable: () => void } {
    const { pending, made } = this.options.edits
    const closed = made - pending.length
    this.times += named
    if (pending.length === 0) this.cancel()
    if (!this.holds) return { records: [], onDurable: () => this.markKept(closed, null) }
    const last = this.entries.at(-1)?.until ?? 0
    // A change may have named them all: edits left of them go into this run's entry, which the next change names.
    this.entries = []
    if (last > closed) {
      const records = this.record()
      const { base } = this
      return { records, onDurable: () => this.markKept(made, base) }
    }
    this.composed = null
    this.setActive(false)
    return { records: this.options.keep.remove(), onDurable: () => this.markKept(closed, null) }
  }

  /** Stops writing for ever: the stored record stays as it is. */
  freeze(): void {
    this.cancel()
    this.phase = 'frozen'
  }

  /** Notes that all edits up to a number are durable, and the base text that was written with them. */
  private markKept(until: number, base: Base | null): void {
    if (base) base.durable = true
    if (until <= this.keptUntil) return
    this.keptUntil = until
    this.options.onKept()
  }

  private record(): Records {
    const { keep, clock, edits } = this.options
    const { closed, pending, made } = edits
    const before = made - pending.length
    this.entries = this.entries.filter(({ until }) => until > before)
    const last = this.entries.at(-1)
    if (last?.name === this.name) last.until = made
    else if (!last || last.until < made)
      this.entries.push({ name: this.name, times: this.times, until: made })
    this.setActive(true)
    let place = 0
    const entries = this.entries.map(({ name, times, until }) => {
      const part = pending.slice(place, until - before)
      place = until - before
      return { name, times, changes: changesToJson(this.compose(part)) }
    })
    const since = this.base?.durable ? edits.sinceMark : null
    const text = since === null ? closed.toString() : null
    if (text !== null) {
      edits.mark()
      this.base = { hash: textHash(text), durable: false }
    }
    const leading = since === null || since.empty ? null : changesToJson(since)
    const records = keep.store({ base: this.base?.hash ?? '', since: leading, entries }, text)
    this.writtenAt = clock.now()
    this.pause = records.reduce((size, { value }) => size + (value?.length ?? 0), 0) / maxRate
    return records
  }

  private setActive(active: boolean): void {
    Atomics.store(this.active, 0, active ? 1 : 0)
  }

  private compose([first, ...rest]: readonly ChangeSet[]): ChangeSet {
    if (!first) throw new Error('an entry holds an edit')
    if (rest.length === 0) return first
    // Edits that were rebased are others: what was composed of them does not fit any more.
    const known = this.composed?.first === first ? this.composed : { count: 1, changes: first }
    const changes = rest.slice(known.count - 1).reduce((sum, edit) => sum.compose(edit), known.changes)
    this.composed = { first, count: rest.length + 1, changes }
    return changes
  }
}
