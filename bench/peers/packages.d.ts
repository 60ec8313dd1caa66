/** Types for the parts of the other systems that are used here: they are installed apart from the project. */
declare module 'yjs' {
  export class Text {
    readonly length: number
    toString(): string
    insert(at: number, text: string): void
    delete(at: number, length: number): void
    observe(heard: () => void): void
  }
  export class Doc {
    getText(name: string): Text
    transact(run: () => void, origin?: unknown): void
    on(event: 'update', heard: (update: Uint8Array, origin: unknown) => void): void
  }
  export function applyUpdate(document: Doc, update: Uint8Array, origin: unknown): void
  export function encodeStateVector(document: Doc): Uint8Array
  export function encodeStateAsUpdate(document: Doc, version?: Uint8Array): Uint8Array
}

declare module 'y-websocket' {
  import type { WebSocket } from 'ws'
  import type { Doc } from 'yjs'
  export class WebsocketProvider {
    constructor(
      server: string,
      room: string,
      document: Doc,
      options: { WebSocketPolyfill: typeof WebSocket; disableBc: boolean; connect: boolean },
    )
    readonly synced: boolean
    once(event: 'sync', heard: () => void): void
    connect(): void
    disconnect(): void
    destroy(): void
  }
}

declare module 'y-websocket/bin/utils' {
  import type { WebSocket } from 'ws'
  export function setupWSConnection(socket: WebSocket, request: unknown): void
}

declare module 'ws' {
  import type { Server } from 'node:http'
  export class WebSocket {}
  export class WebSocketServer {
    constructor(options: { server: Server })
    on(event: 'connection', heard: (socket: WebSocket, request: unknown) => void): void
  }
}

declare module 'loro-crdt' {
  export class VersionVector {
    static decode(bytes: Uint8Array): VersionVector
    encode(): Uint8Array
    length(): number
  }
  export class LoroDoc {
    getText(name: string): {
      readonly length: number
      toString(): string
      insert(at: number, text: string): void
      delete(at: number, length: number): void
    }
    subscribeLocalUpdates(heard: (update: Uint8Array) => void): void
    commit(): void
    importBatch(updates: Uint8Array[]): void
    version(): VersionVector
    export(options: { mode: 'snapshot' } | { mode: 'update'; from: VersionVector }): Uint8Array
  }
}

declare module '@automerge/automerge-repo' {
  export type AutomergeUrl = string & { readonly url: unique symbol }
  export interface DocHandle<T> {
    readonly url: AutomergeUrl
    doc(): T
    change(make: (draft: T) => void): void
    on(event: 'change', heard: () => void): void
    whenReady(): Promise<void>
  }
  export class Repo {
    constructor(options: { network: object[]; storage: object; sharePolicy?: () => Promise<boolean> })
    readonly peerId: string
    create<T>(begin: T): DocHandle<T>
    find<T>(url: AutomergeUrl): Promise<DocHandle<T>>
    flush(): Promise<void>
  }
}

declare module '@automerge/automerge-repo-network-websocket' {
  import type { WebSocketServer } from 'ws'
  export class WebSocketClientAdapter {
    constructor(server: string)
    connect(peer: string, metadata: object): void
    disconnect(): void
  }
  export class WebSocketServerAdapter {
    constructor(sockets: WebSocketServer)
  }
}

declare module '@automerge/automerge-repo-storage-nodefs' {
  export class NodeFSStorageAdapter {
    constructor(directory: string)
  }
}
