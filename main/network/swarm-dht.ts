import HyperDHT, { type Node, type SecretStream } from 'hyperdht'
import { boundMessages } from './message-bound'

/** Makes a connection safe against what its peer sends, before anything of it is read. */
export type Guard = (stream: SecretStream) => void

/**
 * The DHT node of a swarm. Tries peers of the local network directly before it asks the DHT. Guards and
 * tracks the connections to relays that it makes by itself: a peer that dials here names the relay to use,
 * so such a connection can lead to anybody.
 */
export class SwarmDht extends HyperDHT {
  /** Returns the possible addresses of a peer on the local network; none for all others. */
  nearby: (publicKey: Uint8Array) => readonly Node[] = () => []
  /** Called with the error code of a connection that failed before it was open. */
  onFailed: (code: unknown) => void = () => undefined
  private readonly guard: Guard
  private readonly relays = new Set<SecretStream>()

  constructor(options: ConstructorParameters<typeof HyperDHT>[0], guard: Guard) {
    super(options)
    this.guard = guard
  }

  /** Connections that are made without options are those to relays. */
  override connect(publicKey: Uint8Array, options?: { relayAddresses?: Node[] | null }): SecretStream {
    if (!options) return this.connectToRelay(publicKey)
    const relayAddresses = [...this.nearby(publicKey), ...(options.relayAddresses ?? [])]
    const stream = super.connect(publicKey, { ...options, relayAddresses })
    let opened = false
    stream.on('open', () => {
      opened = true
    })
    stream.on('error', (error: unknown) => {
      if (!opened) this.onFailed((error as { code?: unknown }).code)
    })
    return stream
  }

  /**
   * Finds out whether everybody can reach this node. By itself it looks once, while it is still asking its
   * first nodes, which is too early when these answer quickly, and then not for 20 minutes.
   */
  async lookWhetherOpen(): Promise<void> {
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
    this.guard(stream)
    stream.on('open', () => boundMessages(stream))
    stream.on('error', () => undefined)
    this.relays.add(stream)
    stream.on('close', () => this.relays.delete(stream))
    return stream
  }
}

// A hyperdht without it would silently be one that is never seen to be open.
if (typeof Reflect.get(HyperDHT.prototype, '_updateNetworkState') !== 'function')
  throw new Error('hyperdht has changed: look again at how it finds out that it is open')
