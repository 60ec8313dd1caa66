import HyperDHT, { type Node } from 'hyperdht'
import type { Environment } from '../base/environment'
import { Relay, type RelayBudget, type RelayState } from './relay'
import { type Guard, SwarmDht } from './swarm-dht'

/** A node that only relays, for anyone who knows its key. */
export class PlainRelay {
  private readonly dht: SwarmDht
  private readonly relay: Relay

  /**
   * `seed`: 32 secret bytes, from which its key follows. `bootstrap`: nodes to begin with instead of the
   * public DHT's. `port`: the UDP port to use if it is free. Binds its sockets.
   */
  constructor(options: {
    environment: Environment
    guard: Guard
    seed: Uint8Array
    budget: RelayBudget
    bootstrap?: Node[]
    port?: number
  }) {
    const { environment, guard, seed, budget, bootstrap, port } = options
    this.dht = new SwarmDht(
      { ...(bootstrap ? { bootstrap } : {}), ...(port === undefined ? {} : { port }) },
      { guard },
    )
    const keyPair = HyperDHT.keyPair(seed)
    this.relay = new Relay({ dht: this.dht, keyPair, budget, environment, guard })
  }

  /** Public key for clients, 32 bytes. */
  get publicKey(): Uint8Array {
    return this.relay.publicKey
  }

  /** Current load and totals. */
  get state(): RelayState {
    return this.relay.state
  }

  /** True if everybody can reach it; a relay that only some can reach is of little use. */
  get isOpen(): boolean {
    return this.dht.remoteAddress() !== null
  }

  /** Announces itself. */
  async open(): Promise<void> {
    await this.dht.fullyBootstrapped()
    await this.dht.checkReachability()
    await this.relay.open()
  }

  /** Ends every carried connection and leaves the DHT. Idempotent. */
  async close(): Promise<void> {
    await this.relay.close()
    await this.dht.destroy()
  }
}
