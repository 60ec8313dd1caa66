import HyperDHT, { type Node, type SecretStream } from 'hyperdht'
import { boundMessages } from './message-bound'

/** Makes a connection safe against data from its peer, before anything of it is read. */
export type Guard = (stream: SecretStream) => void

/** Dependencies of `SwarmDht`. */
export interface SwarmDhtOptions {
  /** Guards the connections to relays. */
  readonly guard: Guard
  /** Returns the possible addresses of a peer on the local network; none by default. */
  readonly nearby?: (publicKey: Uint8Array) => readonly Node[]
  /** Called with the error code of a connection that failed before it was open. */
  readonly onFailed?: (code: unknown) => void
}

/**
 * The DHT node of a swarm. Tries peers of the local network directly before it asks the DHT. Guards and
 * tracks the connections to relays that it makes by itself: a peer that dials here names the relay to use,
 * so such a connection can lead to anybody.
 */
export class SwarmDht extends HyperDHT {
  private readonly options: SwarmDhtOptions
  private readonly relays = new Set<SecretStream>()

  /** `node`: options of HyperDHT. */
  constructor(node: ConstructorParameters<typeof HyperDHT>[0], options: SwarmDhtOptions) {
    super(node)
    this.options = options
  }

  /** Packets of this node's requests and of the answers to them, so far. */
  get packets(): number {
    const { total, retries, responses } = this.stats.requests
    return total + retries + responses
  }

  /** Connects to a peer. Connections that are made without options are those to relays. */
  override connect(publicKey: Uint8Array, options?: { relayAddresses?: Node[] | null }): SecretStream {
    if (!options) return this.connectToRelay(publicKey)
    const { nearby, onFailed } = this.options
    const relayAddresses = [...(nearby?.(publicKey) ?? []), ...(options.relayAddresses ?? [])]
    const stream = super.connect(publicKey, { ...options, relayAddresses })
    let opened = false
    stream.on('open', () => {
      opened = true
    })
    stream.on('error', (error: unknown) => {
      if (!opened) onFailed?.((error as { code?: unknown }).code)
    })
    return stream
  }

  /**
   * Checks again whether everybody can reach this node. HyperDHT itself checks once, while it is still asking
   * its first nodes, which is too early when these answer quickly, and then not for 20 minutes.
   */
  async checkReachability(): Promise<void> {
    await this._updateNetworkState(true)
  }

  /** True if an address is that of a relay in use here. */
  isRelay(host: string, port: number): boolean {
    for (const { rawStream } of this.relays)
      if (rawStream?.remoteHost === host && rawStream.remotePort === port) return true
    return false
  }

  private connectToRelay(publicKey: Uint8Array): SecretStream {
    const stream = super.connect(publicKey)
    this.options.guard(stream)
    stream.on('open', () => boundMessages(stream))
    stream.on('error', () => undefined)
    this.relays.add(stream)
    stream.on('close', () => this.relays.delete(stream))
    return stream
  }
}

// Without this method, a node would silently never be seen to be open.
if (typeof Reflect.get(HyperDHT.prototype, '_updateNetworkState') !== 'function')
  throw new Error('hyperdht has changed: look again at how it finds out that it is open')
