import type { Environment, Timer } from '../base/environment'
import { hex } from '../base/hex'
import type { Connection, Network } from '../network/network'
import { FetchSlots } from './budget/fetch-slots'
import { Openings } from './budget/openings'
import { Refusals } from './budget/refusals'
import { WorkBudget } from './budget/work-budget'
import { DocumentSync, type SyncedDocument } from './document-sync'
import type { PeerSync } from './peer-sync'
import {
  channelId,
  isChannelOpen,
  openChannel,
  type PortListener,
  pairChannel,
  unpairChannel,
} from './wire/channel'
import { HardenedMux } from './wire/hardened-mux'
import { type SideChannel, SideChannels } from './wire/side-channels'

/** The version of the wire that this program speaks. Rule W1. */
export const wireVersion = 2

/** Span after which a connection without proof of a shared document or side channel is ended, in ms. Rule W17. */
const proofLimit = 30_000

interface SharedDocument {
  readonly document: SyncedDocument
  readonly sync: DocumentSync
}

interface MuxedConnection {
  readonly connection: Connection
  readonly mux: HardenedMux
  readonly openings: Openings
}

/** Keeps all documents of a workspace in sync with all peers of a network. */
export class Sync {
  private readonly network: Network
  private readonly environment: Environment
  private readonly wireVersion: number
  private readonly documents = new Map<string, SharedDocument>()
  private readonly connections = new Map<Connection, MuxedConnection>()
  private readonly sideChannels: SideChannels
  /** Timers that end the connections whose peers have proved nothing. */
  private readonly proofTimers = new Map<Connection, Timer>()
  private readonly refusals: Refusals
  private readonly work: WorkBudget
  private readonly slots = new FetchSlots()
  private readonly closings = new Set<Promise<void>>()

  /** `wireVersion` is for trying two versions against each other. */
  constructor(options: { network: Network; environment: Environment; wireVersion?: number }) {
    this.network = options.network
    this.environment = options.environment
    this.wireVersion = options.wireVersion ?? wireVersion
    this.refusals = new Refusals(options.environment.clock)
    this.work = new WorkBudget(options.environment.clock)
    this.sideChannels = new SideChannels({
      network: this.network,
      connections: this.connections,
      refuse: ({ remotePublicKey }) => this.refusals.add(remotePublicKey),
      onLeft: (connection) => this.expectProof(connection),
    })
    this.network.on('connection', (connection) => this.onConnection(connection))
    this.network.on('relayKey', () => {
      for (const { sync } of this.documents.values()) sync.sendRelayKey()
    })
  }

  /**
   * Starts to share a document, whose log is open, with everybody who has its keep secret. A document that is
   * shared already must be removed first.
   */
  add(document: SyncedDocument): DocumentSync {
    const { environment, wireVersion, network: relays, slots } = this
    const sync = new DocumentSync({ document, environment, wireVersion, relays, slots })
    const shared = { document, sync }
    this.documents.set(hex(document.keys.documentId), shared)
    for (const muxed of this.connections.values()) {
      this.pair(muxed, shared)
      // The side that adds the document later opens the channel: an earlier attempt was rejected. Rule W8.
      this.open(muxed, shared)
    }
    return sync
  }

  /** Opens a side channel, which concerns no document. Returns a function that ends it. */
  openSideChannel(sideChannel: SideChannel): () => void {
    return this.sideChannels.add(sideChannel)
  }

  /** Stops sharing a document, with a goodbye. */
  remove(documentId: Uint8Array): void {
    const shared = this.documents.get(hex(documentId))
    if (!shared) return
    const { keys } = shared.document
    this.documents.delete(hex(documentId))
    for (const [connection, { mux }] of this.connections) unpairChannel(mux, channelId(keys.keep, connection))
    const closing: Promise<void> = shared.sync.close().finally(() => this.closings.delete(closing))
    this.closings.add(closing)
  }

  /** Stops sharing everything. Resolves when the receipts are written. */
  async close(): Promise<void> {
    for (const { document } of [...this.documents.values()]) this.remove(document.keys.documentId)
    await Promise.all(this.closings)
  }

  private onConnection(connection: Connection): void {
    const { stream, isInitiator, remotePublicKey } = connection
    if (this.refusals.includes(remotePublicKey)) {
      stream.destroy()
      return
    }
    const work = this.work.share()
    const mux = new HardenedMux(stream, work)
    const openings = new Openings(isInitiator ? this.documents.keys() : [], (id) => {
      const shared = this.documents.get(id)
      if (shared) this.open(muxed, shared)
    })
    const muxed: MuxedConnection = { connection, mux, openings }
    this.connections.set(connection, muxed)
    this.expectProof(connection)
    stream.on('close', () => {
      this.clearProof(connection)
      work.end()
      this.connections.delete(connection)
    })
    for (const shared of this.documents.values()) this.pair(muxed, shared)
    this.openMore(muxed)
    this.sideChannels.onConnection(connection, mux)
  }

  /** Opens channels, several in a frame. */
  private openMore({ mux, openings }: MuxedConnection): void {
    mux.cork()
    try {
      openings.openNext()
    } finally {
      mux.uncork()
    }
  }

  /** Ends the connection after a while, unless the peer proved by then that both share something. */
  private expectProof(connection: Connection): void {
    this.clearProof(connection)
    const late = () => {
      this.proofTimers.delete(connection)
      const isProved =
        this.sideChannels.includes(connection) ||
        [...this.documents.values()].some(({ sync }) => sync.includes(connection))
      if (!isProved) connection.stream.destroy()
    }
    this.proofTimers.set(connection, this.environment.clock.set(proofLimit, late))
  }

  private clearProof(connection: Connection): void {
    const timer = this.proofTimers.get(connection)
    if (timer) this.environment.clock.clear(timer)
    this.proofTimers.delete(connection)
  }

  private pair(muxed: MuxedConnection, shared: SharedDocument): void {
    const id = channelId(shared.document.keys.keep, muxed.connection)
    pairChannel(muxed.mux, id, () => this.open(muxed, shared))
  }

  private open(muxed: MuxedConnection, { document, sync }: SharedDocument): void {
    const { connection, mux, openings } = muxed
    const { topic, keep } = document.keys
    const id = channelId(keep, connection)
    if (isChannelOpen(mux, id)) return
    const peer = sync.addPeer(connection)
    peer.on('misbehaved', () => this.refusals.add(connection.remotePublicKey))
    const answered = openings.countOpened()
    let part: (() => void) | null = null
    const listener = listenerOf(peer, () => {
      part?.()
      part = peer.isProved ? this.network.met(connection, topic) : null
      if (answered()) this.openMore(muxed)
    })
    const ofParts = document.parts?.flatMap(({ messages }) => messages)
    const port = openChannel({ mux, id, hello: sync.hello(connection), listener }, ofParts)
    if (port) peer.attach(port)
    else listener.onClose()
  }
}

/** Passes a channel's events to a peer, and calls `onAnswer` once the channel was opened or rejected. */
const listenerOf = (peer: PeerSync, onAnswer: () => void): PortListener<string> => ({
  onOpen: (hello) => {
    peer.onOpen(hello)
    onAnswer()
  },
  onMessage: (type, body) => peer.onMessage(type, body),
  onDrain: () => peer.onDrain(),
  onClose: () => {
    peer.onClose()
    onAnswer()
  },
})
