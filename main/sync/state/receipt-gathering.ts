import { Debounce } from '../../base/debounce'
import type { Clock } from '../../base/environment'
import type { SessionId } from '../../log/format/version-vector'
import { type Entry, encodeReceipt, pagesOf } from '../wire/messages'
import type { LocalState } from './local-state'

/**
 * Span in which a side sends one receipt to each peer, in ms for each peer: 33 receipts a second, however many there
 * are. Each change of each writer would otherwise cost a message from each peer to each other one. Rule W33.
 */
const spanOfPeer = 30
/** Longest span, in ms. */
const longestSpan = 1_000

/** Gathers what became durable here, to be said to all peers by RECEIPT: the first after a pause at once. */
export class ReceiptGathering {
  private readonly clock: Clock
  private readonly local: LocalState
  private readonly countPeers: () => number
  private readonly unsaid = new Set<SessionId>()
  private readonly later: Debounce
  private saidAt = Number.NEGATIVE_INFINITY

  /** `send` sends receipts that became due to all peers. */
  constructor(options: {
    readonly clock: Clock
    readonly local: LocalState
    readonly countPeers: () => number
    readonly send: (receipts: readonly Uint8Array[]) => void
  }) {
    this.clock = options.clock
    this.local = options.local
    this.countPeers = options.countPeers
    this.later = new Debounce(options.clock, () => options.send(this.take()))
  }

  /** Notes sessions of which more became durable. Returns the encoded receipts to send now; all others are sent later. */
  note(sessions: Iterable<SessionId>): readonly Uint8Array[] {
    for (const session of sessions) this.unsaid.add(session)
    if (this.unsaid.size === 0 || this.later.isPending) return []
    const span = Math.min(longestSpan, this.countPeers() * spanOfPeer)
    const wait = this.saidAt + span - this.clock.uptime()
    if (wait <= 0) return this.take()
    this.later.signal(wait)
    return []
  }

  /** Drops what was not said. */
  close(): void {
    this.later.cancel()
  }

  private take(): Uint8Array[] {
    this.saidAt = this.clock.uptime()
    const entries = [...this.unsaid].flatMap((session): Entry[] => {
      const extent = this.local.vector.get(session)
      return extent ? [[session, extent]] : []
    })
    this.unsaid.clear()
    return entries.length === 0 ? [] : pagesOf(entries).map(encodeReceipt)
  }
}
