import { SwarmpadError } from '../base/errors'
import type { Connection } from '../network/network'
import type { Port } from '../sync/wire/channel'
import type { ChannelSession } from '../sync/wire/side-channels'

/** Callbacks for a connection; a SwarmpadError thrown by one closes the connection. */
export interface ChannelEvents<Type extends string, C> {
  /** Called when the peer has proved that it knows the secret. */
  onProved(channel: C): void
  /** Called when the peer has proved that it knows the secret, but speaks another version. */
  onOutdated(channel: C): void
  onMessage(channel: C, type: Type, body: Uint8Array): void
  onClose(channel: C): void
}

/**
 * A connection on which both sides prove knowledge of a secret. Until the peer has done so, only the hello is
 * sent and no message is processed.
 */
export abstract class ProvedChannel<Type extends string> implements ChannelSession<Type> {
  readonly connection: Connection
  abstract readonly hello: Uint8Array
  isProved = false
  port: Port<Type> | null = null
  private readonly refuse: () => void

  constructor(options: { connection: Connection; refuse: () => void }) {
    this.connection = options.connection
    this.refuse = options.refuse
  }

  /** Reads the peer's hello; returns true if it speaks this version. Throws MISBEHAVED without a valid proof. */
  protected abstract read(hello: Uint8Array): boolean
  protected abstract readonly events: ChannelEvents<Type, this>

  onOpen(bytes: Uint8Array): void {
    this.guard(() => {
      const isCurrent = this.read(bytes)
      this.isProved = true
      if (isCurrent) this.events.onProved(this)
      else this.events.onOutdated(this)
    })
  }

  onMessage(type: Type, body: Uint8Array): void {
    if (this.isProved) this.guard(() => this.events.onMessage(this, type, body))
  }

  onDrain(): void {}

  onClose(): void {
    this.isProved = false
    this.events.onClose(this)
  }

  /** Sends a message, or drops it when the channel is closed. */
  send(type: Type, body: Uint8Array = new Uint8Array(0)): void {
    this.port?.send(type, body)
  }

  /** Ends the channel. */
  close(): void {
    this.port?.close()
  }

  private guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof SwarmpadError)) throw error
      this.refuse()
      this.port?.destroy()
    }
  }
}
