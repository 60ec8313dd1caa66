import type Hyperswarm from 'hyperswarm'
import type { Environment } from '../base/environment'
import { hex } from '../base/hex'
import { LanDiscovery } from './lan'
import { Neighbours } from './neighbours'
import type { NodeAddress } from './node-address'
import type { SwarmDht } from './swarm-dht'

/** Dependencies of `LanPeers`. */
export interface LanPeersOptions {
  readonly swarm: Hyperswarm
  /** Must be listening. */
  readonly dht: SwarmDht
  readonly environment: Environment
  /** True if there is anything to share; otherwise nobody is dialled. */
  readonly wanted: () => boolean
}

/** Looks for people on the local network and connects to them, as long as a swarm lives. Rules N1, N2. */
export class LanPeers {
  private readonly options: LanPeersOptions
  private readonly neighbours: Neighbours
  private readonly discovery: LanDiscovery

  private constructor(options: LanPeersOptions, port: number) {
    const { swarm, environment } = options
    const { publicKey } = swarm.keyPair
    this.options = options
    this.neighbours = new Neighbours({ publicKey, clock: environment.clock })
    this.discovery = new LanDiscovery({
      environment,
      publicKey,
      port,
      onNeighbour: (neighbour) => {
        this.neighbours.heard(neighbour)
        this.dial()
      },
      onGone: (key, host) => this.neighbours.gone(key, host),
    })
    this.discovery.open()
  }

  /** Begins to look; returns null while the DHT does not listen yet. */
  static begin(options: LanPeersOptions): LanPeers | null {
    const port = options.dht.localAddress()?.port
    return port === undefined ? null : new LanPeers(options, port)
  }

  /** Number of others that run Swarmpad on the local network. */
  get size(): number {
    return this.neighbours.size
  }

  /** Returns the addresses of a peer on the local network, the most likely first; empty if it is unknown. */
  placesOf(publicKey: Uint8Array): readonly NodeAddress[] {
    return this.neighbours.placesOf(publicKey)
  }

  /** Looks again at once, after the network changed. */
  refresh(): void {
    this.discovery.refresh()
  }

  /** Dials everyone again, since there is something new to share. */
  renew(): void {
    this.neighbours.renew()
    this.dial()
  }

  /** Dials neighbours that are due and not connected. To be called every few seconds. */
  dial(): void {
    const { swarm, wanted } = this.options
    if (!wanted()) return
    const connected = new Set([...swarm.connections].map(({ remotePublicKey }) => hex(remotePublicKey)))
    for (const publicKey of this.neighbours.takeDue(connected)) {
      // It is dialled now, and again when Neighbours says so.
      swarm.joinPeer(publicKey)
      swarm.leavePeer(publicKey)
    }
  }

  /** Withdraws the announcement and ends. */
  async end(): Promise<void> {
    await this.discovery.close()
  }
}
