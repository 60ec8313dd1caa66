import c from 'compact-encoding'
import type { Encoding, Channel as MuxChannel } from 'protomux'
import { kdf } from '../../keys/hash'
import type { Connection } from '../../network/network'
import type { HardenedMux } from './hardened-mux'
import { type MessageType, messageTypes } from './messages'

/** Protocol of a channel: its name, and its message types in the order of their numbers. */
export interface ChannelKind<Type extends string> {
  readonly protocol: string
  readonly types: readonly Type[]
}

/** Protocol of documents. Its version is in the hello, so that another version can be recognized. Rule W2. */
const documents = { protocol: 'swarmpad/doc' }

/** Sends the messages of one channel to one peer. */
export interface Port<Type extends string = MessageType> {
  /** True if the connection takes more at once; otherwise wait for `onDrain`. */
  readonly drained: boolean
  /** Sends a message, or drops it when the channel is closed. */
  send(type: Type, body: Uint8Array): void
  /** Runs `work` and sends its messages in as few packets as possible. */
  together(work: () => void): void
  /** Ends the channel. */
  close(): void
  /** Ends the whole connection, since the peer misbehaved. */
  destroy(): void
}

/** Event handlers of a channel. */
export interface PortListener<Type extends string = MessageType> {
  /** Called when the peer opened the channel too; `hello` is its first message. */
  onOpen(hello: Uint8Array): void
  onMessage(type: Type, body: Uint8Array): void
  onDrain(): void
  /** Called once, when either side ended the channel. */
  onClose(): void
}

/** Returns the channel's id, which needs the keep secret and differs on every connection. Rule W3. */
export function channelId(keep: Uint8Array, connection: Connection): Uint8Array {
  return kdf(keep, 'channel', connection.handshakeHash)
}

/**
 * Opens a document's channel, with the messages of the document's parts after its own; null if it is open already or
 * the connection is gone.
 */
export const openChannel = (
  options: ChannelOptions<string>,
  ofParts: readonly string[] = [],
): Port<string> | null => openChannelOf({ ...documents, types: [...messageTypes, ...ofParts] }, options)

/** Options for opening a channel. */
export interface ChannelOptions<Type extends string> {
  readonly mux: HardenedMux
  readonly id: Uint8Array
  readonly hello: Uint8Array
  readonly listener: PortListener<Type>
}

/** Opens a channel of some kind; null if it is open already or the connection is gone. */
export function openChannelOf<Type extends string>(
  { protocol, types }: ChannelKind<Type>,
  { mux, id, hello, listener }: ChannelOptions<Type>,
): Port<Type> | null {
  const channel: MuxChannel | null = mux.createChannel({
    protocol,
    id,
    unique: true,
    handshake: c.raw as Encoding<Uint8Array>,
    messages: types.map((type) => ({
      encoding: c.raw as Encoding<Uint8Array>,
      onmessage: (body) => listener.onMessage(type, body),
    })),
    onopen: (bytes) => listener.onOpen(bytes),
    onclose: () => listener.onClose(),
    ondrain: () => listener.onDrain(),
  })
  if (!channel) return null
  channel.open(hello)
  return {
    get drained() {
      return channel.drained
    },
    send: (type, body) => {
      channel.messages[types.indexOf(type)]?.send(body)
      mux.sent(body.length)
    },
    together: (work) => {
      channel.cork()
      try {
        work()
      } finally {
        channel.uncork()
      }
    },
    close: () => channel.close(),
    destroy: () => mux.destroy(new Error('The peer broke the protocol.')),
  }
}

/** Returns true if this side has the channel open or waits for the peer to open it. */
export function isChannelOpen(mux: HardenedMux, id: Uint8Array, { protocol }: Named = documents): boolean {
  return mux.opened({ protocol, id })
}

/** Calls `onOpen` whenever the peer opens the channel. */
export function pairChannel(mux: HardenedMux, id: Uint8Array, onOpen: () => void, { protocol }: Named): void {
  mux.pair({ protocol, id }, onOpen)
}

/**
 * Calls `onOpen` with the channel's id whenever the peer opens a document's channel that this side has not opened. The
 * opening is rejected if it is not answered when the promise resolves.
 */
export function pairAllChannels(mux: HardenedMux, onOpen: (id: Uint8Array) => Promise<void> | void): void {
  mux.pair(documents, (id) => (id ? onOpen(id) : undefined))
}

/** Ends the effect of `pairChannel`. */
export function unpairChannel(mux: HardenedMux, id: Uint8Array, { protocol }: Named): void {
  mux.unpair({ protocol, id })
}

type Named = Pick<ChannelKind<string>, 'protocol'>
