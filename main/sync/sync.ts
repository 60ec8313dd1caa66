import type { Environment, Timer } from '../base/environment'
import { fromHex, hex } from '../base/hex'
import type { Connection, Network } from '../network/network'
import { FetchSlots } from './budget/fetch-slots'
import { Refusals } from './budget/refusals'
import { WorkBudget } from './budget/work-budget'
import { DocumentSync, type SyncedDocument } from './document-sync'
import { Meeting } from './meeting'
import { SharedDocument } from './shared-document'
import { HardenedMux } from './wire/hardened-mux'
import { type SideChannel, SideChannels } from './wire/side-channels'

/** The version of the wire that this program speaks. Rule W1. */
export const wireVersion = 3

/** Span after this side's list after which a connection without proof of anything shared is ended, in ms. Rule W17. */
const proofLimit = 30_000
/** Span for which an accepted connection waits for the list of who dialled, in ms: making one may take long. Rule W17. */
const listLimit = 60_000

/** Keeps all documents of a workspace in sync with all peers of a network. */
export class Sync {
  private readonly network: Network
  private readonly environment: Environment
  private readonly wireVersion: number
  /** By id in hex, the one that was used last at the end. */
  private readonly documents = new Map<string, SharedDocument>()
  private readonly connections = new Map<Connection, Meeting>()
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
      onLeft: (connection) => this.expectProof(connection, proofLimit),
    })
    this.network.on('connection', (connection) => this.onConnection(connection))
    this.network.on('relayKey', () => {
      for (const { awake } of this.documents.values()) awake?.sync.sendRelayKey()
      for (const meeting of this.connections.values()) meeting.relayChanged()
    })
  }

  /**
   * Starts to share a document, whose log is open, with everybody who has its keep secret. A document that is
   * shared already must be removed first, or `sleep`. One that slept goes on being matched as it is, unless its log
   * holds other data than before: peers who rely on that meet it as on the first time.
   */
  add(document: SyncedDocument): DocumentSync {
    const { environment, wireVersion, network: relays, slots } = this
    const onNews = () => this.onNews(shared)
    const resting = (): number => shared.resting.size
    const sync = new DocumentSync({ document, environment, wireVersion, relays, slots, onNews, resting })
    const known = this.documents.get(hex(document.keys.documentId))
    const same = known?.goesOn(sync) ? known : null
    if (!same) this.remove(document.keys.documentId)
    const shared: SharedDocument = same ?? new SharedDocument(document.keys)
    shared.begin({ document, sync })
    if (same) return sync
    this.documents.set(shared.id, shared)
    for (const meeting of this.connections.values()) meeting.add(shared)
    return sync
  }

  /**
   * Keeps sharing a document that has no channel, without its log, which is about to be closed. `wake` is called when
   * the log is needed: it opens the log and adds the document again, and resolves when that is done or has failed.
   */
  sleep(documentId: Uint8Array, wake: () => Promise<void>): void {
    const shared = this.documents.get(hex(documentId))
    if (!shared?.awake) return
    const { sync } = shared.awake
    shared.sleep(wake)
    this.closeSync(sync)
  }

  /** Opens a side channel, which concerns no document. Returns a function that ends it. */
  openSideChannel(sideChannel: SideChannel): () => void {
    return this.sideChannels.add(sideChannel)
  }

  /** Stops sharing a document, with a goodbye. */
  remove(documentId: Uint8Array): void {
    const shared = this.documents.get(hex(documentId))
    if (!shared) return
    this.documents.delete(hex(documentId))
    for (const meeting of this.connections.values()) meeting.remove(shared)
    if (shared.awake) this.closeSync(shared.awake.sync)
  }

  /** Stops sharing everything. Resolves when the receipts are written. */
  async close(): Promise<void> {
    for (const id of [...this.documents.keys()]) this.remove(fromHex(id))
    await Promise.all(this.closings)
  }

  private closeSync(sync: DocumentSync): void {
    const closing: Promise<void> = sync.close().finally(() => this.closings.delete(closing))
    this.closings.add(closing)
  }

  private onConnection(connection: Connection): void {
    const { stream, remotePublicKey } = connection
    if (this.refusals.includes(remotePublicKey)) {
      stream.destroy()
      return
    }
    const share = this.work.share()
    const mux = new HardenedMux(stream, share)
    const meeting = new Meeting({
      connection,
      mux,
      share,
      environment: this.environment,
      documents: () => [...this.documents.values()].reverse(),
      isShared: (shared) => this.isShared(shared),
      isRelaying: () => this.network.relayKey !== null,
      onShared: ({ topic }) => this.network.met(connection, topic),
      onSaid: () => this.expectProof(connection, proofLimit),
      refuse: () => this.refusals.add(remotePublicKey),
    })
    this.connections.set(connection, meeting)
    if (!connection.isInitiator) this.expectProof(connection, listLimit)
    stream.on('close', () => {
      this.clearProof(connection)
      meeting.end()
      share.end()
      this.connections.delete(connection)
    })
    this.sideChannels.onConnection(connection, mux)
  }

  private isShared(shared: SharedDocument): boolean {
    return this.documents.get(shared.id) === shared
  }

  /** Opens the channels that rest. */
  private onNews(shared: SharedDocument): void {
    if (!this.isShared(shared)) return
    this.documents.delete(shared.id)
    this.documents.set(shared.id, shared)
    for (const meeting of [...shared.resting]) meeting.request(shared)
    for (const meeting of this.connections.values()) meeting.noteUse(shared)
  }

  /** Ends the connection after a span in ms, unless the peer proved by then that both share something. */
  private expectProof(connection: Connection, span: number): void {
    this.clearProof(connection)
    const late = () => {
      this.proofTimers.delete(connection)
      const meeting = this.connections.get(connection)
      // A list that is being made begins a span of its own.
      const isProved = meeting?.hasMatched || meeting?.isListing || this.sideChannels.includes(connection)
      if (!isProved) connection.stream.destroy()
    }
    this.proofTimers.set(connection, this.environment.clock.set(span, late))
  }

  private clearProof(connection: Connection): void {
    const timer = this.proofTimers.get(connection)
    if (timer) this.environment.clock.clear(timer)
    this.proofTimers.delete(connection)
  }
}
