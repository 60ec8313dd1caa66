import type { NetworkReport, ReachedPeer } from '../preload/contract'
import type { Network } from './network/network'
import type { PeerState } from './sync/peer-state'

/** What the network is like now, with the peers of a document. Holds no key. */
export function networkReport(network: Network, peers: readonly PeerState[]): NetworkReport {
  const { address, nat, nodes, lan, failed } = network.facts
  return {
    state: network.reachability,
    address,
    nat,
    nodes,
    lan,
    relaying: network.relayKey !== null,
    peers: peers.flatMap(reached),
    failed: [...failed],
  }
}

function reached({ name, role, route, connection, syncedAt }: PeerState): ReachedPeer[] {
  if (!route || !connection) return []
  const { remoteAddress: at, traffic } = connection
  return [{ name, role, route, address: at && `${at.host}:${at.port}`, ...traffic, syncedAt }]
}
