import type { SecretStream } from 'hyperdht'
import type { Connection } from './network'
import { ownAddresses, type Route, routeTo } from './route'
import type { SwarmDht } from './swarm-dht'

/** A connection over a stream; `dht` knows whether the stream goes through a relay. */
export function connectionOver(stream: SecretStream, dht: SwarmDht | null): Connection {
  const { isInitiator, remotePublicKey, handshakeHash } = stream
  const remoteAddress = () => {
    const { rawStream } = stream
    return rawStream?.remoteHost ? { host: rawStream.remoteHost, port: rawStream.remotePort } : null
  }
  let known: { host: string; route: Route } | null = null
  // Asks the system for this computer's addresses only when the peer's changed.
  const routeOf = (host: string) => {
    if (known?.host !== host) known = { host, route: routeTo(host, ownAddresses()) }
    return known.route
  }
  return {
    stream,
    isInitiator,
    remotePublicKey,
    handshakeHash,
    get remoteAddress() {
      return remoteAddress()
    },
    get traffic() {
      const { bytesReceived = 0, bytesTransmitted = 0, rtt = 0 } = stream.rawStream ?? {}
      return { received: bytesReceived, sent: bytesTransmitted, roundTrip: rtt > 0 ? rtt : null }
    },
    get route() {
      const address = remoteAddress()
      if (!address) return 'direct'
      return dht?.isRelay(address.host, address.port) ? 'relayed' : routeOf(address.host)
    },
  }
}

/**
 * Accepts everybody, but drops the request for a relay where everybody can reach this node: relay and peer
 * would then use the same socket, on which UDX does not notice that the peer has become direct, and goes on
 * sending to a relay that the peer has left.
 */
export function preferDirect(dht: SwarmDht) {
  return (_publicKey: Uint8Array, said: { relayThrough: object | null } | null): boolean => {
    if (said && dht.remoteAddress()) said.relayThrough = null
    return false
  }
}
