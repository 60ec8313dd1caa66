/** The part of blind-relay (which brings no types) that is used here. */
declare module 'blind-relay' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'streamx'

  export interface RelaySession extends EventEmitter {
    destroy(error?: Error): void
    on(
      event: 'pair',
      listener: (isInitiator: boolean, token: Uint8Array, stream: RelayStream, remoteId: number) => void,
    ): this
    on(event: 'error', listener: (error: Error) => void): this
  }

  /** One leg of a pair, as `createStream` gives it. */
  export interface RelayStream extends EventEmitter {
    readonly id: number
    relayTo(other: never): void
    destroy(error?: Error): this
  }

  export class Server extends EventEmitter {
    constructor(options: {
      createStream: () => RelayStream
    })
    accept(stream: Duplex, options: { id: Uint8Array }): RelaySession
  }
}
