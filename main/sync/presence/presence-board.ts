import { Debounce } from '../../base/debounce'
import type { Environment, Timer } from '../../base/environment'
import { SwarmpadError } from '../../base/errors'
import { hex } from '../../base/hex'
import { sameBytes } from '../../keys/bytes'
import type { DocumentKeys, Role } from '../../keys/derive'
import type { Instance } from '../wire/instance'
import type { PeerChange } from './peer-change'
import {
  type Approval,
  decodePresence,
  isApproved,
  makePresence,
  maxCaretSize,
  openPresence,
  type Presence,
  type PresenceMessage,
  passedOn,
  sealPresence,
  verifyPresence,
} from './presence'
import { type Neighbour, type PresenceEntry, PresenceTable } from './presence-table'
import { encodeNeighbours, Ways } from './ways'

/** Interval at which presence is announced again, in ms. */
const announceInterval = 10_000
/** Span for which a presence lasts without being announced again, in ms. Rule W51. */
const presenceLife = 30_000
/** Minimum interval between announcements of presence, in ms. */
const announceGap = 100
/** Span for which news of known instances and of neighbours is gathered before it is sent, in ms. Rules W52, W55. */
const passOnGap = 2_000
/** Maximum number of others' presences that are sent to a new peer at once. */
const maxGreetings = 16

/** A present instance, as its presence describes it. */
export interface RemotePresence {
  /** Hex of the instance key. */
  readonly key: string
  readonly role: Role
  /** The part that only readers see. */
  readonly presence: Presence
}

/** Board of the people in a document: announces this person, and receives and passes on others. */
export class PresenceBoard {
  private readonly instance: Instance
  private readonly environment: Environment
  private readonly keys: () => DocumentKeys
  private readonly neighbours: () => readonly Neighbour[]
  private readonly onChange: (change: PeerChange, instance: string) => void
  private readonly table: PresenceTable
  private own: Presence | null = null
  private counter = 0
  private announcedAt = Number.NEGATIVE_INFINITY
  private announceTimer: Timer | null = null
  private readonly passOnSoon: Debounce
  private readonly ways: Ways
  private readonly listSoon: Debounce
  /** The list of neighbours that all of them have; empty where they may have others. */
  private saidList: Uint8Array = new Uint8Array(0)
  private isClosed = false

  constructor(options: {
    instance: Instance
    environment: Environment
    keys: () => DocumentKeys
    /** Returns the peers to which messages flow. */
    neighbours: () => readonly Neighbour[]
    /** Called when the presence of an instance (hex of its key) changed. */
    onChange: (change: PeerChange, instance: string) => void
  }) {
    this.instance = options.instance
    this.environment = options.environment
    const { clock } = this.environment
    this.passOnSoon = new Debounce(clock, () => this.passOnAll())
    this.ways = new Ways(hex(this.instance.pair.publicKey))
    this.listSoon = new Debounce(clock, () => this.sayList())
    this.keys = options.keys
    this.neighbours = options.neighbours
    this.onChange = options.onChange
    this.table = new PresenceTable(options.neighbours)
  }

  /** Present instances with a readable presence, except this one. */
  get present(): readonly RemotePresence[] {
    return this.table.all.flatMap(({ key, role, presence }) => (presence ? [{ key, role, presence }] : []))
  }

  /** Returns the presence of an instance; null if none is known. */
  presenceOf(key: string): Presence | null {
    const entry = this.table.get(key)
    return entry && !entry.isGone ? entry.presence : null
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
    this.announceSoon()
  }

  /** Sends this presence and those of others to a new peer. */
  greet(neighbour: Neighbour): void {
    if (this.own) neighbour.tell('presence', this.makeOwn(false))
    const list = encodeNeighbours(this.neighbours())
    neighbour.tell('neighbours', list)
    // Else the new peer would not get the list that the others have, should it be right again.
    if (!sameBytes(list, this.saidList)) this.saidList = new Uint8Array(0)
    this.listSoon.signal(passOnGap)
    const others = this.table.all.filter((entry) => !entry.isGone && entry.key !== neighbour.instance)
    for (const entry of others.slice(-maxGreetings)) this.passTo(neighbour, entry)
  }

