import type { Role } from '../../keys/derive'
import type { Connection } from '../../network/network'
import type { Route } from '../../network/route'

/** State of a peer that shares the document and is present. */
export interface PeerState {
  /** Hex of its instance key, fresh for each run. */
  readonly key: string
  readonly name: string
  /** Public key of the author that vouches for it, checked; null while none is known. */
  readonly authorKey: Uint8Array | null
  /** 'write' only for one that the document's key vouches for; the others are claims. */
  readonly role: Role
  /** False for one that is known through another peer only. */
  readonly connected: boolean
  /** True if it claims everything that is durable here, signed or proved as rule W38 requires. */
  readonly coversAll: boolean
  /** True if it signed and proved that it stores everything made in this profile. */
  readonly coversMine: boolean
  /** True if everything that it claims is durable here. */
  readonly upToDate: boolean
  /** True if it speaks another version of the wire. */
  readonly outdated: boolean
  /** Place of the caret in the document's encoding, at most 512 bytes; null for none. */
  readonly caret: Uint8Array | null
  /** Route to it; null for one that is known through another peer only. */
  readonly route: Route | null
  /** True if it is out of room and takes nothing more. */
  readonly full: boolean
  /** Connection to it; null likewise. */
  readonly connection: Pick<Connection, 'remoteAddress' | 'traffic'> | null
  /** Time at which both last had the same, in ms since the Unix epoch; null for never on this connection. */
  readonly syncedAt: number | null
}
