import type { NetworkReport, ReachedPeer } from '../../preload/contract/network'
import { isOwnDevice } from '../keys/devices'
import type { Identity } from '../keys/identity'
import type { Network } from '../network/network'
import type { PeerState } from '../sync/state/peer-state'

/** Returns the current state of the network, with a document's peers as `self` sees them. Holds no key. */
export function networkReport(
  network: Network,
  peers: readonly PeerState[],
  self: Identity | null,
): NetworkReport {
  const { address, nat, nodes, lan, topics, failed } = network.facts
  return {
    state: network.reachability,
    address,
    nat,
    nodes,
    lan,
    topics,
    relaying: network.relayKey !== null,
    peers: peers.flatMap((peer) => reached(peer, self)),
    failed: [...failed],
  }
}

function reached(peer: PeerState, self: Identity | null): ReachedPeer[] {
  const { name, role, route, connection, syncedAt } = peer
  if (!route || !connection) return []
  const { remoteAddress: at, traffic } = connection
  const own = self !== null && isOwnDevice(peer, self)
  return [{ name, own, role, route, address: at && `${at.host}:${at.port}`, ...traffic, syncedAt }]
}