  /**
   * Takes the list of the peers that a peer is connected to; unless `atOnce`, within 2 s. Throws MALFORMED where it
   * does so at once. Rule W55.
   */
  takeNeighbours(source: Neighbour, body: Uint8Array, atOnce: boolean): void {
    if (atOnce) this.ways.set(source, body)
    else this.ways.setLater(source, body)
    // It may lack what others passed on to it until now.
    this.passOnSoon.signal(passOnGap)
  }

  /** Takes a presence from a peer. Throws MALFORMED if the peer could have recognized it as invalid. */
  take(source: Neighbour, bytes: Uint8Array): void {
    const message = decodePresence(bytes)
    const key = hex(message.instance)
    if (key === hex(this.instance.pair.publicKey)) return
    const known = this.table.get(key)
    if (known && known.counter >= message.counter) {
      if (known.counter === message.counter) known.recipients.add(source)
      return
    }
    const { documentId, verify } = this.keys()
    if (!verify) return
    if (!verifyPresence(message, documentId, verify)) throw invalid()
    const presence = this.read(message, known)
    // Made without read access, or forged: it shows nobody, and is not passed on.
    if (presence === 'unreadable') this.end(key)
    else if (known || this.table.makeRoom(key, source, this.canRead)) {
      const { role, counter, hops, goodbye: isGone } = message
      const entry: PresenceEntry = {
        ...{ key, role, presence, counter, isGone },
        source: known?.source ?? source,
        at: this.environment.clock.now(),
        message: hops > 0 ? passedOn(bytes) : null,
        via: source,
        recipients: new Set([source]),
      }
      this.record(entry, !known || known.isGone, source)
    }
  }

  /** Forgets a neighbour that left; `isGone` unless its instance is connected by another channel. */
  removeNeighbour(neighbour: Neighbour, isGone: boolean): void {
    this.table.removeNeighbour(neighbour)
    this.ways.remove(neighbour)
    if (!this.isClosed) this.listSoon.signal(passOnGap)
    if (isGone) this.end(neighbour.instance)
  }

  /** Announces again, and drops instances that timed out. Must be called every few seconds. */
  check(): void {
    const now = this.environment.clock.now()
    if (this.own && (now < this.announcedAt || now - this.announcedAt >= announceInterval))
      this.announceSoon()
    for (const { key, at } of this.table.all) if (now - at >= presenceLife) this.end(key)
  }

  /** Says goodbye and sends nothing after it. */
  close(): void {
    if (this.isClosed) return
    const goodbye = this.makeOwn(true)
    for (const neighbour of this.neighbours()) neighbour.tell('presence', goodbye)
    this.isClosed = true
    if (this.announceTimer) this.environment.clock.clear(this.announceTimer)
    this.passOnSoon.cancel()
    this.listSoon.cancel()
  }

  private sayList(): void {
    const neighbours = this.neighbours()
    const list = encodeNeighbours(neighbours)
    if (sameBytes(list, this.saidList)) return
    this.saidList = list
    for (const neighbour of neighbours) neighbour.tell('neighbours', list)
  }

  private get canRead(): boolean {
    return this.keys().presence !== null
  }

  private end(key: string): void {
    if (this.table.end(key)) this.onChange('any', key)
  }

  private record(entry: PresenceEntry, wasGone: boolean, source: Neighbour): void {
    const change = changeOf(this.table.get(entry.key), entry)
    this.table.put(entry)
    const isNews = wasGone || entry.isGone
    // An unreadable presence is passed on at once only if its own instance sent it.
    if (isNews && (this.canRead || entry.key === source.instance)) this.passOn(entry)
    else this.passOnSoon.signal(passOnGap)
    if (change) this.onChange(change, entry.key)
  }

