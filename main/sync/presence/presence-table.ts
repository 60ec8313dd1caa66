import type { Role } from '../../keys/derive'
import type { Presence } from './presence'

/** Maximum number of remembered instances, besides connected ones. Rule W53. */
const maxInstances = 256
/** Maximum number of them that one neighbour may bring, where presence can be read. Rule W53. */
const maxBrought = 64
/** The same where presence cannot be read, and anybody with the keep secret can forge it. Rule W53. */
const maxUnread = 16

/** A connected peer that presence comes from and goes to. */
export interface Neighbour {
  /** Hex of its instance key. */
  readonly instance: string
  /** Sends a presence, or the list of the peers that this side is connected to. */
  tell(type: 'presence' | 'neighbours', body: Uint8Array): void
}

/** The newest presence of one instance. */
export interface PresenceEntry {
  /** Hex of the instance key. */
  readonly key: string
  readonly role: Role
  /** Null for an instance that is gone, and where presence cannot be read and is only passed on. */
  readonly presence: Presence | null
  /** The neighbour that announced the instance first; null after that one has left. */
  readonly source: Neighbour | null
  readonly counter: number
  /** Time of its arrival, in ms. */
  readonly at: number
  /** True after a goodbye or a timeout. Remembered, so that replayed messages cannot bring the instance back. */
  readonly isGone: boolean
  /** Message to pass on; null once the instance is gone or at the hop limit. */
  readonly message: Uint8Array | null
  /** The neighbour that sent the message. */
  readonly via: Neighbour
  /** Neighbours that are known to have the message. */
  readonly recipients: Set<Neighbour>
}

/** Remembers the newest presence of a bounded number of instances, in the order of their arrival. Rule W53. */
export class PresenceTable {
  private readonly entries = new Map<string, PresenceEntry>()
  private readonly neighbours: () => readonly Neighbour[]

  constructor(neighbours: () => readonly Neighbour[]) {
    this.neighbours = neighbours
  }

  get(key: string): PresenceEntry | undefined {
    return this.entries.get(key)
  }

  /** All entries, the oldest first. */
  get all(): readonly PresenceEntry[] {
    return [...this.entries.values()]
  }

  /** Adds an entry, or replaces the older one of its instance. */
  put(entry: PresenceEntry): void {
    this.entries.delete(entry.key)
    this.entries.set(entry.key, entry)
  }

  /** Marks an instance as gone. Returns false if it was not present. */
  end(key: string): boolean {
    const entry = this.entries.get(key)
    if (!entry || entry.isGone) return false
    this.entries.set(key, { ...entry, isGone: true, presence: null, message: null })
    return true
  }

  /** Forgets a neighbour that is gone, but not the instances that it brought. */
  removeNeighbour(neighbour: Neighbour): void {
    for (const [key, entry] of this.entries) {
      entry.recipients.delete(neighbour)
      if (entry.source === neighbour) this.entries.set(key, { ...entry, source: null })
    }
  }

  /**
   * Makes room for an instance that a neighbour is the first to announce: evicts one that is gone, or whose
   * source is, or one of the neighbour that brought most. Connected instances are not evicted and need no room.
   * Returns false if there is no room.
   */
  makeRoom(key: string, source: Neighbour, canRead: boolean): boolean {
    const neighbours = this.neighbours()
    const connected = new Set(neighbours.map(({ instance }) => instance)).add(source.instance)
    if (connected.has(key)) return true
    const others = this.all.filter((entry) => !connected.has(entry.key))
    const broughtBy = (neighbour: Neighbour) => others.filter((entry) => entry.source === neighbour)
    const own = broughtBy(source)
    if (own.length >= (canRead ? maxBrought : maxUnread)) return this.evict(own.find(({ isGone }) => isGone))
    if (others.length < maxInstances) return true
    const orphan = others.find((entry) => entry.isGone || !entry.source)
    if (orphan) return this.evict(orphan)
    const most = neighbours.map(broughtBy).reduce((a, b) => (b.length > a.length ? b : a), own)
    return most.length > own.length && this.evict(most[0])
  }

  private evict(entry: PresenceEntry | undefined): boolean {
    return entry !== undefined && this.entries.delete(entry.key)
  }
}
