import { SwarmpadError } from '../../base/errors'
import { fromHex, hex } from '../../base/hex'
import type { Neighbour } from './presence-table'

/** Bytes by which an instance is named in a list: the beginning of its key. Rule W55. */
const nameSize = 8
/** Maximum number of instances in a list. Rule W55. */
const maxNamed = 128
/** Number of peers that pass a presence on to somebody its instance is not connected to. Rule W52. */
const forwarders = 2

/** A presence as it came, with the peer that sent it. */
export interface Arrival {
  /** Hex of the key of its instance. */
  readonly key: string
  readonly counter: number
  readonly via: Neighbour
}

/**
 * The peers that each peer is connected to, as that peer says, from which each side calculates the same: who passes on
 * a presence, and to whom. A peer that lies about its own keeps presence from itself; one that does not pass on what it
 * brought keeps that from those it is connected to, until somebody else brings a newer one first. Rules W52, W55.
 */
export class Ways {
  private readonly own: string
  private readonly lists = new Map<Neighbour, ReadonlySet<string>>()
  /** The newest lists of peers that sent too many, not read yet. */
  private readonly waiting = new Map<Neighbour, Uint8Array>()

  /** `instance` is the hex key of this side's instance. */
  constructor(instance: string) {
    this.own = nameOf(instance)
  }

  /** Notes a peer's list. Throws MALFORMED. */
  set(neighbour: Neighbour, body: Uint8Array): void {
    this.waiting.delete(neighbour)
    this.lists.set(neighbour, decodeNeighbours(body))
  }

  /** Keeps a peer's list, instead of one that it sent before, until `setWaiting`. */
  setLater(neighbour: Neighbour, body: Uint8Array): void {
    this.waiting.set(neighbour, body)
  }

  /** Notes the lists that wait, without those that are not sound. */
  setWaiting(): void {
    for (const [neighbour, body] of this.waiting) {
      this.waiting.delete(neighbour)
      try {
        this.lists.set(neighbour, decodeNeighbours(body))
      } catch (error) {
        if (!(error instanceof SwarmpadError)) throw error
      }
    }
  }

  /** Forgets a peer. */
  remove(neighbour: Neighbour): void {
    this.lists.delete(neighbour)
    this.waiting.delete(neighbour)
  }

  /** Returns true if this side passes the presence on to a peer that is not known to have it. */
  passes({ key, counter, via }: Arrival, to: Neighbour): boolean {
    const theirs = this.lists.get(to)
    if (!theirs) return true
    if (theirs.has(nameOf(key))) return false
    if (via.instance !== key) return !theirs.has(nameOf(via.instance))
    const makers = this.lists.get(via)
    if (!makers) return true
    const between = [...theirs].filter((name) => makers.has(name)).sort()
    const place = between.indexOf(this.own)
    const turn = counter % Math.max(1, between.length)
    return place < 0 || (place - turn + between.length) % between.length < forwarders
  }
}

/** Encodes the list of the peers to which messages flow. Rule W55. */
export function encodeNeighbours(neighbours: readonly Neighbour[]): Uint8Array {
  const names = new Set(neighbours.map(({ instance }) => nameOf(instance)))
  return Buffer.concat([...names].sort().slice(0, maxNamed).map(fromHex))
}

/** Decodes such a list to names in hex. Throws MALFORMED unless it is sorted, without repetition and short enough. */
function decodeNeighbours(body: Uint8Array): ReadonlySet<string> {
  const count = body.length / nameSize
  if (!Number.isInteger(count) || count > maxNamed) throw invalid()
  const names = Array.from({ length: count }, (_, n) => hex(body.subarray(n * nameSize, (n + 1) * nameSize)))
  if (names.some((name, n) => n > 0 && name <= (names[n - 1] ?? ''))) throw invalid()
  return new Set(names)
}

const nameOf = (instance: string): string => instance.slice(0, 2 * nameSize)

const invalid = (): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: 'a list of peers that is not sound' })
