import { hex } from '../base/hex'

/**
 * Chooses the relays that a connection may go through: configured ones, and peers that offered to relay. An
 * offer lasts as long as the connection over which it was made.
 */
export class RelayChoice {
  private configured: readonly Uint8Array[]
  private readonly offers = new Map<object, Uint8Array>()

  constructor(configured: readonly Uint8Array[]) {
    this.configured = configured
  }

  /** Replaces the configured relays. */
  configure(relays: readonly Uint8Array[]): void {
    this.configured = relays
  }

  /** Records that a peer offers to relay under a key, or withdraws its offer (null). `by`: its connection. */
  offer(by: object, key: Uint8Array | null): void {
    if (key) this.offers.set(by, Uint8Array.from(key))
    else this.offers.delete(by)
  }

  /**
   * Returns the relays for a connection; null for none. Relays are used at once if this side's NAT gives each
   * destination another port (`randomized`), which seldom lets anybody in, and otherwise after a direct attempt
   * has failed (`failed`). The connection becomes direct later if that turns out to work. Peers' offers count
   * only if no relay is configured.
   */
  relays({ failed, randomized }: { failed: boolean; randomized: boolean }): Uint8Array[] | null {
    if (!failed && !randomized) return null
    const known = this.configured.length > 0 ? this.configured : [...this.offers.values()]
    const relays = [...new Map(known.map((key) => [hex(key), key])).values()]
    return relays.length > 0 ? relays : null
  }
}
