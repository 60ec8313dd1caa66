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

/** A meeting of two programs without a document: a topic, and its own channel on each connection. */
export interface SideChannel<Type extends string = string> {
  readonly kind: ChannelKind<Type>
  /** 32 bytes, by which both find each other. */
  readonly topic: Uint8Array
  /** Returns the channel's id on a connection; a peer that does not know it cannot open the channel. */
  channelId(connection: Connection): Uint8Array
  /** One more connection, on which the channel is about to be opened. `refuse` turns the peer away for a while. */
  visit(connection: Connection, refuse: () => void): ChannelSession<Type>
}

/** One connection's part of a meeting. */
export interface ChannelSession<Type extends string = string> extends PortListener<Type> {
  /** First message of this side. */
  readonly hello: Uint8Array
  /** The peer has shown that it may be here. */
  readonly isProved: boolean
  /** Set once, before anything is heard. */
  port: Port<Type> | null
}

interface Held {
  readonly meeting: SideChannel
  readonly visits: Map<Connection, ChannelSession>
}

/** The active meetings on all connections of a program. Rule W8 applies to their channels too. */
export class SideChannels {
  private readonly network: Network
  private readonly connections: ReadonlyMap<Connection, { readonly mux: HardenedMux }>
  private readonly refuse: (connection: Connection) => void
  private readonly onLeft: (connection: Connection) => void
  private readonly held = new Set<Held>()

  /** `onLeft` is called for each connection on which a meeting ended after its peer proved itself. */
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

  /** Begins a meeting on all connections, those to come included; returns a function that ends it. */
  add(meeting: SideChannel): () => void {
    const held: Held = { meeting, visits: new Map() }
    this.held.add(held)
    for (const [connection, { mux }] of this.connections) {
      this.pair(connection, mux, held)
      this.open(connection, mux, held)
    }
    this.network.join(meeting.topic)
    return () => this.end(held)
  }

  /** A connection was made. */
  connected(connection: Connection, mux: HardenedMux): void {
    for (const held of this.held) {
      this.pair(connection, mux, held)
      if (connection.isInitiator) this.open(connection, mux, held)
    }
  }

  /** True if the peer of a connection proved that it belongs to a meeting. */
  includes(connection: Connection): boolean {
    return [...this.held].some(({ visits }) => visits.get(connection)?.isProved)
  }

  private end(held: Held): void {
    if (!this.held.delete(held)) return
    const { meeting, visits } = held
    for (const [connection, { mux }] of this.connections)
      unpairChannel(mux, meeting.channelId(connection), meeting.kind)
    this.network.leave(meeting.topic)
    for (const [connection, visit] of [...visits]) {
      if (visit.isProved) this.onLeft(connection)
      visit.port?.close()
    }
  }

  private pair(connection: Connection, mux: HardenedMux, held: Held): void {
    const { meeting } = held
    const open = () => this.open(connection, mux, held)
    pairChannel(mux, meeting.channelId(connection), open, meeting.kind)
  }

  private open(connection: Connection, mux: HardenedMux, held: Held): void {
    const { meeting, visits } = held
    const id = meeting.channelId(connection)
    if (isChannelOpen(mux, id, meeting.kind)) return
    const visit = meeting.visit(connection, () => this.refuse(connection))
    const { hello } = visit
    const listener: PortListener<string> = {
      onOpen: (bytes) => visit.onOpen(bytes),
      onMessage: (type, body) => visit.onMessage(type, body),
      onDrain: () => visit.onDrain(),
      onClose: () => {
        if (visits.get(connection) === visit) visits.delete(connection)
        visit.onClose()
      },
    }
    visits.set(connection, visit)
    visit.port = openChannelOf(meeting.kind, { mux, id, hello, listener })
    if (!visit.port) listener.onClose()
  }
}
