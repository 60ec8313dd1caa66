/** The parts of protomux (which brings no types) that are used here, its inner ones that are hardened included. */
declare module 'protomux' {
  import type { Duplex } from 'streamx'

  export interface DecodeState {
    buffer: Uint8Array
    start: number
    end: number
  }

  export interface EncodeState {
    buffer: Uint8Array | null
    start: number
    end: number
  }

  export interface Encoding<T> {
    preencode(state: EncodeState, value: T): void
    encode(state: EncodeState, value: T): void
    decode(state: DecodeState): T
  }

  export interface Message {
    send(value: Uint8Array): boolean
  }

  export interface Channel {
    readonly drained: boolean
    readonly messages: readonly Message[]
    open(handshake: Uint8Array): void
    close(): void
    cork(): void
    uncork(): void
  }

  export interface ChannelOptions {
    protocol: string
    id: Uint8Array
    unique: boolean
    handshake: Encoding<Uint8Array>
    messages: { encoding: Encoding<Uint8Array>; onmessage: (body: Uint8Array) => void }[]
    onopen: (handshake: Uint8Array) => void
    onclose: () => void
    ondrain: () => void
  }

  export type Batch = { localId: number; buffer: Uint8Array }[]

  export default class Protomux {
    constructor(stream: Duplex)
    readonly stream: Duplex
    readonly drained: boolean
    protected _destroying: boolean
    protected _buffered: number
    protected readonly _local: readonly unknown[]
    protected _remoteBacklog: number
    protected readonly _infos: ReadonlyMap<string, { readonly incoming: number[] }>
    protected readonly _free: readonly number[]
    protected _paused: boolean
    protected _batch: Batch | null
    protected _batchState: EncodeState | null
    protected _ondata(frame: Uint8Array): void
    protected _ondrain(): void
    protected _shutdown(): void
    protected _decode(remoteId: number, state: DecodeState): Promise<void> | null
    protected _onbatch(state: DecodeState): void
    protected _onopensession(state: DecodeState): Promise<void> | null
    protected _rejectSession(info: object, remoteId: number): void
    protected _onclosesession(state: DecodeState): void
    protected _bufferMessage(remote: object, type: number, state: DecodeState): void
    protected _resumeMaybe(): void
    protected _pushBatch(localId: number, buffer: Uint8Array): void
    protected _sendBatch(batch: Batch, state: EncodeState): void
    protected _safeDestroy(error: unknown): void
    protected _warn(error: unknown): void
    pair(
      options: { protocol: string; id?: Uint8Array },
      onOpen: (id: Uint8Array | null) => Promise<void> | void,
    ): void
    unpair(options: { protocol: string; id: Uint8Array }): void
    opened(options: { protocol: string; id: Uint8Array }): boolean
    createChannel(options: ChannelOptions): Channel | null
    cork(): void
    uncork(): void
    destroy(error?: Error): void
  }
}
