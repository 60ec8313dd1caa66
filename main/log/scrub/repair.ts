import { fromHex } from '../../base/hex'
import { SerialQueue } from '../../base/serial-queue'
import type { Write } from '../../storage/store'
import { logRanges, segmentRange, sessionKey } from '../format/store-keys'
import type { SessionId } from '../format/version-vector'
import type { MendedBy } from '../log-events'
import { sessionWrites } from '../log-records'
import type { Origin } from '../log-writer'
import { adoptSegments, type ScrubHost } from './corrections'
import type { Scrubber } from './scrubber'
import type { TimeSlicer } from './time-slicer'

/**
 * Follows damaged sessions until they are complete again: takes what lies on the disk after what came, and checks the
 * session when it reaches as far as it was held. Rules S15 to S17.
 */
export class Repair {
  private readonly host: ScrubHost
  private readonly scrubber: Scrubber
  private readonly quickPace: () => TimeSlicer
  private readonly onRepaired: (by: MendedBy) => void
  private source: MendedBy = 'itself'
  private readonly queue = new SerialQueue()
  private ended = false

  /** Calls `onRepaired` when nothing is damaged any longer. */
  constructor(options: {
    host: ScrubHost
    scrubber: Scrubber
    quickPace: () => TimeSlicer
    onRepaired: (by: MendedBy) => void
  }) {
    this.host = options.host
    this.scrubber = options.scrubber
    this.quickPace = options.quickPace
    this.onRepaired = options.onRepaired
  }

  /** Notes that a part of a session came. */
  received(id: SessionId, origin: Origin): void {
    if (origin !== 'local' && this.source === 'itself' && this.host.damaged.has(id))
      this.source = origin === 'backup' ? 'backup' : 'others'
  }

  /** Notes that a session switched to another history, which may end before the one that was held. */
  switched(id: SessionId, tip: number): void {
    if (this.host.damaged.has(id)) this.host.write(this.host.damaged.add(id, tip))
  }

  /** Continues the repair of a session of which more is durable. */
  grown(id: SessionId): void {
    if (!this.host.damaged.has(id)) return
    // When the log is closed meanwhile, the repair goes on after the next start.
    void this.queue.run(() => this.repair(id)).catch(() => undefined)
  }

  /**
   * Accepts the loss of what is missing. Resolves when that is noted. Rejects with STORE_WRITE_FAILED or CLOSED.
   */
  async goOnWithout(): Promise<void> {
    const { damaged, write, idle } = this.host
    const writes: Write[] = []
    for (const id of damaged.sessions()) writes.push(...(await this.asHeld(id)))
    write([...writes, ...damaged.clear()])
    await idle()
    this.onRepaired('nobody')
  }

  /** Begins no further repair. */
  end(): void {
    this.ended = true
  }

  /** Resolves when no repair is running. */
  idle(): Promise<void> {
    return this.queue.idle()
  }

  private async repair(id: SessionId): Promise<void> {
    const { damaged, write, idle, documentId, store } = this.host
    if (this.ended || !damaged.has(id)) return
    await adoptSegments(this.host, id)
    if (!this.isComplete(id)) return
    await this.scrubber.checkSession(id, this.quickPace())
    if (!this.isComplete(id)) return
    write(damaged.repaired(id))
    if (!damaged.isEmpty) return
    const { source } = this
    this.source = 'itself'
    this.onRepaired(source)
    // Damaged rows are still in the database's files and would be found again at the next start.
    await idle()
    for (const range of logRanges(documentId)) await store.compact(range)
  }

  private isComplete(id: SessionId): boolean {
    return this.host.sessions.durableTip(id) >= Math.max(1, this.host.damaged.target(id))
  }

  /** Returns writes that make a session's records match what is held; of one that is not held only `own` stays. */
  private async asHeld(id: SessionId): Promise<Write[]> {
    const { store, documentId, sessions } = this.host
    const session = sessions.get(id)
    if (session) return sessionWrites(documentId, session)
    const keys = (['certificate', 'tip', 'base', 'fork'] as const).map((kind) =>
      sessionKey(kind, documentId, fromHex(id)),
    )
    for await (const [key] of store.entries(segmentRange(documentId, fromHex(id), 0))) keys.push(key)
    return keys.map((key) => ({ key, value: null }))
  }
}
