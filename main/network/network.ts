import type { Duplex } from 'streamx'
import type { FailedAttempt } from './failed-attempts'
import type { Route } from './route'
import type { TopicInterest } from './topic-schedule'
import type { TopicFacts } from './topics'

/**
 * An encrypted connection to one peer. `stream` keeps message borders (one write is one 'data' at
 * the other side), ends with 'close', and always has an 'error' listener of the network's own.
 */
export interface Connection {
  readonly stream: Duplex
  /** True if this side dialled. */
  readonly isInitiator: boolean
  /** The peer's key on the network, 32 bytes, fresh for each of its runs. */
  readonly remotePublicKey: Uint8Array
  /** 64 bytes, equal on both sides and unlike any other connection's. */
  readonly handshakeHash: Uint8Array
  /** How the peer is reached now; a relayed connection can become a direct one. */
  readonly route: Route
  /** The peer's address or, when relayed, the relay's; null when it is not known. */
  readonly remoteAddress: { readonly host: string; readonly port: number } | null
  /** Traffic so far in bytes, and the round-trip time in ms; null while it is not known. */
  readonly traffic: { readonly received: number; readonly sent: number; readonly roundTrip: number | null }
}

/** This computer's address as others see it, and its knowledge of the network. */
export interface NetworkFacts {
  /** HOST:PORT, or HOST where each destination sees another port; null while it is not known. */
  readonly address: string | null
  /** How the router lets others in: see the contract's NetworkReport. */
  readonly nat: 'open' | 'consistent' | 'random' | 'unknown'
  /** Number of known DHT nodes. */
  readonly nodes: number
  readonly lan: { readonly on: boolean; readonly neighbours: number }
  readonly topics: TopicFacts
  /** The newest first. */
  readonly failed: readonly FailedAttempt[]
}

/** State of the network. 'unreachable': turned on, but no other node answers. */
export type Reachability = 'off' | 'starting' | 'online' | 'unreachable'

/** A person's settings of the network. */
export interface NetworkSettings {
  /** Finds others on the local network, and is found by them. */
  readonly lan: boolean
  /** DHT nodes to begin with; none for the public ones. */
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[]
  /** Public keys of relays, 64 hexadecimal digits each. */
  readonly relays: readonly string[]
}

/** Events of a network. */
export interface NetworkEvents {
  /** A connection was made, and none of its data has arrived. */
  connection: Connection
  /** `reachability` changed. */
  reachability: Reachability
  /** `relayKey` changed. */
  relayKey: Uint8Array | null
}

/**
 * Finds peers by topic and connects to them. All documents share one connection to a peer; peers agree on
 * the documents that they share over the connection, not here.
 */
export interface Network {
  /** Starts looking for peers. Idempotent. Also goes back online after `suspend`. */
  open(): Promise<void>
  /** Applies other settings, in any state. Options with which the program was started take precedence. */
  configure(settings: NetworkSettings): Promise<void>
  /**
   * Announces and looks up a topic (32 bytes) until `leave`, or sets the interest in one that was joined. Without
   * `interest`, somebody is waited for by that topic now. Allowed in any state.
   */
  join(topic: Uint8Array, interest?: TopicInterest): void
  leave(topic: Uint8Array): void
  /** Asks again for peers of a topic now, within the network's own limits of rate. */
  refresh(topic: Uint8Array): void
  /**
   * Records that the peer of a connection proved that it shares a topic, until the returned function is called, at the
   * latest when the connection ends: such a topic needs no lookup, and its announcement is left to others where enough announce it.
   */
  met(connection: Connection, topic: Uint8Array): () => void
  /** Leaves the network: closes every connection, withdraws announcements, answers nobody. */
  suspend(): Promise<void>
  readonly reachability: Reachability
  /** Current facts about the network. */
  readonly facts: NetworkFacts
  /** The key, 32 bytes, under which this program relays for peers of its documents; null while it does not. */
  readonly relayKey: Uint8Array | null
  /** Records that a peer offers to relay under a key, or withdraws its offer (null). Lasts as long as its connection. */
  offerRelay(connection: Connection, key: Uint8Array | null): void
  /** Calls `listener` for each event of that name, synchronously; returns a function that stops. */
  on<Name extends keyof NetworkEvents>(
    name: Name,
    listener: (detail: NetworkEvents[Name]) => void,
  ): () => void
  /** Idempotent. */
  close(): Promise<void>
}
