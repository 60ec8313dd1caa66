import type { Clock } from '../../base/environment'
import { hex } from '../../base/hex'

/** Span for which a peer that broke the protocol is refused, in ms. Rule W41. */
const refusalSpan = 10 * 60 * 1000
/** Maximum number of remembered refusals. */
const maxRefusals = 4_096

/** Peers that are refused for a while, by their public key on the network. */
export class Refusals {
  private readonly clock: Clock
  private readonly until = new Map<string, number>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** True if the peer with this public key is refused now. */
  includes(publicKey: Uint8Array): boolean {
    return (this.until.get(hex(publicKey)) ?? 0) > this.clock.now()
  }

  /** Refuses a peer for the next 10 minutes. */
  add(publicKey: Uint8Array): void {
    const now = this.clock.now()
    const key = hex(publicKey)
    this.until.delete(key)
    // Entries end in the order in which they were added.
    for (const [other, end] of this.until) {
      if (end > now && this.until.size < maxRefusals) break
      this.until.delete(other)
    }
    this.until.set(key, now + refusalSpan)
  }
}
