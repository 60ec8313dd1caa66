import type { Clock } from '../base/environment'
import { sameBytes } from '../keys/bytes'
import type { Port } from './wire/channel'
import { decodeRest, type MessageType } from './wire/messages'

/** Span without news after which a channel may close, in ms. Rule W83. */
export const restAfter = 60_000

/** Messages of the document that keep its channel open: something was exchanged, and more may follow. */
const stirring: ReadonlySet<string> = new Set<MessageType>([
  'want',
  'enough',
  'certificate',
  'segment',
  'receipt',
  'fork',
  'fetch',
  'part',
])

/**
 * Agreement of two sides that a channel may close for a while, since both hold the same and have nothing to say. A side
 * that heard REST, and whose own state is the one in it, says REST too and closes the channel. Rule W83.
 */
export class Rest {
  private readonly clock: Clock
  /** The state in the REST that this side said last, and in that which the peer said last; null for none. */
  private said: Uint8Array | null = null
  private heard: Uint8Array | null = null
  private saidAt = Number.NEGATIVE_INFINITY
  /** Time in ms at which something was exchanged last. */
  private stirredAt: number

  constructor(clock: Clock) {
    this.clock = clock
    this.stirredAt = clock.now()
  }

  /** True if nothing was exchanged for a while. */
  get isDue(): boolean {
    return this.isPast(this.stirredAt)
  }

  /** True if both sides said REST: a channel that closes now may open again. */
  get isMutual(): boolean {
    return this.said !== null && this.heard !== null
  }

  /** Notes a message of the peer: one that exchanges something takes its REST back. */
  onMessage(type: MessageType | 'of a part'): void {
    if (type !== 'of a part' && !stirring.has(type)) return
    this.stirredAt = this.clock.now()
    this.heard = null
  }

  /** Takes the peer's REST. Throws MALFORMED. */
  take(body: Uint8Array): void {
    this.heard = Uint8Array.from(decodeRest(body))
  }

  /** Says that this side has nothing to say in that state, and closes the channel where the peer rests in it. */
  proceed(state: Uint8Array, port: Port): void {
    const isAgreed = this.heard !== null && sameBytes(this.heard, state)
    const isRepeated = this.said !== null && sameBytes(this.said, state) && !this.isPast(this.saidAt)
    if (isRepeated && !isAgreed) return
    this.said = state
    this.saidAt = this.clock.now()
    port.send('rest', state)
    if (isAgreed) port.close()
  }

  /** Returns true if this side's state is not the one in which it said REST: the peer may have missed it. */
  isOutdated(state: Uint8Array): boolean {
    return this.said !== null && !sameBytes(this.said, state)
  }

  private isPast(at: number): boolean {
    return Math.abs(this.clock.now() - at) >= restAfter
  }
}
