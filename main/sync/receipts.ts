import type { Clock, Timer } from '../environment'
import { fromHex, hex } from '../hex'
import type { SessionId } from '../log/version-vector'
import type { Range, Store } from '../storage/store'
import type { Holdings } from './holdings'

/** Receipts are written down at most this often, in ms. */
const writeInterval = 1_000
const kind = Buffer.from('s', 'latin1')

/**
 * How far the sessions of this profile are known to be stored somewhere else, so that 'not yet with
 * anyone' is true after a restart too.
 */
export class Receipts {
  private readonly documentId: Uint8Array
  private readonly holdings: Holdings
  private readonly store: Store
  private readonly clock: Clock
  private readonly shared = new Map<SessionId, number>()
  private readonly unwritten = new Set<SessionId>()
  private timer: Timer | null = null
  private writing: Promise<void> = Promise.resolve()
  private opening: Promise<void> | null = null

  constructor(options: { documentId: Uint8Array; holdings: Holdings; store: Store; clock: Clock }) {
    this.documentId = options.documentId
    this.holdings = options.holdings
    this.store = options.store
    this.clock = options.clock
  }

  /** Reads what was known before. Idempotent. Rejects when the store does. */
  open(): Promise<void> {
    this.opening ??= this.load()
    return this.opening
  }

  /** Someone else stores a session up to `tip`. */
  note(session: SessionId, tip: number): void {
    if (!this.holdings.own.has(session)) return
    const known = Math.min(tip, this.holdings.acceptedTip(session))
    if (known <= (this.shared.get(session) ?? 0)) return
    this.shared.set(session, known)
    this.unwritten.add(session)
    this.timer ??= this.clock.set(writeInterval, () => this.flush())
  }

  /**
   * Nobody is known to store more of a session than up to `after`: the rest was given up here, or who had confirmed
   * it says otherwise.
   */
  cut(session: SessionId, after: number): void {
    if ((this.shared.get(session) ?? 0) <= after) return
    this.shared.set(session, after)
    this.unwritten.add(session)
    this.timer ??= this.clock.set(writeInterval, () => this.flush())
  }

  /** Whether edits made in this profile are stored nowhere else, as far as anyone ever said. */
  get unshared(): boolean {
    return this.lacks(this.holdings.own)
  }

  /** Whether that goes for edits that were made in this run. */
  get newUnshared(): boolean {
    return this.lacks(this.holdings.ownNew)
  }

  /** Writes down what is not written. Resolves when it is durable, or the disk refused. */
  async close(): Promise<void> {
    this.flush()
    await this.writing
  }

  private lacks(sessions: Iterable<SessionId>): boolean {
    for (const session of sessions)
      if ((this.shared.get(session) ?? 0) < this.holdings.acceptedTip(session)) return true
    return false
  }

  private async load(): Promise<void> {
    for await (const [key, value] of this.store.entries(receiptRange(this.documentId))) {
      if (value.length !== 4) continue // damaged: peers say again what they store
      const session = hex(key.subarray(1 + 32))
      const tip = Buffer.from(value).readUInt32LE()
      this.shared.set(session, Math.max(tip, this.shared.get(session) ?? 0))
    }
  }

  private flush(): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
    const sessions = [...this.unwritten]
    this.unwritten.clear()
    if (sessions.length === 0) return
    const writes = sessions.map((session) => {
      const value = Buffer.alloc(4)
      value.writeUInt32LE(this.shared.get(session) ?? 0)
      return { key: Buffer.concat([kind, this.documentId, fromHex(session)]), value }
    })
    this.writing = this.writing
      .then(() => this.store.write(writes))
      // Goes with the next ones. If all are lost, peers say them again.
      .catch(() => {
        for (const session of sessions) this.unwritten.add(session)
      })
  }
}

/** The store's records of a document's receipts: to be deleted with the document. */
export function receiptRange(documentId: Uint8Array): Range {
  const gte = Buffer.concat([kind, documentId])
  return { gte, lt: Buffer.concat([gte, Buffer.alloc(33, 0xff)]) }
}
