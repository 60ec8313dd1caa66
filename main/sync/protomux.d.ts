/** The parts of protomux (which brings no types) that are used here, its inner ones that are hardened included. */
declare module 'protomux' {
  import type { Duplex } from 'streamx'

  export interface DecodeState {
    buffer: Uint8Array
    start: number
    end: number
  }

  export interface Encoding<T> {
    preencode(state: { start: number; end: number; buffer: Uint8Array | null }, value: T): void
    encode(state: { start: number; end: number; buffer: Uint8Array | null }, value: T): void
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

  export default class Protomux {
    constructor(stream: Duplex)
    readonly stream: Duplex
    protected _destroying: boolean
    protected _ondata(frame: Uint8Array): void
    protected _onbatch(state: DecodeState): void
    protected _onopensession(state: DecodeState): Promise<void> | null
    protected _safeDestroy(error: unknown): void
    protected _warn(error: unknown): void
    pair(options: { protocol: string; id: Uint8Array }, onOpen: () => void): void
    unpair(options: { protocol: string; id: Uint8Array }): void
    opened(options: { protocol: string; id: Uint8Array }): boolean
    createChannel(options: {
      protocol: string
      id: Uint8Array
      unique: boolean
      handshake: Encoding<Uint8Array>
      messages: { encoding: Encoding<Uint8Array>; onmessage: (body: Uint8Array) => void }[]
      onopen: (handshake: Uint8Array) => void
      onclose: () => void
      ondrain: () => void
    }): Channel | null
    destroy(error?: Error): void
  }
}
