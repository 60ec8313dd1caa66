import type { Environment, Timer } from '../../base/environment'
import { SwarmpadError } from '../../base/errors'
import type { Connection } from '../../network/network'
import { TokenBucket } from '../budget/token-bucket'
import type { Port } from '../wire/channel'
import { Departures } from './departures'
import {
  additionLength,
  decodeEntries,
  decodeTags,
  encodeEntries,
  listLengths,
  stateTag,
  tagsOf,
} from './entries'
import type { SlicedWork } from './sliced-work'

/** Messages of the channel on which two peers find out which documents they share, by their place on the wire. */
export const matchTypes = ['list', 'more', 'gone'] as const

type MatchType = (typeof matchTypes)[number]

/** Minimum interval between two additions, in ms. Rule W82. */
const additionInterval = 2_000
/** Number of additions that are said to a peer that has shown no document of this side, whether there are any or not. */
const coverAdditions = 15
/** Maximum number of additions to one list: after them the list is said again. Rule W82. */
const maxAdditions = 64
/** Number of documents that are due above which the list is said again, where that may be, instead of many additions. */
const manyDue = 4 * additionLength
/** Interval between lists that are said for that, in ms: more than a peer asks for, since messages may bunch up. */
const ownListInterval = 75_000
/** Number of messages that a peer may say at once, and span after which it may say one more, in ms. Rule W82. */
const listRate = { burst: 2, each: 60_000 }
const additionRate = { burst: maxAdditions, each: 1_000 }
/** Size of a secret for an entry that stands for no document, in bytes. */
const secretSize = 32

/** A document as it is matched. */
export interface MatchedDocument {
  /** The keep secret. */
  readonly keep: Uint8Array
  /** Returns the digest of the document's state, 32 bytes. Rule W81. */
  digest(): Uint8Array
  /** True where a snapshot is held. */
  readonly hasSnapshot: boolean
  /** True where a snapshot would be fetched from a peer that has one, though both hold the same otherwise. */
  readonly wantsSnapshot: boolean
}

/** Dependencies of a Matching. */
export interface MatchingOptions<Document extends MatchedDocument> {
  readonly connection: Connection
  readonly environment: Environment
  readonly port: () => Port<MatchType> | null
  readonly work: SlicedWork
  /** Returns all documents that are shared, the one that was used last first. */
  readonly documents: () => Iterable<Document>
  readonly isShared: (document: Document) => boolean
  /** Called for each document that the peer shares too; `isEqual` if the peer holds the same, as it says. */
  readonly onMatch: (document: Document, isEqual: boolean) => void
  /** Called for each document that the peer does not share any more. */
  readonly onGone: (document: Document) => void
  /** Called when all of a message was compared. */
  readonly onCompared: () => void
  /** Called when this side has said its list. */
  readonly onSaid: () => void
}

/**
 * Finds the documents that both sides of one connection share, without telling the peer of any other, nor how many
 * there are. Rules W9, W80 to W82. Invariants:
 * 1. Once a list is made, each document is in it, in `due`, or was left out for want of room.
 * 2. What this side says has the same sizes, at the same times, whatever it shares, until the peer has shown that it
 *    shares a document.
 */
export class Matching<Document extends MatchedDocument> {
  private readonly options: MatchingOptions<Document>
  /** The documents that were said, null for those removed since, and at the same place the tags expected of the peer. */
  private said: (Document | null)[] = []
  private expected: string[] = []
  /** The documents that are still to be said. */
  private readonly due = new Set<Document>()
  private readonly departures = new Departures()
  /** The bodies of the peer's messages since its last list, the list being the first. */
  private heard: Uint8Array[] = []
  private readonly lists: TokenBucket
  /** The lists that this side may still say. */
  private readonly ownLists: TokenBucket
  private readonly additions: TokenBucket
  private saidAdditions = 0
  private cover = coverAdditions
  private saidAt: number
  private timer: Timer | null = null
  private matched = false
  /** The list of this side: not begun before the peer's list where the peer dialled, so a silent one costs nothing. */
  private list: 'none' | 'listing' | 'said' = 'none'
  private isEnded = false

