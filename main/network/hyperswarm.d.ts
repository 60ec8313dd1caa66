/** Types for the parts of hyperdht and hyperswarm that are used here; the packages bring none. */
declare module 'hyperdht' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'streamx'

  export interface Node {
    host: string
    port: number
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
    })
    /** True if the last requests were answered. */
    readonly online: boolean
    /** True if a NAT maps each destination to another port; known once some nodes have answered. */
    readonly randomized: boolean
    /** The routing table. */
    readonly nodes: { readonly length: number }
    readonly rawStreams: Iterable<RawStream>
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
  import type { SecretStream } from 'hyperdht'

  export interface Discovery {
    refresh(): Promise<void>
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
    readonly server: { refresh(): void }
    readonly keyPair: { readonly publicKey: Uint8Array }
    join(topic: Uint8Array, options: { server: boolean; client: boolean }): Discovery
    leave(topic: Uint8Array): Promise<void>
    /** Dials a peer until `leavePeer`. */
    joinPeer(publicKey: Uint8Array): void
    leavePeer(publicKey: Uint8Array): void
    status(topic: Uint8Array): Discovery | null
    destroy(options?: { force?: boolean }): Promise<void>
    on(event: 'connection', listener: (stream: SecretStream) => void): this
    on(event: 'update', listener: () => void): this
  }
}
