import { sameBytes } from '../keys/bytes'

/** Span without news after which a channel may close, in ms. Rule W83. */
export const restAfter = 60_000

/**
 * Agreement of two sides that a channel may close for a while, since both hold the same and have nothing to say. A side
 * that heard REST, and whose own state is the one in it, says REST too and closes the channel. Rule W83.
 */
export class Rest {
  /** The state in the REST that this side said last, and in that which the peer said last; null for none. */
  private said: Uint8Array | null = null
  private heard: Uint8Array | null = null
  private saidAt = Number.NEGATIVE_INFINITY

  /** Notes that this side says REST, at a time in ms. Returns false where it said the same a short while ago. */
  say(state: Uint8Array, now: number): boolean {
    if (this.said && sameBytes(this.said, state) && Math.abs(now - this.saidAt) < restAfter) return false
    this.said = state
    this.saidAt = now
    return true
  }

  /** Notes that the peer said REST. */
  hear(state: Uint8Array): void {
    this.heard = Uint8Array.from(state)
  }

  /** Notes that the peer said something else since, which takes its REST back. */
  wake(): void {
    this.heard = null
  }

  /** Returns true if the peer rests in that state. */
  isAgreed(state: Uint8Array): boolean {
    return this.heard !== null && sameBytes(this.heard, state)
  }

  /** True if both sides said REST, so that a channel that closes now is not left for good. */
  get isMutual(): boolean {
    return this.said !== null && this.heard !== null
  }

  /** Returns true if this side's state is not the one in which it said REST: the peer may have missed it. */
  isOutdated(state: Uint8Array): boolean {
    return this.said !== null && !sameBytes(this.said, state)
  }
}
