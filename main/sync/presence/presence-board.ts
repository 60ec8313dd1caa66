import type { Environment, Timer } from '../../base/environment'
import { SwarmpadError } from '../../base/errors'
import { hex } from '../../base/hex'
import { sameBytes } from '../../keys/bytes'
import type { DocumentKeys, Role } from '../../keys/derive'
import type { Instance } from '../wire/instance'
import {
  decodePresence,
  isApproved,
  makePresence,
  maxCaretSize,
  openPresence,
  type Presence,
  passedOn,
  sealPresence,
  verifyPresence,
} from './presence'

/** Interval at which presence is announced again, in ms. */
const tellInterval = 10_000
/** How long a presence lasts without being announced again, in ms. Rule W51. */
const presenceLife = 30_000
/** Minimum interval between announcements of presence, in ms. */
const tellGap = 100
/** How long news of known instances is gathered before it is passed on, in ms. Rule W52. */
const passOnGap = 2_000
/** Maximum number of remembered instances, besides connected ones. Rule W53. */
const maxInstances = 256
/** Maximum number of them that one neighbour may bring, where presence can be read. Rule W53. */
const maxBrought = 64
/** The same where presence cannot be read, and anybody who may keep can forge it. Rule W53. */
const maxUnread = 16
/** Maximum number of others' presences that are sent to a new peer at once. */
const maxGreetings = 16

/** A peer that presence comes from and goes to. */
export interface Neighbour {
  /** Hex of its instance key. */
  readonly instance: string
  sendPresence(message: Uint8Array): void
}

/** A present instance, as its presence describes it. */
export interface Seen {
  /** Hex of the instance key. */
  readonly key: string
  readonly role: Role
  /** The part that only readers see. */
  readonly presence: Presence
}

interface Entry {
  /** Hex of the instance key. */
  readonly key: string
  readonly role: Role
  /** Null for one that is gone, and where presence cannot be read: then it is only passed on. */
  readonly presence: Presence | null
  /** The neighbour that announced it first; null after that one has left, until another announces it. */
  readonly from: Neighbour | null
  readonly counter: number
  readonly at: number
  /** It said goodbye or timed out. Remembered, so that replayed messages cannot bring it back. */
  readonly gone: boolean
  /** Message to pass on; null once it is gone or at the hop limit. */
  readonly message: Uint8Array | null
  /** Neighbours that are known to have it. */
  readonly holders: Set<Neighbour>
}

/** Board of the people in a document: announces this person, and receives and passes on others. */
export class PresenceBoard {
  private readonly instance: Instance
  private readonly environment: Environment
  private readonly keys: () => DocumentKeys
  private readonly neighbours: () => Iterable<Neighbour>
  private readonly onChange: () => void
  private readonly entries = new Map<string, Entry>()
  private own: Presence | null = null
  private counter = 0
  private toldAt = Number.NEGATIVE_INFINITY
  private tellTimer: Timer | null = null
  private passTimer: Timer | null = null
  private closed = false

  constructor(options: {
    instance: Instance
    environment: Environment
    keys: () => DocumentKeys
    neighbours: () => Iterable<Neighbour>
    onChange: () => void
  }) {
    this.instance = options.instance
    this.environment = options.environment
    this.keys = options.keys
    this.neighbours = options.neighbours
    this.onChange = options.onChange
  }

  /** Present instances with a readable presence, except this one. */
  get present(): readonly Seen[] {
    return [...this.entries.values()].flatMap(({ key, role, presence }) =>
      presence ? [{ key, role, presence }] : [],
    )
  }

  /** Returns the presence of an instance; null if none is known. */
  presenceOf(key: string): Presence | null {
    const entry = this.entries.get(key)
    return entry && !entry.gone ? entry.presence : null
  }

  /** This person's name as it was set; '' before. */
  get ownName(): string {
    return this.own?.name ?? ''
  }

  /** Sets this person's presence, announced soon and again while it lasts. Throws MALFORMED. */
  set(presence: Presence): void {
    if (presence.caret && presence.caret.length > maxCaretSize)
      throw new SwarmpadError('MALFORMED', { why: 'a caret that takes too many bytes' })
    this.own = presence
    this.tellSoon()
  }

  /** Sends this presence and those of others to a new peer. */
  greet(neighbour: Neighbour): void {
    if (this.own) neighbour.sendPresence(this.makeOwn(false))
    const others = [...this.entries.values()].filter(
      (entry) => !entry.gone && entry.key !== neighbour.instance,
    )
    for (const { message, holders } of others.slice(-maxGreetings)) {
      if (!message || holders.has(neighbour)) continue
      holders.add(neighbour)
      neighbour.sendPresence(message)
    }
  }

  /** Takes a presence from a peer. Throws MALFORMED if the peer could have recognized it as invalid. */
  take(from: Neighbour, bytes: Uint8Array): void {
    const message = decodePresence(bytes)
    const key = hex(message.instance)
    const known = this.entries.get(key)
    if (key === hex(this.instance.pair.publicKey)) return
    if (known && known.counter >= message.counter) {
      if (known.counter === message.counter) known.holders.add(from)
      return
    }
    const { documentId, verify } = this.keys()
    if (!verify) return
    if (!verifyPresence(message, documentId, verify)) throw wrong()
    const { counter, role, goodbye, hops } = message
    const presence = goodbye ? null : this.open(message.instance, message.sealed, known)
    // Of or forged by somebody without read access: shows nobody, and is not passed on.
    if (this.canRead && !goodbye && !presence) {
      this.end(key)
      return
    }
    if (!known && !this.makeRoom(key, from)) return
    const entry: Entry = {
      key,
      role,
      counter,
      presence,
      from: known?.from ?? from,
      at: this.environment.clock.now(),
      gone: goodbye,
      message: hops > 0 ? passedOn(bytes) : null,
      holders: new Set([from]),
    }
    // Moved to the end: the order is that of their last news.
    this.entries.delete(key)
    this.entries.set(key, entry)
    const isNews = !known || known.gone || goodbye
    // An unreadable presence is passed on at once only if its own instance sent it.
    if (isNews && (this.canRead || key === from.instance)) this.passOn(entry)
    else this.passOnSoon()
    this.onChange()
  }

