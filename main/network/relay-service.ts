import HyperDHT from 'hyperdht'
import type { Environment } from '../base/environment'
import { Relay, type RelayBudget } from './relay'
import type { Guard, SwarmDht } from './swarm-dht'

/** Dependencies of `RelayService`. */
export interface RelayServiceOptions {
  readonly environment: Environment
  /** Guards the connections of the relay's clients. */
  readonly guard: Guard
  /** Called with the new `publicKey` once the relay serves, and with null when it has ended. */
  readonly onKey: (publicKey: Uint8Array | null) => void
}

/** Relays for others on the node of a swarm, as long as that is wanted and everybody can reach the node. */
export class RelayService {
  private readonly options: RelayServiceOptions
  private relay: Relay | null = null

  constructor(options: RelayServiceOptions) {
    this.options = options
  }

  /** The key under which it relays, 32 bytes; null while it does not. */
  get publicKey(): Uint8Array | null {
    return this.relay?.publicKey ?? null
  }

  /** Starts or ends the relay to fit the node's state. `budget` null: relaying is not wanted. */
  update(dht: SwarmDht, budget: RelayBudget | null): void {
    const wanted = budget !== null && dht.remoteAddress() !== null
    if (!wanted) void this.end()
    else if (!this.relay) this.start(dht, budget)
  }

  /** Ends the relay, and every connection that it carries. Idempotent. */
  async end(): Promise<void> {
    const { relay } = this
    if (!relay) return
    this.relay = null
    this.options.onKey(null)
    await relay.close()
  }

  private start(dht: SwarmDht, budget: RelayBudget): void {
    const { environment, guard, onKey } = this.options
    // A fresh key for each start, like the swarm's, so that it identifies nobody.
    const keyPair = HyperDHT.keyPair(environment.random(32))
    const relay = new Relay({ dht, keyPair, budget, environment, guard })
    this.relay = relay
    relay.open().then(
      () => {
        if (this.relay === relay) onKey(relay.publicKey)
      },
      // `update` starts another one.
      () => {
        if (this.relay === relay) void this.end()
      },
    )
  }
}
