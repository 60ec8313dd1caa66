import type { Clock, Timer } from '../environment'
import { fromHex } from '../hex'
import type { DocumentLog } from '../log/document-log'
import type { SessionId } from '../log/version-vector'
import type { Range, Store } from '../storage/store'

/** Receipts are written down at most this often, in ms. */
const writeInterval = 1_000
const kind = Buffer.from('s', 'latin1')

/**
 * How far the sessions of this profile are known to be stored somewhere else, so that 'not yet with
 * anyone' is true after a restart too.
 */
export class Receipts {
  private readonly log: DocumentLog
  private readonly store: Store
  private readonly clock: Clock
  private readonly shared = new Map<SessionId, number>()
  private readonly unwritten = new Set<SessionId>()
  private timer: Timer | null = null
  private writing: Promise<void> = Promise.resolve()

  constructor(options: { log: DocumentLog; store: Store; clock: Clock }) {
    this.log = options.log
    this.store = options.store
    this.clock = options.clock
  }

  /** Reads what was known before. */
  async open(): Promise<void> {
    for await (const [key, value] of this.store.entries(rangeOf(this.log.documentId))) {
      const session = Buffer.from(key)
        .subarray(1 + 32)
        .toString('hex')
      const tip = Buffer.from(value).readUInt32LE()
      this.shared.set(session, Math.max(tip, this.shared.get(session) ?? 0))
    }
  }

  /** Someone else stores a session of this profile up to `tip`. */
  note(session: SessionId, tip: number): void {
    const known = Math.min(tip, this.log.tip(session))
    if (known <= (this.shared.get(session) ?? 0)) return
    this.shared.set(session, known)
    this.unwritten.add(session)
    this.timer ??= this.clock.set(writeInterval, () => this.flush())
  }

  /** Whether edits made here are stored nowhere else, as far as anyone said. */
  get unshared(): boolean {
    return this.log.ownSessions().some((session) => (this.shared.get(session) ?? 0) < this.log.tip(session))
  }

  /** Writes down what is not written. Resolves when it is durable, or the disk refused. */
  async close(): Promise<void> {
    this.flush()
    await this.writing
  }

  private flush(): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
    const writes = [...this.unwritten].map((session) => {
      const value = Buffer.alloc(4)
      value.writeUInt32LE(this.shared.get(session) ?? 0)
      return { key: Buffer.concat([kind, this.log.documentId, fromHex(session)]), value }
    })
    this.unwritten.clear()
    if (writes.length === 0) return
    // Losing one is harmless: the next receipt says it again.
    this.writing = this.writing.then(() => this.store.write(writes)).catch(() => undefined)
  }
}

function rangeOf(documentId: Uint8Array): Range {
  const gte = Buffer.concat([kind, documentId])
  return { gte, lt: Buffer.concat([gte, Buffer.alloc(33, 0xff)]) }
}
