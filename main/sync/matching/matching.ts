import type { Environment, Timer } from '../../base/environment'
import { SwarmpadError } from '../../base/errors'
import type { Connection } from '../../network/network'
import { TokenBucket } from '../budget/token-bucket'
import type { Port } from '../wire/channel'
import { additionLength, decodeEntries, encodeEntries, listLengths, stateTag, tagsOf } from './entries'
import type { SlicedWork } from './sliced-work'

/** Messages of the channel on which two peers find out which documents they share, by their place on the wire. */
export const matchTypes = ['list', 'more'] as const

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
  readonly port: () => Port<(typeof matchTypes)[number]> | null
  readonly work: SlicedWork
  /** Returns all documents that are shared, the one that was used last first. */
  readonly documents: () => Iterable<Document>
  /** Called for each document that the peer shares too; `isEqual` if the peer holds the same, as it says. */
  readonly onMatch: (document: Document, isEqual: boolean) => void
  /** Called when all of a message was compared. */
  readonly onCompared: () => void
  /** Called when this side has said its list. */
  readonly onSaid: () => void
}

/**
 * Finds the documents that both sides of one connection share, without telling the peer of any other, nor how many
 * there are. Rules W80 to W82. Invariants:
 * 1. Each document is in `due`, in the list that was said, or was left out of it for want of room.
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

  /** Drops a document that is not shared any more. */
  remove(document: Document): void {
    this.due.delete(document)
    const place = this.said.indexOf(document)
    if (place >= 0) this.said[place] = null
  }

  /** Says a document that was used and had no room in the list. */
  noteUse(document: Document): void {
    if (this.said.length >= longest && !this.said.includes(document)) this.add(document)
  }

  /** Takes a message of the peer. Throws MALFORMED, and MISBEHAVED for more than a peer may say. */
  take(type: (typeof matchTypes)[number], body: Uint8Array): void {
    const now = this.options.environment.clock.uptime()
    const isList = type === 'list'
    const [bucket, { each }] = isList ? [this.lists, listRate] : [this.additions, additionRate]
    bucket.take(1, 1 / each, now)
    const isTooMuch = isList ? false : this.heard.length === 0 || this.heard.length > maxAdditions
    if (isTooMuch || bucket.shortfall(1) > 0) throw new SwarmpadError('MISBEHAVED', { why: 'too many tags' })
    const entries = decodeEntries(body, isList ? listLengths : [additionLength])
    // A copy, since the network may reuse its buffer.
    const copy = Uint8Array.from(body)
    if (isList) this.heard = [copy]
    else this.heard.push(copy)
    if (this.list === 'none') this.sayList()
    else this.options.work.add(this.compare(entries))
  }

  /** Says nothing more. */
  end(): void {
    this.isEnded = true
    if (this.timer) this.options.environment.clock.clear(this.timer)
    this.timer = null
  }

  private schedule(): void {
    if (this.timer || this.isEnded || (this.due.size === 0 && !this.isCovering)) return
    const { clock } = this.options.environment
    const wait = Math.min(additionInterval, this.saidAt + additionInterval - clock.uptime())
    // Before the peer has shown anything, it must not see when a document is added.
    if (wait <= 0 && !this.isCovering) this.sayMore()
    else
      this.timer = clock.set(Math.max(0, wait), () => {
        this.timer = null
        this.sayMore()
      })
  }

  private get isCovering(): boolean {
    return this.cover > 0 && !this.matched
  }

  private sayMore(): void {
    if (this.due.size === 0 && !this.isCovering) return
    this.saidAt = this.options.environment.clock.uptime()
    this.cover--
    if (this.saidAdditions >= maxAdditions || this.maySayList) this.sayList()
    else {
      this.saidAdditions++
      const documents = [...this.due].slice(0, additionLength)
      const from = this.said.length
      this.options.work.add(this.say('more', documents, additionLength))
      if (documents.length > 0) this.options.work.add(this.compareAll(from))
    }
    this.schedule()
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
    this.saidAdditions = 0
    this.saidAt = this.options.environment.clock.uptime()
    this.list = 'listing'
    this.options.work.add(this.say('list', documents, length))
    this.options.work.add(this.compareAll(0))
    this.schedule()
  }

  /** Says documents, padded to a length. What stands for none is made the same way, so that it takes as long. */
  private *say(
    type: (typeof matchTypes)[number],
    documents: readonly Document[],
    length: number,
  ): Generator<void> {
    const { connection, environment, port } = this.options
    const entries: string[] = []
    for (const document of documents) {
      this.due.delete(document)
      const { own, remote } = tagsOf(document.keep, connection)
      entries.push(own + this.stateTagOf(document))
      this.said.push(document)
      this.expected.push(remote)
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

  /** Looks for the documents that were said, from a place on, in a message of the peer. */
  private *compare(entries: ReadonlyMap<string, string>, from = 0): Generator<void> {
    for (let place = from; place < this.said.length; place++) {
      const document = this.said[place]
      const digest = entries.get(this.expected[place] ?? '')
      if (!document || digest === undefined) continue
      this.matched = true
      this.options.onMatch(document, this.isEqual(document, digest))
      yield
    }
    this.options.onCompared()
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
