import { hex } from '../base/hex'

/**
 * Chooses the relays that a connection may go through: configured ones, and peers that offered to relay. An
 * offer lasts as long as the connection over which it was made.
 */
export class RelayChoice {
  /** Relays that were configured. */
  configured: readonly Uint8Array[]
  private readonly offers = new Map<object, Uint8Array>()

  constructor(configured: readonly Uint8Array[]) {
    this.configured = configured
  }

  /** A peer offers to relay under a key, or no longer does (null). `by`: its connection. */
  offer(by: object, key: Uint8Array | null): void {
    if (key) this.offers.set(by, Uint8Array.from(key))
    else this.offers.delete(by)
  }

  /**
   * The relays for a connection; null for none. They are used at once where this side's NAT gives each
   * destination another port (`randomized`), which seldom lets anybody in, and else after it failed without
   * (`failed`). A connection goes direct later when that turns out to work. Configured ones first: peers'
   * offers count where there are none.
   */
  relays({ failed, randomized }: { failed: boolean; randomized: boolean }): Uint8Array[] | null {
    if (!failed && !randomized) return null
    const known = this.configured.length > 0 ? this.configured : [...this.offers.values()]
    const relays = [...new Map(known.map((key) => [hex(key), key])).values()]
    return relays.length > 0 ? relays : null
  }
}
