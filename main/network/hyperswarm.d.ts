/** The parts of hyperdht and hyperswarm (which bring no types) that are used here. */
declare module 'hyperdht' {
  import type { EventEmitter } from 'node:events'

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
  }

  export interface Discovery {
    refresh(): Promise<void>
  }

  export default class Hyperswarm extends EventEmitter {
    constructor(options: { dht: HyperDHT; maxPeers?: number })
    readonly connections: ReadonlySet<SwarmStream>
    readonly server: { refresh(): void }
    join(topic: Uint8Array, options: { server: boolean; client: boolean }): Discovery
    leave(topic: Uint8Array): Promise<void>
    status(topic: Uint8Array): Discovery | null
    destroy(options?: { force?: boolean }): Promise<void>
    on(event: 'connection', listener: (stream: SwarmStream) => void): this
    on(event: 'update', listener: () => void): this
  }
}
