import type { Environment, Timer } from '../base/environment'
import { hex } from '../base/hex'
import type { Connection, Network } from '../network/network'
import { Openings } from './budget/openings'
import { WorkBudget } from './budget/work-budget'
import { DocumentSync, type SyncedDocument } from './document-sync'
import type { PeerSync } from './peer-sync'
import { FetchSlots } from './transfer/fetch-slots'
import { Refusals } from './transfer/refusals'
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

/** How long a connection may go without proof of one shared document or meeting, in ms. Rule W17. */
const proofLimit = 30_000

interface Shared {
  readonly document: SyncedDocument
  readonly peers: DocumentSync
}

interface Line {
  readonly mux: HardenedMux
  readonly openings: Openings
}

/** Keeps all documents of a workspace in sync with all peers of a network. */
export class Sync {
  private readonly network: Network
  private readonly environment: Environment
  private readonly wireVersion: number
  private readonly documents = new Map<string, Shared>()
  private readonly connections = new Map<Connection, Line>()
  private readonly meetings: SideChannels
  /** Timers that end the connections that have proved nothing. */
  private readonly proofs = new Map<Connection, Timer>()
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
    this.meetings = new SideChannels({
      network: this.network,
      connections: this.connections,
      refuse: ({ remotePublicKey }) => this.refusals.add(remotePublicKey),
      onLeft: (connection) => this.expectProof(connection),
    })
    this.network.on('connection', (connection) => this.connected(connection))
    this.network.on('relayKey', () => {
      for (const { peers } of this.documents.values()) peers.tellRelay()
    })
  }

  /**
   * Starts to share a document, whose log is open, with all holders of its keep secret. A document that is
   * already shared must be removed first.
   */
  add(document: SyncedDocument): DocumentSync {
    const { environment, wireVersion, network: relays, slots } = this
    const peers = new DocumentSync({ document, environment, wireVersion, relays, slots })
    const shared = { document, peers }
    this.documents.set(hex(document.keys.documentId), shared)
    for (const [connection, line] of this.connections) {
      this.pair(connection, line, shared)
      // The side that adds the document later opens the channel: an earlier attempt was rejected. Rule W8.
      this.open(connection, line, shared)
    }
    this.network.join(document.keys.topic)
    return peers
  }

  /** Starts a meeting, which concerns no document. Returns a function that ends it. */
  meet(meeting: SideChannel): () => void {
    return this.meetings.add(meeting)
  }

  /** Stops sharing a document, with a goodbye. */
  remove(documentId: Uint8Array): void {
    const shared = this.documents.get(hex(documentId))
    if (!shared) return
    const { keys } = shared.document
    this.documents.delete(hex(documentId))
    for (const [connection, { mux }] of this.connections) unpairChannel(mux, channelId(keys.keep, connection))
    this.network.leave(keys.topic)
    const closing: Promise<void> = shared.peers.close().finally(() => this.closings.delete(closing))
    this.closings.add(closing)
  }

  /** Stops sharing everything. Resolves when what was receipted is written down. */
  async close(): Promise<void> {
    for (const { document } of [...this.documents.values()]) this.remove(document.keys.documentId)
    await Promise.all(this.closings)
  }

  private connected(connection: Connection): void {
    const { stream, isInitiator, remotePublicKey } = connection
    if (this.refusals.includes(remotePublicKey)) {
      stream.destroy()
      return
    }
    const work = this.work.share()
    const mux = new HardenedMux(stream, work)
    const openings = new Openings(isInitiator ? this.documents.keys() : [], (id) => {
      const shared = this.documents.get(id)
      if (shared) this.open(connection, line, shared)
    })
    const line: Line = { mux, openings }
    this.connections.set(connection, line)
    this.expectProof(connection)
    stream.on('close', () => {
      this.clearProof(connection)
      work.end()
      this.connections.delete(connection)
    })
    for (const shared of this.documents.values()) this.pair(connection, line, shared)
    this.openMore(line)
    this.meetings.connected(connection, mux)
  }

  /** Opens channels in few frames. */
  private openMore({ mux, openings }: Line): void {
    mux.cork()
    try {
      openings.goOn()
    } finally {
      mux.uncork()
    }
  }

  /** Ends the connection after a while, unless something that both share was proved by then. */
  private expectProof(connection: Connection): void {
    this.clearProof(connection)
    const late = () => {
      this.proofs.delete(connection)
      const isProved =
        this.meetings.includes(connection) ||
        [...this.documents.values()].some(({ peers }) => peers.includes(connection))
      if (!isProved) connection.stream.destroy()
    }
    this.proofs.set(connection, this.environment.clock.set(proofLimit, late))
  }

  private clearProof(connection: Connection): void {
    const timer = this.proofs.get(connection)
    if (timer) this.environment.clock.clear(timer)
    this.proofs.delete(connection)
  }

  private pair(connection: Connection, line: Line, shared: Shared): void {
    const id = channelId(shared.document.keys.keep, connection)
    pairChannel(line.mux, id, () => this.open(connection, line, shared))
  }

  private open(connection: Connection, line: Line, { document, peers }: Shared): void {
    const { mux } = line
    const id = channelId(document.keys.keep, connection)
    if (isChannelOpen(mux, id)) return
    const peer = peers.addPeer(connection, () => this.refusals.add(connection.remotePublicKey))
    const listener = this.hearing(line, peer)
    peer.port = openChannel({ mux, id, hello: peers.hello(connection), listener })
    if (!peer.port) listener.onClose()
  }

  /** Wraps a peer's channel events: a channel that was answered makes room for the next. */
  private hearing(line: Line, peer: PeerSync): PortListener {
    const made = line.openings.made()
    const answered = () => {
      if (made()) this.openMore(line)
    }
    return {
      onOpen: (hello) => {
        peer.onOpen(hello)
        answered()
      },
      onMessage: (type, body) => peer.onMessage(type, body),
      onDrain: () => peer.onDrain(),
      onClose: () => {
        peer.onClose()
        answered()
      },
    }
  }
}