  /** A peer went away; `gone` unless it is connected in another way. */
  left(neighbour: Neighbour, gone: boolean): void {
    for (const [key, entry] of this.entries) {
      entry.holders.delete(neighbour)
      if (entry.from === neighbour) this.entries.set(key, { ...entry, from: null })
    }
    if (gone) this.end(neighbour.instance)
  }

  /** Announces again, and drops instances that timed out. To be called every few seconds. */
  check(): void {
    const now = this.environment.clock.now()
    if (this.own && (now < this.toldAt || now - this.toldAt >= tellInterval)) this.tellSoon()
    for (const { key, at } of [...this.entries.values()]) if (now - at >= presenceLife) this.end(key)
  }

  /** Says goodbye and falls silent. */
  close(): void {
    if (this.closed) return
    const goodbye = this.makeOwn(true)
    for (const neighbour of this.neighbours()) neighbour.sendPresence(goodbye)
    this.closed = true
    for (const timer of [this.tellTimer, this.passTimer]) if (timer) this.environment.clock.clear(timer)
  }

  private end(key: string): void {
    const entry = this.entries.get(key)
    if (!entry || entry.gone) return
    this.entries.set(key, { ...entry, gone: true, presence: null, message: null })
    this.onChange()
  }

  private tellSoon(): void {
    if (this.closed || this.tellTimer) return
    // Never longer than the gap, also when the clock was set back.
    const rest = Math.min(tellGap, this.toldAt + tellGap - this.environment.clock.now())
    if (rest <= 0) this.tell()
    else
      this.tellTimer = this.environment.clock.set(rest, () => {
        this.tellTimer = null
        this.tell()
      })
  }

  private tell(): void {
    this.toldAt = this.environment.clock.now()
    const neighbours = [...this.neighbours()]
    if (neighbours.length === 0) return
    const message = this.makeOwn(false)
    for (const neighbour of neighbours) neighbour.sendPresence(message)
  }

  private passOnSoon(): void {
    this.passTimer ??= this.environment.clock.set(passOnGap, () => {
      this.passTimer = null
      const near = new Set([...this.neighbours()].map(({ instance }) => instance))
      // Those that are known to be there first: a peer takes so many a second.
      for (const isNear of [true, false])
        for (const entry of this.entries.values()) if (near.has(entry.key) === isNear) this.passOn(entry)
    })
  }

  private passOn({ key, message, holders }: Entry): void {
    if (!message) return
    for (const neighbour of this.neighbours()) {
      if (neighbour.instance === key || holders.has(neighbour)) continue
      holders.add(neighbour)
      neighbour.sendPresence(message)
    }
  }

  private get canRead(): boolean {
    return this.keys().presence !== null
  }

  /**
   * Makes room for an instance that a neighbour is the first to announce: evicts one that is gone, or whose
   * neighbour is, or one of the neighbour that brought most. Connected instances are not evicted and need no
   * room.
   */
  private makeRoom(key: string, from: Neighbour): boolean {
    const neighbours = [...this.neighbours()]
    const near = new Set(neighbours.map(({ instance }) => instance)).add(from.instance)
    if (near.has(key)) return true
    const others = [...this.entries.values()].filter((entry) => !near.has(entry.key))
    const brought = (by: Neighbour) => others.filter((entry) => entry.from === by)
    const own = brought(from)
    if (own.length >= (this.canRead ? maxBrought : maxUnread)) return this.drop(own.find(({ gone }) => gone))
    if (others.length < maxInstances) return true
    const left = others.find(({ gone, from: by }) => gone || !by)
    if (left) return this.drop(left)
    const most = neighbours.map(brought).reduce((a, b) => (b.length > a.length ? b : a), own)
    return most.length > own.length && this.drop(most[0])
  }

  private drop(entry: Entry | undefined): boolean {
    return entry !== undefined && this.entries.delete(entry.key)
  }

  private makeOwn(goodbye: boolean): Uint8Array {
    const { instance, own } = this
    const { presence: key } = this.keys()
    const sealed =
      key && own && !goodbye
        ? sealPresence({
            key,
            instance: instance.pair.publicKey,
            presence: own,
            random: this.environment.random,
          })
        : new Uint8Array(0)
    return makePresence({ instance, counter: ++this.counter, goodbye, sealed })
  }

  /** Opens the sealed part; null if it cannot be opened or names an author who did not approve. Rule W54. */
  private open(instance: Uint8Array, sealed: Uint8Array, known: Entry | undefined): Presence | null {
    const { presence: key, documentId } = this.keys()
    if (!key || sealed.length === 0) return null
    try {
      const presence = openPresence(key, instance, sealed)
      const { author } = presence
      // An unchanged approval was checked before: a moving caret costs no signature check.
      const before = known?.presence?.author
      const same = before && author && sameBytes(before.signature, author.signature)
      if (!author || (same && sameBytes(before.authorKey, author.authorKey))) return presence
      return isApproved(author, documentId, instance) ? presence : null
    } catch (error) {
      // A keeper passes it on in good faith: only its maker is at fault.
      if (error instanceof SwarmpadError) return null
      throw error
    }
  }
}

const wrong = (): SwarmpadError => new SwarmpadError('MALFORMED', { why: 'a presence that nobody signed' })
