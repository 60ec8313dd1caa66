import type { Clock } from '../environment'
import { hex } from '../hex'
import type { Neighbour } from './lan'

/** Neighbours that are remembered at most; the ones not heard of for longest go first. */
const maxNeighbours = 64
/** Of these, how many may say that they are at one address: a few programs on one machine. */
const maxAtOneHost = 8
/** How long the side that is not the first to dial gives the other, in ms. */
const giveWay = 2_000
/** Waits before a neighbour who was of no use is dialled again, in ms; the last one repeats. */
const redialDelays = [0, 5_000, 30_000, 120_000, 600_000]

interface Known extends Neighbour {
  attempts: number
  dialAt: number
}

/**
 * Who is on the local network, and whom to dial when. Of two who find each other the one with the
 * smaller key dials; the other waits a little, in case the first did not hear of it.
 */
export class Neighbours {
  private readonly publicKey: Uint8Array
  private readonly clock: Clock
  private readonly known = new Map<string, Known>()

  constructor(options: { publicKey: Uint8Array; clock: Clock }) {
    this.publicKey = options.publicKey
    this.clock = options.clock
  }

  /** How many are known. */
  get size(): number {
    return this.known.size
  }

  /** A neighbour was heard of. */
  heard(neighbour: Neighbour): void {
    const key = hex(neighbour.publicKey)
    const known = this.known.get(key)
    this.known.delete(key)
    const others = [...this.known.values()].filter(({ host }) => host === neighbour.host)
    const oldest = others.length >= maxAtOneHost ? others[0] : undefined
    if (oldest) this.known.delete(hex(oldest.publicKey))
    else if (this.known.size >= maxNeighbours) this.forgetOldest()
    const moved = known?.host !== neighbour.host || known.port !== neighbour.port
    this.known.set(
      key,
      known && !moved ? known : { ...neighbour, attempts: 0, dialAt: this.firstDial(neighbour) },
    )
  }

  /** A neighbour said goodbye. */
  gone(publicKey: Uint8Array): void {
    this.known.delete(hex(publicKey))
  }

  /** Where a neighbour is to be reached; null for one who is not known. */
  addressOf(publicKey: Uint8Array): Neighbour | null {
    return this.known.get(hex(publicKey)) ?? null
  }

  /** Everyone who is to be dialled now, without those who are connected (keys in hex); each is due again later. */
  takeDue(connected: ReadonlySet<string>): Neighbour[] {
    const now = this.clock.now()
    const due = [...this.known].filter(([key, { dialAt }]) => dialAt <= now && !connected.has(key))
    for (const [, known] of due) {
      known.attempts++
      known.dialAt = now + (redialDelays[Math.min(known.attempts, redialDelays.length - 1)] ?? 0)
    }
    return due.map(([, known]) => known)
  }

  /** There is something new to share: everyone may be of use now. */
  renew(): void {
    for (const known of this.known.values()) {
      known.attempts = 0
      known.dialAt = this.firstDial(known)
    }
  }

  private firstDial({ publicKey }: Neighbour): number {
    return this.clock.now() + (Buffer.compare(this.publicKey, publicKey) < 0 ? 0 : giveWay)
  }

  private forgetOldest(): void {
    const [oldest] = this.known.keys()
    if (oldest !== undefined) this.known.delete(oldest)
  }
}
