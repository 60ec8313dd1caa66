import type { Connection, Network } from '../../network/network'
import {
  type ChannelKind,
  isChannelOpen,
  openChannelOf,
  type Port,
  type PortListener,
  pairChannel,
  unpairChannel,
} from './channel'
import type { HardenedMux } from './hardened-mux'

/** Communication of two programs that concerns no document: a topic, and a channel on each connection. */
export interface SideChannel<Type extends string = string> {
  readonly kind: ChannelKind<Type>
  /** 32 bytes, by which both sides find each other. */
  readonly topic: Uint8Array
  /** Returns the channel's id on a connection; a peer that does not know it cannot open the channel. */
  channelId(connection: Connection): Uint8Array
  /** Makes the channel's handler for a connection. `refuse` turns the peer away for a while. */
  connect(connection: Connection, refuse: () => void): ChannelSession<Type>
}

/** Handler of a side channel on one connection. */
export interface ChannelSession<Type extends string = string> extends PortListener<Type> {
  /** First message of this side. */
  readonly hello: Uint8Array
  /** True if the peer proved that it knows the channel's secret. */
  readonly isProved: boolean
  /** Set once, before anything can arrive. */
  port: Port<Type> | null
}

interface ActiveChannel {
  readonly sideChannel: SideChannel
  readonly handlers: Map<Connection, ChannelSession>
}

/** The active side channels on all connections of a program. Rule W8 applies to them too. */
export class SideChannels {
  private readonly network: Network
  private readonly connections: ReadonlyMap<Connection, { readonly mux: HardenedMux }>
  private readonly refuse: (connection: Connection) => void
  private readonly onLeft: (connection: Connection) => void
  private readonly active = new Set<ActiveChannel>()

  /** `onLeft` is called for each connection on which a side channel ended after its peer proved itself. */
  constructor(options: {
    network: Network
    connections: ReadonlyMap<Connection, { readonly mux: HardenedMux }>
    refuse: (connection: Connection) => void
    onLeft: (connection: Connection) => void
  }) {
    this.network = options.network
    this.connections = options.connections
    this.refuse = options.refuse
    this.onLeft = options.onLeft
  }

  /** Opens a side channel on all connections, future ones included; returns a function that ends it. */
  add(sideChannel: SideChannel): () => void {
    const active: ActiveChannel = { sideChannel, handlers: new Map() }
    this.active.add(active)
    for (const [connection, { mux }] of this.connections) {
      this.pair(connection, mux, active)
      this.open(connection, mux, active)
    }
    this.network.join(sideChannel.topic)
    return () => this.end(active)
  }

  /** Handles a new connection. */
  onConnection(connection: Connection, mux: HardenedMux): void {
    for (const active of this.active) {
      this.pair(connection, mux, active)
      if (connection.isInitiator) this.open(connection, mux, active)
    }
  }

  /** Returns true if the peer of a connection proved itself on a side channel. */
  includes(connection: Connection): boolean {
    return [...this.active].some(({ handlers }) => handlers.get(connection)?.isProved)
  }

  private end(active: ActiveChannel): void {
    if (!this.active.delete(active)) return
    const { sideChannel, handlers } = active
    for (const [connection, { mux }] of this.connections)
      unpairChannel(mux, sideChannel.channelId(connection), sideChannel.kind)
    this.network.leave(sideChannel.topic)
    for (const [connection, handler] of [...handlers]) {
      if (handler.isProved) this.onLeft(connection)
      handler.port?.close()
    }
  }

  private pair(connection: Connection, mux: HardenedMux, active: ActiveChannel): void {
    const { sideChannel } = active
    const open = () => this.open(connection, mux, active)
    pairChannel(mux, sideChannel.channelId(connection), open, sideChannel.kind)
  }

  private open(connection: Connection, mux: HardenedMux, { sideChannel, handlers }: ActiveChannel): void {
    const { kind } = sideChannel
    const id = sideChannel.channelId(connection)
    if (isChannelOpen(mux, id, kind)) return
    const handler = sideChannel.connect(connection, () => this.refuse(connection))
    const listener: PortListener<string> = {
      onOpen: (bytes) => handler.onOpen(bytes),
      onMessage: (type, body) => handler.onMessage(type, body),
      onDrain: () => handler.onDrain(),
      onClose: () => {
        if (handlers.get(connection) === handler) handlers.delete(connection)
        handler.onClose()
      },
    }
    handlers.set(connection, handler)
    handler.port = openChannelOf(kind, { mux, id, hello: handler.hello, listener })
    if (!handler.port) listener.onClose()
  }
}
