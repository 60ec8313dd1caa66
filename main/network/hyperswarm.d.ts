/** Types for the parts of hyperdht and hyperswarm that are used here; the packages bring none. */
declare module 'hyperdht' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'streamx'

  export interface Node {
    host: string
    port: number
  }

  /** A peer that announced a topic, and nodes that may know it. */
  export interface Peer {
    publicKey: Buffer
    relayAddresses: Node[]
  }

  /** A request to the nodes nearest to a target, one result for each node that knows something. */
  export interface Query extends AsyncIterable<{ peers: Peer[] }> {
    readonly successes: number
    readonly errors: number
    /** The nearest nodes that answered. */
    readonly closestNodes: Node[]
  }

  /** Nodes to begin with, and whether no others are asked. */
  export interface QueryOptions {
    closestNodes?: Node[]
    onlyClosestNodes?: boolean
    force?: boolean
  }

  export interface KeyPair {
    publicKey: Buffer
    secretKey: Buffer
  }

  /** A UDP socket, shared by all streams that go over it. */
  export interface RawSocket extends EventEmitter {
    readonly closing: boolean
    /** Sends a packet, or drops it when the socket cannot take it now. */
    trySend(packet: Buffer, port: number, host: string): void
    /** Emits packets that belong to no stream. */
    on(event: 'message', listener: (packet: Buffer, from: Node) => void): this
    on(event: 'close', listener: () => void): this
  }

  /** A UDX stream, below the encryption. Socket and address are null before it is connected. */
  export interface RawStream extends Duplex {
    readonly id: number
    readonly socket: RawSocket | null
    readonly remoteHost: string | null
    readonly remotePort: number
    readonly bytesReceived: number
    readonly bytesTransmitted: number
    /** Round-trip time in ms; 0 while it is not known. */
    readonly rtt: number
  }

  export interface SecretStream extends Duplex {
    readonly isInitiator: boolean
    readonly remotePublicKey: Uint8Array
    readonly handshakeHash: Uint8Array
    readonly rawStream: RawStream | null
    /** Sends an empty message, which the other side acknowledges and does not deliver. */
    sendKeepAlive(): void
    /** Announced size of the arriving encrypted message, in bytes. */
    readonly _len: number
  }

  export interface Server {
    listen(keyPair: KeyPair): Promise<void>
    close(): Promise<void>
  }

  export default class HyperDHT extends EventEmitter {
    static keyPair(seed: Uint8Array): KeyPair
    constructor(options?: {
      bootstrap?: Node[]
      host?: string
      ephemeral?: boolean
      firewalled?: boolean
      port?: number
      /** Time for which the node keeps an announcement, in ms; 20 minutes by default. */
      maxAge?: number
    })
    /** True if the last requests were answered. */
    readonly online: boolean
    /** True if a NAT maps each destination to another port; known once some nodes have answered. */
    readonly randomized: boolean
    /** The routing table. */
    readonly nodes: { readonly length: number }
    readonly rawStreams: Iterable<RawStream>
    /** Requests of this node, without their repetitions, and the answers to them. */
    readonly stats: { readonly requests: { total: number; retries: number; responses: number } }
    lookup(target: Uint8Array, options: QueryOptions): Query
    announce(target: Uint8Array, keyPair: KeyPair, relayAddresses: Node[], options: QueryOptions): Query
    unannounce(target: Uint8Array, keyPair: KeyPair, options: QueryOptions): Promise<void>
    fullyBootstrapped(): Promise<void>
    address(): Node
    /** Address as others see it: null and 0 while it is not known; port 0 if it differs for each destination. */
    readonly host: string | null
    readonly port: number
    /** Not everyone can reach this node. */
    readonly firewalled: boolean
    /** Address at which this node receives packets from the local network; null until it listens. */
    localAddress(): Node | null
    /** Internal: asks other nodes whether they can reach this one unasked; with `onlyFirewall`, nothing else. */
    protected _updateNetworkState(onlyFirewall: boolean): Promise<boolean>
    /** Address at which everybody can reach this node without hole punching; null if only some can. */
    remoteAddress(): Node | null
    /** `relayAddresses`: nodes that may know the peer, asked before the DHT. */
    connect(publicKey: Uint8Array, options?: { relayAddresses?: Node[] | null }): SecretStream
    createServer(
      options: { firewall: () => boolean; holepunch: false },
      onConnection: (stream: SecretStream) => void,
    ): Server
    on(event: 'listening' | 'network-change', listener: () => void): this
    destroy(options?: { force?: boolean }): Promise<void>
  }
}

declare module 'hyperswarm' {
  import type { EventEmitter } from 'node:events'
  import type HyperDHT from 'hyperdht'
  import type { KeyPair, Node, Peer, SecretStream } from 'hyperdht'

  /** The swarm's knowledge of a peer. */
  export interface PeerInfo {
    /** Topics by which it was found. */
    readonly topics: readonly Uint8Array[]
  }

  export default class Hyperswarm extends EventEmitter {
    constructor(options: {
      dht: HyperDHT
      maxPeers?: number
      maxParallel?: number
      /** Returns candidate relays for a connection; null for none. */
      relayThrough?: (force: boolean | undefined) => Uint8Array[] | null
      /**
       * Returns true to refuse a peer. `said`: how a dialling peer says it can be reached; null for a peer that was dialled.
       */
      firewall?: (publicKey: Uint8Array, said: { relayThrough: object | null } | null) => boolean
    })
    readonly connections: ReadonlySet<SecretStream>
    readonly destroyed: boolean
    /** `relayAddresses`: nodes that know how to reach this side. `refresh` tells the nodes again. */
    readonly server: { readonly relayAddresses: Node[]; refresh(): void }
    readonly keyPair: KeyPair
    /** Announces and looks up a topic by its own timers, without a budget: for comparisons only. */
    join(topic: Uint8Array, options: { server: boolean; client: boolean }): { refresh(): Promise<unknown> }
    /** Accepts connections. Idempotent. */
    listen(): Promise<void>
    /** Dials a peer until `leavePeer`. */
    joinPeer(publicKey: Uint8Array): void
    leavePeer(publicKey: Uint8Array): void
    /** Withdraws all that was announced; called by `destroy`. */
    clear(): Promise<unknown>
    /** Internal: a lookup found a peer. */
    protected _handlePeer(peer: Peer, topic: Uint8Array): void
    /** Internal: returns true for a peer that is to be dialled again. */
    protected _shouldRequeue(peer: PeerInfo): boolean
    destroy(options?: { force?: boolean }): Promise<void>
    on(event: 'connection', listener: (stream: SecretStream) => void): this
    on(event: 'update', listener: () => void): this
  }
}