  private announceSoon(): void {
    if (this.isClosed || this.announceTimer) return
    // Never longer than the gap, also when the clock was set back.
    const wait = Math.min(announceGap, this.announcedAt + announceGap - this.environment.clock.now())
    if (wait <= 0) this.announce()
    else
      this.announceTimer = this.environment.clock.set(wait, () => {
        this.announceTimer = null
        this.announce()
      })
  }

  private announce(): void {
    this.announcedAt = this.environment.clock.now()
    const neighbours = this.neighbours()
    if (neighbours.length === 0) return
    const message = this.makeOwn(false)
    for (const neighbour of neighbours) neighbour.tell('presence', message)
  }

  private passOnAll(): void {
    this.ways.setWaiting()
    const connected = new Set(this.neighbours().map(({ instance }) => instance))
    // Connected instances first, which are known to be there: a peer takes only so many each second.
    for (const isConnected of [true, false])
      for (const entry of this.table.all) if (connected.has(entry.key) === isConnected) this.passOn(entry)
  }

  private passOn(entry: PresenceEntry): void {
    for (const neighbour of this.neighbours())
      if (neighbour.instance !== entry.key) this.passTo(neighbour, entry)
  }

  private passTo(neighbour: Neighbour, entry: PresenceEntry): void {
    const { message, recipients } = entry
    if (!message || recipients.has(neighbour) || !this.ways.passes(entry, neighbour)) return
    recipients.add(neighbour)
    neighbour.tell('presence', message)
  }

  private makeOwn(goodbye: boolean): Uint8Array {
    const { instance, own } = this
    const { random } = this.environment
    const { presence: key } = this.keys()
    const sealed =
      key && own && !goodbye
        ? sealPresence({ key, instance: instance.pair.publicKey, presence: own, random })
        : new Uint8Array(0)
    return makePresence({ instance, counter: ++this.counter, goodbye, sealed })
  }

  /**
   * Opens the sealed part; null for a goodbye and without read access. 'unreadable' if it cannot be opened or names
   * an author who did not approve. Rule W54.
   */
  private read(
    { instance, sealed, goodbye }: PresenceMessage,
    known: PresenceEntry | undefined,
  ): Presence | null | 'unreadable' {
    const { presence: key, documentId } = this.keys()
    if (goodbye || !key) return null
    if (sealed.length === 0) return 'unreadable'
    try {
      const presence = openPresence(key, instance, sealed)
      const { author } = presence
      const isSound =
        !author || isSame(author, known?.presence?.author) || isApproved(author, documentId, instance)
      return isSound ? presence : 'unreadable'
    } catch (error) {
      // A keeper passes it on in good faith: only its maker is at fault.
      if (error instanceof SwarmpadError) return 'unreadable'
      throw error
    }
  }
}

/** Returns what a presence changes; null for one that was only announced again. */
function changeOf(before: PresenceEntry | undefined, after: PresenceEntry): PeerChange | null {
  if (!before?.presence || !after.presence || before.isGone || after.isGone) return 'any'
  const { name, author, caret } = before.presence
  const isSamePerson =
    before.role === after.role &&
    name === after.presence.name &&
    (author === null ? after.presence.author === null : isSame(author, after.presence.author))
  if (!isSamePerson) return 'any'
  return isEqual(caret, after.presence.caret) ? null : 'carets'
}

const isEqual = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : sameBytes(a, b)

/** Returns true if an approval was checked before: a moving caret costs no signature check. */
const isSame = (author: Approval, checked: Approval | null | undefined): boolean =>
  !!checked &&
  sameBytes(checked.signature, author.signature) &&
  sameBytes(checked.authorKey, author.authorKey)

const invalid = (): SwarmpadError => new SwarmpadError('MALFORMED', { why: 'a presence that nobody signed' })
