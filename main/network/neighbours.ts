import type { Clock } from '../base/environment'
import { hex } from '../base/hex'
import type { Neighbour } from './lan'
import type { NodeAddress } from './node-address'

/** Maximum number of remembered neighbours; those not heard of for longest are evicted first. */
const maxNeighbours = 64
/** Maximum number of these at one address alone: a few programs on one machine. */
const maxAtOneHost = 8
/** Maximum number of addresses of a neighbour: anybody can announce another's key at their own address. */
const maxPlaces = 4
/** Maximum number of dials to one address in a time in ms, since a failed dial takes long. */
const dialsAtOneHost = { most: 4, within: 10_000 }
/** Head start of the side that dials first, in ms. */
const headStart = 2_000
/** Delays before a neighbour is dialled again, in ms; the last one repeats. */
const redialDelays = [0, 5_000, 30_000, 120_000, 600_000]

interface Known {
  readonly publicKey: Uint8Array
  /** Announced addresses, the newest last. */
  places: readonly NodeAddress[]
  attempts: number
  dialAt: number
}

/**
 * Keeps the neighbours on the local network, and decides when to dial each. Of two that find each other, the
 * one with the smaller key dials; the other waits a little, in case the first has not heard of it.
 */
export class Neighbours {
  private readonly publicKey: Uint8Array
  private readonly clock: Clock
  private readonly known = new Map<string, Known>()
  /** Times of recent dials to each address. */
  private readonly dialled = new Map<string, readonly number[]>()

  constructor(options: { publicKey: Uint8Array; clock: Clock }) {
    this.publicKey = options.publicKey
    this.clock = options.clock
  }

  /** Number of known neighbours. */
  get size(): number {
    return this.known.size
  }

  /**
   * Records an announced address of a neighbour. Another address does not make it due sooner, since anybody
   * can announce any number of them.
   */
  heard({ publicKey, host, port }: Neighbour): void {
    const key = hex(publicKey)
    const known = this.known.get(key)
    if (!known) this.makeRoom(host)
    this.known.delete(key)
    const others = (known?.places ?? []).filter((place) => !isAt(place, host, port))
    const places = [...others, { host, port }].slice(-maxPlaces)
    this.known.set(
      key,
      known ? { ...known, places } : { publicKey, places, attempts: 0, dialAt: this.firstDial(publicKey) },
    )
  }

  /** Forgets an address of a neighbour, since a goodbye for it came from there. */
  gone(publicKey: Uint8Array, host: string): void {
    const key = hex(publicKey)
    const known = this.known.get(key)
    if (!known) return
    known.places = known.places.filter((place) => place.host !== host)
    if (known.places.length === 0) this.known.delete(key)
  }

  /** Returns the addresses of a neighbour, the most likely first; none if it is unknown. */
  placesOf(publicKey: Uint8Array): readonly NodeAddress[] {
    return (this.known.get(hex(publicKey))?.places ?? []).toReversed()
  }

  /** Returns the neighbours to dial now, except connected ones (keys in hex); each is due again later. */
  takeDue(connected: ReadonlySet<string>): Uint8Array[] {
    const now = this.clock.now()
    const due = [...this.known]
      .filter(([key, { dialAt }]) => dialAt <= now && !connected.has(key))
      .sort(([, one], [, other]) => one.dialAt - other.dialAt)
      .filter(([, { places }]) => this.mayDial(places, now))
    for (const [, known] of due) {
      known.attempts++
      known.dialAt = now + (redialDelays[Math.min(known.attempts, redialDelays.length - 1)] ?? 0)
    }
    return due.map(([, { publicKey }]) => publicKey)
  }

  /** Makes everyone due again, since there is something new to share. */
  renew(): void {
    for (const known of this.known.values()) {
      known.attempts = 0
      known.dialAt = this.firstDial(known.publicKey)
    }
  }

  private firstDial(publicKey: Uint8Array): number {
    return this.clock.now() + (Buffer.compare(this.publicKey, publicKey) < 0 ? 0 : headStart)
  }

  /** True if one of these addresses has had few dials lately. If so, counts a dial at each of them. */
  private mayDial(places: readonly NodeAddress[], now: number): boolean {
    const { most, within } = dialsAtOneHost
    for (const [host, times] of this.dialled) {
      const young = times.filter((time) => now - time < within)
      if (young.length > 0) this.dialled.set(host, young)
      else this.dialled.delete(host)
    }
    const hosts = [...new Set(places.map(({ host }) => host))]
    const timesAt = (host: string): readonly number[] => this.dialled.get(host) ?? []
    // One is enough: announcing another's key from a busy address must not delay that neighbour.
    if (!hosts.some((host) => timesAt(host).length < most)) return false
    for (const host of hosts) this.dialled.set(host, [...timesAt(host), now])
    return true
  }

  /** Makes room: evicts the oldest of many at this address alone, or the oldest of all when full. */
  private makeRoom(host: string): void {
    const there = [...this.known].filter(([, { places }]) => places.every((place) => place.host === host))
    const [oldest] = this.known.keys()
    const [displaced] =
      there.length >= maxAtOneHost ? (there[0] ?? []) : this.known.size >= maxNeighbours ? [oldest] : []
    if (displaced !== undefined) this.known.delete(displaced)
  }
}

const isAt = (place: NodeAddress, host: string, port: number): boolean =>
  place.host === host && place.port === port
