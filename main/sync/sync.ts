import type { Environment } from '../environment'
import { hex } from '../hex'
import type { Connection, Network } from '../network/network'
import { channelId, isChannelOpen, openChannel, pairChannel, unpairChannel } from './channel'
import { DocumentPeers, type SyncedDocument } from './document-peers'
import { HardenedMux } from './hardened-mux'

/** The version of the wire that this program speaks. Rule W1. */
export const wireVersion = 1
/** How long a peer that broke the protocol is refused, in ms. Rule W41. */
const banTime = 10 * 60 * 1000
/** Peers that are remembered as refused at most. */
const maxBans = 4_096

/** Keeps all documents of a workspace in sync with all peers of a network. */
export class Sync {
  private readonly network: Network
  private readonly environment: Environment
  private readonly wireVersion: number
  private readonly documents = new Map<string, { document: SyncedDocument; peers: DocumentPeers }>()
  private readonly connections = new Map<Connection, HardenedMux>()
  private readonly bans = new Map<string, number>()
  private readonly closings = new Set<Promise<void>>()

  /** `wireVersion` is for trying two versions against each other. */
  constructor(options: { network: Network; environment: Environment; wireVersion?: number }) {
    this.network = options.network
    this.environment = options.environment
    this.wireVersion = options.wireVersion ?? wireVersion
    this.network.onConnection = (connection) => this.connected(connection)
  }

  /** Begins to share a document with whoever has its keep secret. */
  add(document: SyncedDocument): DocumentPeers {
    const { environment, wireVersion } = this
    const peers = new DocumentPeers({ document, environment, wireVersion })
    this.documents.set(hex(document.keys.documentId), { document, peers })
    for (const [connection, mux] of this.connections) {
      this.pair(connection, mux, document, peers)
      this.open(connection, mux, document, peers)
    }
    this.network.join(document.keys.topic)
    return peers
  }

  /** Stops sharing a document, with a goodbye. */
  remove(documentId: Uint8Array): void {
    const entry = this.documents.get(hex(documentId))
    if (!entry) return
    this.documents.delete(hex(documentId))
    for (const [connection, mux] of this.connections)
      unpairChannel(mux, channelId(entry.document.keys.keep, connection))
    this.network.leave(entry.document.keys.topic)
    const closing: Promise<void> = entry.peers.close().finally(() => this.closings.delete(closing))
    this.closings.add(closing)
  }

  /** Stops sharing everything. Resolves when what was receipted is written down. */
  async close(): Promise<void> {
    for (const { document } of [...this.documents.values()]) this.remove(document.keys.documentId)
    await Promise.all(this.closings)
  }

  private connected(connection: Connection): void {
    if (this.isBanned(connection)) {
      connection.stream.destroy()
      return
    }
    const mux = new HardenedMux(connection.stream)
    this.connections.set(connection, mux)
    connection.stream.on('close', () => this.connections.delete(connection))
    for (const { document, peers } of this.documents.values()) {
      this.pair(connection, mux, document, peers)
      if (connection.isInitiator) this.open(connection, mux, document, peers)
    }
  }

  private pair(
    connection: Connection,
    mux: HardenedMux,
    document: SyncedDocument,
    peers: DocumentPeers,
  ): void {
    pairChannel(mux, channelId(document.keys.keep, connection), () =>
      this.open(connection, mux, document, peers),
    )
  }

  private open(
    connection: Connection,
    mux: HardenedMux,
    document: SyncedDocument,
    peers: DocumentPeers,
  ): void {
    const id = channelId(document.keys.keep, connection)
    if (isChannelOpen(mux, id)) return
    const peer = peers.addPeer(connection, () => this.ban(connection))
    peer.port = openChannel({ mux, id, hello: peers.hello(connection), listener: peer })
    if (!peer.port) peer.onClose()
  }

  private isBanned(connection: Connection): boolean {
    const until = this.bans.get(hex(connection.remotePublicKey))
    return until !== undefined && until > this.environment.clock.now()
  }

  private ban(connection: Connection): void {
    const now = this.environment.clock.now()
    for (const [key, until] of this.bans) if (until <= now || this.bans.size >= maxBans) this.bans.delete(key)
    this.bans.set(hex(connection.remotePublicKey), now + banTime)
  }
}
