import HyperDHT, { type Node, type SecretStream } from 'hyperdht'
import { boundMessages } from './message-bound'

/** Makes a connection safe against what its peer sends, before anything of it is read. */
export type Guard = (stream: SecretStream) => void

/**
 * The node of the DHT below a swarm. It asks peers of the local network for the way to them directly, before
 * it asks the DHT; and it guards the connections that it makes to relays by itself, and knows them: a peer that
 * dials here names the relay to use, so such a connection can lead to anybody.
 */
export class SwarmDht extends HyperDHT {
  /** Where a peer of the local network may be; nowhere for all others. */
  nearby: (publicKey: Uint8Array) => readonly Node[] = () => []
  /** A connection came to nothing before it was open, with its error's code. */
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

  /** Whether an address is that of a relay that is in use here. */
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
