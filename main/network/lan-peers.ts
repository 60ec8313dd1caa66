import type Hyperswarm from 'hyperswarm'
import type { Environment } from '../base/environment'
import { hex } from '../base/hex'
import { LanDiscovery } from './lan'
import { Neighbours } from './neighbours'
import type { SwarmDht } from './swarm-dht'

/** Dependencies of `LanPeers`. */
export interface LanPeersOptions {
  readonly swarm: Hyperswarm
  /** Listening. */
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
    const { swarm, dht, environment } = options
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
    dht.nearby = (key) => this.neighbours.placesOf(key)
    this.discovery.open()
  }

  /** Begins; null while the DHT does not listen yet. */
  static begin(options: LanPeersOptions): LanPeers | null {
    const port = options.dht.localAddress()?.port
    return port === undefined ? null : new LanPeers(options, port)
  }

  /** How many others run Swarmpad on the local network. */
  get size(): number {
    return this.neighbours.size
  }

  /** The network changed. */
  refresh(): void {
    this.discovery.refresh()
  }

  /** There is something new to share: everyone may be of use now. */
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
      // Left at once: it is dialled now, and again when Neighbours says so.
      swarm.joinPeer(publicKey)
      swarm.leavePeer(publicKey)
    }
  }

  /** Withdraws the announcement and ends. */
  async end(): Promise<void> {
    this.options.dht.nearby = () => []
    await this.discovery.close()
  }
}