  constructor(options: MatchingOptions<Document>) {
    const now = options.environment.clock.uptime()
    this.options = options
    this.saidAt = now
    this.lists = new TokenBucket({ burst: listRate.burst, level: listRate.burst, now })
    this.ownLists = new TokenBucket({ burst: listRate.burst, level: listRate.burst, now })
    this.additions = new TokenBucket({ burst: additionRate.burst, level: additionRate.burst, now })
    if (options.connection.isInitiator) this.sayList()
  }

  /** True once the peer has shown that it shares a document. */
  get hasMatched(): boolean {
    return this.matched
  }

  /** True while the list of this side is being made. */
  get isListing(): boolean {
    return this.list === 'listing'
  }

  /** Says a document too, which was shared since. */
  add(document: Document): void {
    // All documents are in the list that is still to be said.
    if (this.list === 'none') return
    this.due.add(document)
    this.schedule()
  }

  /** Drops a document that is not shared any more, and says so if the peer shares it. Rule W9. */
  remove(document: Document): void {
    this.due.delete(document)
    const place = this.said.indexOf(document)
    if (place < 0) return
    this.said[place] = null
    this.departures.leave(tagsOf(document.keep, this.options.connection))
    this.schedule()
  }

  /** Counts a document as not shared by the peer until the peer says it again. */
  forget(document: Document): void {
    this.departures.noteGone(tagsOf(document.keep, this.options.connection).remote)
  }

  /** Says a document that was used and had no room in the list. */
  noteUse(document: Document): void {
    if (this.said.length >= longest && !this.said.includes(document)) this.add(document)
  }

  /** Takes a message of the peer. Throws MALFORMED, and MISBEHAVED for more than a peer may say. */
  take(type: MatchType, body: Uint8Array): void {
    this.checkRate(type)
    if (type === 'gone') {
      this.options.work.add(this.takeGone(decodeTags(body)))
      return
    }
    const isList = type === 'list'
    const entries = decodeEntries(body, isList ? listLengths : [additionLength])
    // A copy, since the network may reuse its buffer.
    const copy = Uint8Array.from(body)
    if (isList) this.heard = [copy]
    else this.heard.push(copy)
    if (this.list === 'none') this.sayList()
    else this.options.work.add(this.takeEntries(entries))
  }

  /** Says nothing more. */
  end(): void {
    this.isEnded = true
    if (this.timer) this.options.environment.clock.clear(this.timer)
    this.timer = null
  }

  private checkRate(type: MatchType): void {
    const isList = type === 'list'
    const [bucket, { each }] = isList ? [this.lists, listRate] : [this.additions, additionRate]
    bucket.take(1, 1 / each, this.options.environment.clock.uptime())
    const isEarly = !isList && this.heard.length === 0
    const isFull = type === 'more' && this.heard.length > maxAdditions
    if (isEarly || isFull || bucket.shortfall(1) > 0)
      throw new SwarmpadError('MISBEHAVED', { why: 'too many tags' })
  }

  private schedule(): void {
    if (this.timer || this.isEnded || !this.hasToSay) return
    const { clock } = this.options.environment
    const wait = Math.min(additionInterval, this.saidAt + additionInterval - clock.uptime())
    // Before the peer has shown anything, it must not see when a document is added.
    if (wait <= 0 && !this.isCovering) this.sayNext()
    else
      this.timer = clock.set(Math.max(0, wait), () => {
        this.timer = null
        this.sayNext()
      })
  }

  private get isCovering(): boolean {
    return this.cover > 0 && !this.matched
  }

  private get hasToSay(): boolean {
    return this.due.size > 0 || this.departures.isDue || this.isCovering
  }

  private sayNext(): void {
    if (!this.hasToSay) return
    this.saidAt = this.options.environment.clock.uptime()
    if (this.departures.isDue) this.options.work.add(this.sayGone())
    if (this.due.size > 0 || this.isCovering) this.sayMore()
    this.schedule()
  }

  private sayMore(): void {
    this.cover--
    if (this.saidAdditions >= maxAdditions || this.maySayList) this.sayList()
    else {
      this.saidAdditions++
      const documents = [...this.due].slice(0, additionLength)
      const from = this.said.length
      this.options.work.add(this.say('more', documents, additionLength))
      if (documents.length > 0) this.options.work.add(this.compareAll(from))
    }
  }

