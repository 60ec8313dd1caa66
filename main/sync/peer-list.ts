import { hex } from '../base/hex'
import type { PeerSync } from './peer-sync'
import type { Presence } from './presence/presence'
import type { PresenceBoard, RemotePresence } from './presence/presence-board'
import type { PeerState } from './state/peer-state'

/**
 * Lists the present peers of a document, connected ones first: `peers` are those with an open channel, the others
 * are known by their presence only. A computer with two channels, as after both sides dialled, is listed once, by
 * its newer channel.
 */
export function listPeers(peers: readonly PeerSync[], board: PresenceBoard): readonly PeerState[] {
  const connected = new Map(peers.map((peer) => [peer.replica ? hex(peer.replica.key) : peer.instance, peer]))
  const instances = new Set(peers.map(({ instance }) => instance))
  const others = board.present.filter(({ key }) => !instances.has(key))
  return [
    ...[...connected.values()].map((peer) => connectedPeer(peer, board.presenceOf(peer.instance))),
    ...others.map(distantPeer),
  ]
}

const connectedPeer = (peer: PeerSync, presence: Presence | null): PeerState => ({
  key: peer.instance,
  name: presence?.name || peer.name,
  authorKey: presence?.author?.authorKey ?? null,
  role: peer.role,
  connected: true,
  coversAll: peer.coversAll,
  coversMine: peer.coversOwn,
  upToDate: peer.comparison.upToDate,
  outdated: peer.isOutdated,
  full: peer.isFull,
  caret: presence?.caret ?? null,
  route: peer.connection.route,
  connection: peer.connection,
  syncedAt: peer.syncedAt,
})

const distantPeer = ({ key, role, presence }: RemotePresence): PeerState => ({
  key,
  name: presence.name,
  authorKey: presence.author?.authorKey ?? null,
  role,
  connected: false,
  coversAll: false,
  coversMine: false,
  upToDate: false,
  outdated: false,
  full: false,
  caret: presence.caret,
  route: null,
  connection: null,
  syncedAt: null,
})
