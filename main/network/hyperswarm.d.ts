/** The parts of hyperdht and hyperswarm (which bring no types) that are used here. */
declare module 'hyperdht' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'streamx'

  export interface Node {
    host: string
    port: number
  }

  export default class HyperDHT extends EventEmitter {
    constructor(options?: {
      bootstrap?: Node[]
      host?: string
      ephemeral?: boolean
      firewalled?: boolean
      port?: number
    })
    /** Whether the last requests were answered. */
    readonly online: boolean
    /** The routing table. */
    readonly nodes: { readonly length: number }
    fullyBootstrapped(): Promise<void>
    address(): Node
    /** Where this node takes packets from the local network; null until it listens. */
    localAddress(): Node | null
    /** `relayAddresses`: nodes that may know the way, asked before the DHT is. */
    connect(publicKey: Uint8Array, options?: { relayAddresses?: Node[] | null }): Duplex
    on(event: 'listening' | 'network-change', listener: () => void): this
    destroy(options?: { force?: boolean }): Promise<void>
  }
}

declare module 'hyperswarm' {
  import type { EventEmitter } from 'node:events'
  import type HyperDHT from 'hyperdht'
  import type { Duplex } from 'streamx'

  export interface SwarmStream extends Duplex {
    readonly isInitiator: boolean
    readonly remotePublicKey: Uint8Array
    readonly handshakeHash: Uint8Array
    /** What lies under the encryption. */
    readonly rawStream: Duplex
    /** Bytes of the encrypted message that is arriving, as it announced them. */
    readonly _len: number
  }

  export interface Discovery {
    refresh(): Promise<void>
  }

  export default class Hyperswarm extends EventEmitter {
    constructor(options: { dht: HyperDHT; maxPeers?: number })
    readonly connections: ReadonlySet<SwarmStream>
    readonly server: { refresh(): void }
    readonly keyPair: { readonly publicKey: Uint8Array }
    join(topic: Uint8Array, options: { server: boolean; client: boolean }): Discovery
    leave(topic: Uint8Array): Promise<void>
    /** Dials a peer until `leavePeer`. */
    joinPeer(publicKey: Uint8Array): void
    leavePeer(publicKey: Uint8Array): void
    status(topic: Uint8Array): Discovery | null
    destroy(options?: { force?: boolean }): Promise<void>
    on(event: 'connection', listener: (stream: SwarmStream) => void): this
    on(event: 'update', listener: () => void): this
  }
}