  /** Says of documents that they were left. It waits for what was to be said before, which may name them. */
  private *sayGone(): Generator<void> {
    const tags = this.departures.takeDue(additionLength)
    if (tags.length > 0) this.options.port()?.send('gone', encodeEntries(tags))
    yield
  }

  /** True where a list serves better than additions, and the peer takes one. */
  private get maySayList(): boolean {
    if (!this.matched || this.due.size <= manyDue) return false
    this.ownLists.take(0, 1 / ownListInterval, this.options.environment.clock.uptime())
    return this.ownLists.holds(1)
  }

  private sayList(): void {
    this.ownLists.take(1, 1 / ownListInterval, this.options.environment.clock.uptime())
    const documents = [...this.options.documents()].slice(0, longest)
    const length = listLengths.find((one) => one >= documents.length) ?? longest
    this.said = []
    this.expected = []
    this.departures.noteList()
    this.saidAdditions = 0
    this.saidAt = this.options.environment.clock.uptime()
    this.list = 'listing'
    this.options.work.add(this.say('list', documents, length))
    this.options.work.add(this.compareAll(0))
    this.schedule()
  }

  /** Says documents, padded to a length. What stands for none is made the same way, so that it takes as long. */
  private *say(type: 'list' | 'more', documents: readonly Document[], length: number): Generator<void> {
    const { connection, environment, port } = this.options
    const entries: string[] = []
    for (const document of documents) {
      this.due.delete(document)
      if (!this.options.isShared(document)) continue
      const tags = tagsOf(document.keep, connection)
      this.departures.noteSaid(tags)
      entries.push(tags.own + this.stateTagOf(document))
      this.said.push(document)
      this.expected.push(tags.remote)
      yield
    }
    while (entries.length < length) {
      const secret = environment.random(secretSize)
      const { own } = tagsOf(secret, connection)
      entries.push(own + stateTag(secret, connection, { state: secret, hasSnapshot: false }))
      yield
    }
    port()?.send(type, encodeEntries(entries))
    if (type === 'more') return
    this.list = 'said'
    this.options.onSaid()
  }

  /** Looks for the documents that were said, from a place on, in what the peer said before. */
  private *compareAll(from: number): Generator<void> {
    for (const body of this.heard) {
      yield* this.compare(decodeEntries(body, listLengths), from)
      yield
    }
  }

  /** Looks for the documents that were said in a new message of the peer. */
  private *takeEntries(entries: ReadonlyMap<string, string>): Generator<void> {
    this.departures.noteHeard(entries.keys())
    yield* this.compare(entries, 0)
  }

  /** Looks for the documents that were said, from a place on, in a message of the peer. */
  private *compare(entries: ReadonlyMap<string, string>, from: number): Generator<void> {
    for (let place = from; place < this.said.length; place++) {
      const tag = this.expected[place] ?? ''
      const digest = entries.get(tag)
      if (digest === undefined || this.departures.isGone(tag)) continue
      const document = this.said[place] ?? null
      this.departures.noteShown(tag, document !== null)
      if (document) {
        this.matched = true
        this.options.onMatch(document, this.isEqual(document, digest))
      }
      yield
    }
    this.schedule()
    this.options.onCompared()
  }

  /** Takes tags of documents that the peer left. */
  private *takeGone(tags: ReadonlySet<string>): Generator<void> {
    for (const [place, tag] of this.expected.entries()) {
      if (!tags.has(tag)) continue
      this.departures.noteGone(tag)
      const document = this.said[place]
      if (document) this.options.onGone(document)
      yield
    }
  }

  private isEqual(document: MatchedDocument, digest: string): boolean {
    const { keep } = document
    const state = document.digest()
    const { connection } = this.options
    if (digest === stateTag(keep, connection, { state, hasSnapshot: false })) return true
    return !document.wantsSnapshot && digest === stateTag(keep, connection, { state, hasSnapshot: true })
  }

  private stateTagOf(document: MatchedDocument): string {
    const { keep, hasSnapshot } = document
    return stateTag(keep, this.options.connection, { state: document.digest(), hasSnapshot })
  }
}

const longest = listLengths[listLengths.length - 1] ?? 0
