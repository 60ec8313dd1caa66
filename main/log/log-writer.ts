import type { Clock } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import type { Store } from '../storage/store'
import type { Segment } from './format/segment'
import type { SessionId } from './format/version-vector'
import { type LogEntry, writesOf } from './log-records'
import { Patience } from './patience'
import type { Accepted } from './session'
import type { SessionTable } from './session-table'
import type { SizeAccount } from './size-account'
import { WriteQueue } from './write-queue'

/** Source of segments: a session of this process, a peer, or a backup that is restored. */
export type Origin = 'local' | 'peer' | 'backup'

/** An entry for the disk; all fields are optional. */
export type NewEntry = Partial<
  LogEntry & {
    readonly origin: Origin
    /** Bytes that count against the quota and the queue; 0 for segments of own sessions. */
    readonly size: number
  }
>

/** The sessions and snapshots that one batch made durable. */
export interface WrittenBatch {
  readonly accepted: readonly Accepted[]
  /** Those that no session of this process wrote. */
  readonly received: readonly Segment[]
  /** Sessions of which more is held by a snapshot. */
  readonly raised: readonly SessionId[]
}

interface Queued extends LogEntry {
  readonly origin: Origin
  readonly size: number
  readonly resolve: () => void
  readonly reject: (error: SwarmpadError) => void
}

const ignore = (): void => undefined

const empty: Queued = {
  segments: [],
  proof: null,
  rebased: [],
  records: [],
  origin: 'local',
  size: 0,
  resolve: ignore,
  reject: ignore,
}

/**
 * Makes a log's entries durable in their order, and notes in the session table and the size account what is. Work
 * begins with `open`; after `stop` nothing can be awaited, after `close` nothing is written.
 */
export class LogWriter {
  private readonly documentId: Uint8Array
  private readonly sessions: SessionTable
  private readonly account: SizeAccount
  private readonly onWritten: (batch: WrittenBatch) => void
  private readonly patience: Patience
  private readonly queue: WriteQueue<Queued>
  private phase: 'unopened' | 'open' | 'stopped' | 'closed' = 'unopened'

  /** `onWritten` and `onProblem` (null: the disk works again) must not throw. */
  constructor(options: {
    store: Store
    clock: Clock
    documentId: Uint8Array
    sessions: SessionTable
    account: SizeAccount
    onWritten: (batch: WrittenBatch) => void
    onProblem: (problem: SwarmpadError | null) => void
  }) {
    this.documentId = options.documentId
    this.sessions = options.sessions
    this.account = options.account
    this.onWritten = options.onWritten
    this.patience = new Patience(options.clock)
    this.queue = new WriteQueue({
      store: options.store,
      clock: options.clock,
      writesOf: (items) => [
        ...writesOf(this.documentId, items),
        ...this.account.writesFor(items.reduce((sum, { size }) => sum + size, 0)),
      ],
      patience: this.patience,
      onWritten: (items) => this.written(items),
      onProblem: options.onProblem,
    })
  }

  /** True between `open` and `stop`. */
  get isOpen(): boolean {
    return this.phase === 'open'
  }

  /** Error of the last write, if the disk refused it; else null. */
  get problem(): SwarmpadError | null {
    return this.queue.problem
  }

  /** True while nothing is written or waits for that. */
  get isIdle(): boolean {
    return this.queue.isIdle
  }

  /** Entries that are not durable yet, oldest first. */
  get waiting(): readonly LogEntry[] {
    return this.queue.items
  }

  /** Allows entries to be awaited. */
  open(): void {
    if (this.phase === 'unopened') this.phase = 'open'
  }

  /** Adds an entry that nobody awaits. */
  add(entry: NewEntry): void {
    if (this.phase === 'closed') return
    this.enqueue({ ...empty, ...entry })
  }

  /**
   * Adds an entry, and resolves when it and all before are durable. Rejects with CLOSED unless open, and with
   * STORE_WRITE_FAILED when the log is closed while the disk refuses.
   */
  write(entry: NewEntry): Promise<void> {
    if (!this.isOpen) return Promise.reject(new SwarmpadError('CLOSED'))
    return new Promise((resolve, reject) => this.enqueue({ ...empty, ...entry, resolve, reject }))
  }

  /** Lets no new entry be awaited. */
  stop(): void {
    if (this.phase !== 'closed') this.phase = 'stopped'
  }

  /** Resolves when all entries are durable, or were refused in one last try; those are rejected. */
  async close(): Promise<void> {
    const refused = await this.queue.close()
    this.phase = 'closed'
    for (const { reject } of refused) reject(new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' }))
  }

  private enqueue(item: Queued): void {
    const isOthers = item.origin === 'peer' && item.segments.length > 0
    if (!isOthers) this.patience.hurry()
    else for (const { session, segment } of item.segments) this.patience.add(session.id, segment.bytes.length)
    this.queue.add(item)
  }

  private written(items: readonly Queued[]): void {
    const raised: SessionId[] = []
    for (const { segments, rebased, size } of items) {
      for (const accepted of segments) this.sessions.written(accepted)
      for (const one of rebased) if (this.sessions.rebaseWritten(one)) raised.push(one.session.id)
      this.account.written(size)
    }
    const received = items.filter(({ origin }) => origin !== 'local')
    this.onWritten({
      accepted: items.flatMap(({ segments }) => segments),
      received: received.flatMap(({ segments }) => segments.map(({ segment }) => segment)),
      raised,
    })
    for (const { resolve } of items) resolve()
  }
}
