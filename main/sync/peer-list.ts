import { hex } from '../base/hex'
import { sameData } from '../base/same-data'
import type { PeerSync } from './peer-sync'
import type { Presence } from './presence/presence'
import type { PresenceBoard, RemotePresence } from './presence/presence-board'
import type { PeerState } from './state/peer-state'

/**
 * The present peers of a document. The state of a connected one is kept until it is marked, so that reading the list
 * costs no more than what changed.
 */
export class PeerList {
  private readonly connected: () => readonly PeerSync[]
  private readonly board: PresenceBoard
  private states = new Map<PeerSync, PeerState>()
  /** Instances of which something changed since the list was made. */
  private readonly changed = new Set<string>()
  private list: readonly PeerState[] | null = null

  /** `connected` returns the peers with an open channel. */
  constructor(connected: () => readonly PeerSync[], board: PresenceBoard) {
    this.connected = connected
    this.board = board
  }

  /**
   * All present peers, connected ones first; the others are known by their presence only. A computer with two channels,
   * as after both sides dialled, is listed once, by its newer channel.
   */
  get all(): readonly PeerState[] {
    this.list ??= this.make()
    return this.list
  }

  /** Marks an instance of which something changed. */
  mark(instance: string): void {
    this.changed.add(instance)
    this.list = null
  }

  /** Marks all peers, as something changed that concerns each of them. */
  markAll(): void {
    this.states = new Map()
    this.list = null
  }

  /**
   * Marks all peers, and returns true if something about one of them changed without an event, as its route does. The
   * time of its last sync does not count, which goes on all the time.
   */
  refresh(): boolean {
    const before = this.states
    this.markAll()
    void this.all
    return [...this.states].some(([peer, state]) => differs(state, before.get(peer)))
  }

  private make(): PeerState[] {
    const peers = this.connected()
    this.states = new Map(peers.map((peer) => [peer, this.stateOf(peer)]))
    this.changed.clear()
    const computers = new Map(
      peers.map((peer) => [peer.replica ? hex(peer.replica.key) : peer.instance, this.stateOf(peer)]),
    )
    const instances = new Set(peers.map(({ instance }) => instance))
    const others = this.board.present.filter(({ key }) => !instances.has(key))
    return [...computers.values(), ...others.map(distantPeer)]
  }

  private stateOf(peer: PeerSync): PeerState {
    const kept = this.changed.has(peer.instance) ? undefined : this.states.get(peer)
    return kept ?? connectedPeer(peer, this.board.presenceOf(peer.instance))
  }
}

const connectedPeer = (peer: PeerSync, presence: Presence | null): PeerState => ({
  key: peer.instance,
  name: presence?.name || peer.name,
  authorKey: presence?.author?.authorKey ?? null,
  role: peer.role,
  connected: true,
  coversAll: peer.coversAll,
  coversMine: peer.coversOwn,
  upToDate: peer.comparison.upToDate,
  outdated: peer.isOutdated,
  full: peer.isFull,
  caret: presence?.caret ?? null,
  route: peer.connection.route,
  connection: peer.connection,
  syncedAt: peer.syncedAt,
})

const lasting = (state: PeerState) => ({ ...state, syncedAt: null, connection: null })

const differs = (state: PeerState, before: PeerState | undefined): boolean =>
  before !== undefined && !sameData(lasting(state), lasting(before))

const distantPeer = ({ key, role, presence }: RemotePresence): PeerState => ({
  key,
  name: presence.name,
  authorKey: presence.author?.authorKey ?? null,
  role,
  connected: false,
  coversAll: false,
  coversMine: false,
  upToDate: false,
  outdated: false,
  full: false,
  caret: presence.caret,
  route: null,
  connection: null,
  syncedAt: null,
})
