import type { Clock } from '../environment'
import { SwarmpadError } from '../errors'
import type { DocumentKeys, Role } from '../keys/derive'
import type { SessionId } from '../log/version-vector'
import type { Port } from './channel'
import { type HolderWord, readHolderWord } from './holder-word'
import type { Holdings } from './holdings'
import type { Instance } from './instance'
import { RateLimit } from './rate-limit'
import {
  decodeAsk,
  decodeSigned,
  encodeAsk,
  encodeSigned,
  type SignedReceipt,
  signReceipt,
  verifyReceipt,
} from './signed-receipt'

/** Questions for signed receipts that a peer is answered each second; more are dropped. Rule W71. */
export const maxAskRate = 2
/** A peer is asked at most this often, in ms. Rule W71. */
const askInterval = 1_000

/** Who this side is as a holder, and what it signs with. */
export interface OwnHolder {
  readonly instance: Instance
  /** Says which computer this is; null for one that would rather not be known. */
  readonly word: () => Uint8Array | null
}

/** Signed receipts between this side and one peer: which computer each is, what is asked for and signed. Rules W70, W71. */
export class Attestation {
  /** Which computer the peer is, once it said so. */
  word: HolderWord | null = null
  private readonly own: OwnHolder
  private readonly holdings: Holdings
  private readonly clock: Clock
  private readonly keys: () => DocumentKeys
  private readonly port: () => Port | null
  private readonly rate: RateLimit
  private askedAt = Number.NEGATIVE_INFINITY
  /** Asked for and not answered. */
  private readonly asked = new Set<SessionId>()

  constructor(options: {
    own: OwnHolder
    holdings: Holdings
    clock: Clock
    keys: () => DocumentKeys
    port: () => Port | null
  }) {
    this.own = options.own
    this.holdings = options.holdings
    this.clock = options.clock
    this.keys = options.keys
    this.port = options.port
    this.rate = new RateLimit(options.clock, maxAskRate)
  }

  /** Says which computer this is. */
  introduce(): void {
    const word = this.own.word()
    if (word) this.port()?.send('holder', word)
  }

  /** Takes the first word of a peer, whose instance has that public key; a computer stays the same. Throws INVALID. */
  takeWord(body: Uint8Array, instance: Uint8Array, role: Role): void {
    this.word ??= readHolderWord(body, this.keys(), instance, role)
  }

  /** Asks for receipts, `maxAsked` at most, unless it did a moment ago; tells when it may again, in ms from now. */
  ask(sessions: readonly SessionId[]): number {
    const now = this.clock.now()
    // Never longer than the interval, also when the clock was set back.
    const wait = Math.min(askInterval, this.askedAt + askInterval - now)
    if (wait > 0) return wait
    this.askedAt = now
    for (const session of sessions) this.asked.add(session)
    this.port()?.send('ask', encodeAsk(sessions))
    return askInterval
  }

  /** Signs what is durable here of the sessions that are asked for. Throws INVALID. */
  answer(body: Uint8Array): void {
    const sessions = decodeAsk(body)
    if (!this.rate.pass()) return
    const at = this.clock.now()
    const receipts = sessions.flatMap((session) => {
      const extent = this.holdings.vector.get(session)
      if (!extent) return []
      const { tip, mark } = extent
      return [signReceipt(this.own.instance, { session, tip, mark, at })]
    })
    if (receipts.length > 0) this.port()?.send('signed', encodeSigned(receipts))
  }

  /** The receipts that were asked for, of an instance with that public key. Throws INVALID for an unsound one. */
  take(body: Uint8Array, instance: Uint8Array): SignedReceipt[] {
    const receipts = decodeSigned(body).filter(({ session }) => this.asked.delete(session))
    for (const receipt of receipts)
      if (!verifyReceipt(receipt, this.keys().documentId, instance))
        throw new SwarmpadError('INVALID', 'A peer sent a receipt that it did not sign.')
    return receipts
  }
}
