import * as v from 'valibot'
import type { Role } from './ids'
import { call, documentId, flag, text } from './shapes'

/** Most nodes or relays that a person may name. */
const maxNamed = 32

const named = v.pipe(v.array(text), v.maxLength(maxNamed))

/** The shape of a NetworkChoice. */
export const networkChoice = v.object({
  /** Find people on the local network, and be found by them. */
  lan: flag,
  /** Bootstrap nodes of the DHT, as HOST:PORT; empty for the public ones. */
  bootstrap: named,
  /** Public keys of relays to use where routers let neither side in, 64 hexadecimal digits each. */
  relays: named,
})

/** How the network is used. */
export type NetworkChoice = v.InferOutput<typeof networkChoice>

/** Route to a peer: on this computer, on the local network, direct, or through a relay. */
export type Route = 'local' | 'lan' | 'direct' | 'relayed'

/** Someone who shares a document, as the network sees them. */
export interface ReachedPeer {
  name: string
  /** This person themselves, on another computer of theirs. */
  own: boolean
  role: Role | 'keep'
  route: Route
  /** HOST:PORT, of the relay if there is one; null while it is not known. */
  address: string | null
  /** In ms; null while it is not known. */
  roundTrip: number | null
  /** Bytes over this connection, shared by all documents that both sides have. */
  received: number
  sent: number
  /** Time of the last complete sync in both directions, in this run; null for never. */
  syncedAt: number | null
}

/** A failed connection attempt; lists have the newest first. */
export interface FailedAttempt {
  at: number
  /** 'unreachable': no answer. 'gone': no longer found. 'routers': both let nobody in. 'other': else. */
  reason: 'unreachable' | 'gone' | 'routers' | 'other'
}

/** The network as this computer sees it, and as others see this computer. */
export interface NetworkReport {
  state: 'off' | 'starting' | 'online' | 'unreachable'
  /** This computer's address as others see it, HOST:PORT or HOST; null while unknown. */
  address: string | null
  /**
   * NAT behaviour of the router. 'open': anyone can connect. 'consistent': after an outgoing connection, as
   * with most routers. 'random': every connection uses another port, so that others rarely get in.
   */
  nat: 'open' | 'consistent' | 'random' | 'unknown'
  /** Nodes of the DHT that are known. */
  nodes: number
  lan: { on: boolean; neighbours: number }
  /**
   * Documents that are looked up, those of them that are announced now, and the packets that finding people takes a
   * minute, sent and received, averaged over 10 minutes.
   */
  topics: { documents: number; announced: number; packetsPerMinute: number }
  /** This computer relays for others. */
  relaying: boolean
  peers: ReachedPeer[]
  failed: FailedAttempt[]
}

/** Calls about the network. */
export const networkCalls = {
  /** The network now, with the people of one document or, with null, of none. */
  networkReport: call(v.nullable(documentId)).returns<NetworkReport>(),
  /** Puts the report on the clipboard as text, without keys, documents and others' addresses. */
  copyNetworkReport: call(v.nullable(documentId)).returns<null>(),
}
