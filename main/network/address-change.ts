import type { SecretStream } from 'hyperdht'
import type { Clock, Timer } from '../base/environment'

/** How long a connection may stay silent after a probe, in ms, at least. */
const patience = 2_000
/** The same in round trips, for slow lines. */
const roundTrips = 6

/** Dependencies of `AddressChange`. */
export interface AddressChangeOptions {
  readonly clock: Clock
  /** Returns the addresses at which others can reach this computer. */
  readonly addresses: () => readonly string[]
  /** Returns the connections. */
  readonly connections: () => Iterable<SecretStream>
  /** Called when a dead connection was ended: its peer should be dialled again. */
  readonly onDropped: () => void
}

/**
 * Ends connections that died because this computer lost the address that they came from. UDX gives a silent
 * connection 15 s, since a line can be bad for a while; after a lost address, each connection is probed at
 * once. A computer that has no address for a while, such as one whose cable is out, has not moved.
 */
export class AddressChange {
  private readonly options: AddressChangeOptions
  private known: readonly string[]
  private readonly probes = new Map<SecretStream, Timer>()

  constructor(options: AddressChangeOptions) {
    this.options = options
    this.known = options.addresses()
  }

  /** Compares the addresses. To be called when the network interfaces may have changed. */
  changed(): void {
    const now = this.options.addresses()
    if (now.length === 0) return
    const moved = this.known.some((address) => !now.includes(address))
    this.known = now
    if (moved) for (const stream of this.options.connections()) this.probe(stream)
  }

  /** Cancels all probes. */
  end(): void {
    for (const timer of this.probes.values()) this.options.clock.clear(timer)
    this.probes.clear()
  }

  private probe(stream: SecretStream): void {
    const { rawStream } = stream
    if (!rawStream || this.probes.has(stream)) return
    const heard = rawStream.bytesReceived
    stream.sendKeepAlive()
    const judge = () => {
      this.probes.delete(stream)
      if (stream.destroying || rawStream.bytesReceived > heard) return
      stream.destroy()
      this.options.onDropped()
    }
    this.probes.set(stream, this.options.clock.set(Math.max(patience, roundTrips * rawStream.rtt), judge))
  }
}
