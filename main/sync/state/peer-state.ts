import type { Role } from '../../keys/derive'
import type { Connection } from '../../network/network'
import type { Route } from '../../network/route'
import type { PeerSync } from '../peer-sync'
import type { Presence } from '../presence/presence'
import type { Seen } from '../presence/presence-board'

/** State of a peer that shares the document and is present. */
export interface PeerState {
  /** Hex of its instance key, fresh for each run. */
  readonly key: string
  readonly name: string
  /** The author that vouches for it, checked; null while none is known. */
  readonly authorKey: Uint8Array | null
  /** 'write' only for one that the document's own key vouches for; the others are claims. */
  readonly role: Role
  /** False: known through another peer only. */
  readonly connected: boolean
  /** It says that it holds all that is stored here, and signed or proved it as rule W38 asks. */
  readonly coversAll: boolean
  /** It signed and proved that it holds all that was made in this profile. */
  readonly coversMine: boolean
  /** All that it says it holds is stored here. */
  readonly upToDate: boolean
  /** It speaks another version of the wire. */
  readonly outdated: boolean
  /** At most 512 bytes, as the document names places. */
  readonly caret: Uint8Array | null
  /** How it is reached; null for one that is known through another peer only. */
  readonly route: Route | null
  /** It is out of room and takes nothing more. */
  readonly full: boolean
  /** The connection to it; null likewise. */
  readonly connection: Pick<Connection, 'remoteAddress' | 'traffic'> | null
  /** When both last held the same, in ms since the Unix epoch; null for never on this connection. */
  readonly syncedAt: number | null
}

/** Returns the state of a connected peer, with its presence. */
export const near = (peer: PeerSync, presence: Presence | null): PeerState => ({
  key: peer.instance,
  name: presence?.name || peer.name,
  authorKey: presence?.author?.authorKey ?? null,
  role: peer.role,
  connected: true,
  coversAll: peer.coversAll,
  coversMine: peer.coversMine,
  upToDate: peer.comparison.upToDate,
  outdated: peer.outdated,
  full: peer.full,
  caret: presence?.caret ?? null,
  route: peer.connection.route,
  connection: peer.connection,
  syncedAt: peer.syncedAt,
})

/** Returns the state of a peer that is known through another peer only. */
export const far = ({ key, role, presence }: Seen): PeerState => ({
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
