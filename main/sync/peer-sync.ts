import type { Clock } from '../environment'
import { SwarmpadError } from '../errors'
import { hex } from '../hex'
import { sameBytes } from '../keys/bytes'
import type { DocumentKeys } from '../keys/derive'
import { kdf } from '../keys/hash'
import { open } from '../keys/seal'
import type { DocumentLog } from '../log/document-log'
import { cleanName } from '../log/name'
import type { Segment } from '../log/segment'
import { bucketDigestSize, bucketDigests, bucketOf, type Extent, type SessionId } from '../log/version-vector'
import type { Connection } from '../network/network'
import type { Port, PortListener } from './channel'
import {
  decodeCredit,
  decodeEntries,
  decodeHave,
  decodeHello,
  decodeWant,
  encodeCredit,
  encodeEntries,
  encodeWant,
  type Hello,
  type MessageType,
  maxEntries,
} from './messages'

/** Bytes of segments that may be under way to a peer before it grants more. Rule W30. */
const creditWindow = 1024 * 1024
/** Credit is granted anew when this much of it was used, in bytes. */
const creditStep = 256 * 1024
/** Sessions unknown here that one peer's claims are kept of. Rule W31. */
const maxUnknownClaims = 4_096
/** Broken segments after which a peer is refused. Rule W40. */
const maxStrikes = 3
/** Presence messages taken from a peer each second. Rule P2. */
const maxPresenceRate = 20

/** What the sync with one peer needs from its document. */
export interface PeerContext {
  readonly documentId: Uint8Array
  readonly log: DocumentLog
  readonly clock: Clock
  readonly wireVersion: number
  readonly keys: () => DocumentKeys
  /** The manifest, once it is known. */
  readonly manifest: () => Uint8Array | null
  /** A manifest arrived; throws INVALID for a wrong one. */
  readonly learn: (manifest: Uint8Array) => void
  /** Something about this peer changed that others look at. */
  readonly onChange: () => void
  /** The peer says that it stores a session up to `tip`. */
  readonly onHolds: (session: SessionId, tip: number) => void
  /** The peer has more of some session than is here; `soon`: it may well arrive by itself. */
  readonly onAhead: (session: SessionId, soon: boolean) => void
  readonly onPresence: (peer: PeerSync, message: Uint8Array) => void
  readonly onOpen: (peer: PeerSync) => void
  readonly onClose: (peer: PeerSync) => void
  /** The peer broke a rule for good: refuse it for a while. */
  readonly ban: () => void
}

/**
 * The sync of one document with one peer: each tells what it holds, asks for what it lacks, and sends
 * what it makes. Takes messages in and sends through its port; keeps no timer. Rules W5 to W40.
 */
export class PeerSync implements PortListener {
  private readonly context: PeerContext
  private readonly connection: Connection
  /** Set right after the channel was made, before anything can arrive. */
  port: Port | null = null
  private hello: Hello | null = null
  private helloName = ''
  private closed = false
  private begun = false
  private told = false
  private drained = true
  private pumping = false
  /** Up to where the peer has each session, or was sent it. */
  private readonly theirs = new Map<SessionId, number>()
  /** Up to where the peer said that it stores each session. */
  private readonly stored = new Map<SessionId, number>()
  private unknownClaims = 0
  /** Sessions of which the peer has not said that it stores all that is stored here. */
  private readonly lacking = new Set<SessionId>()
  /** Sessions of which the peer has more than is stored here. */
  private readonly ahead = new Set<SessionId>()
  private readonly service = new Map<SessionId, number>()
  private readonly certified = new Set<SessionId>()
  private certificate: Uint8Array | null = null
  private sendCredit = creditWindow
  private receiveCredit = creditWindow
  private unstored = 0
  private used = 0
  private strikes = 0
  private presenceSecond = 0
  private presenceCount = 0
  /** When the last segment came, in ms. */
  lastSegmentAt = 0

  constructor(context: PeerContext, connection: Connection) {
    this.context = context
    this.connection = connection
    for (const session of context.log.vector.keys()) this.lacking.add(session)
  }

  /** The peer proved that it shares the document. */
  get isOpen(): boolean {
    return this.hello !== null && !this.closed
  }

  /** It speaks another version of the wire: nothing flows. */
  get outdated(): boolean {
    return this.hello !== null && this.hello.version !== this.context.wireVersion
  }

  /** Hex; '' before it is open. */
  get instance(): string {
    return this.hello ? hex(this.hello.instance) : ''
  }

  get role(): Hello['role'] {
    return this.hello?.role ?? 'keep'
  }

  /** The name in its hello; '' from who cannot read. */
  get name(): string {
    return this.helloName
  }

  /** Its last word covers everything that is stored here. */
  get coversAll(): boolean {
    return this.told && this.lacking.size === 0
  }

  /** It covers everything that was made in this profile. */
  get coversMine(): boolean {
    return this.told && !this.context.log.ownSessions().some((session) => this.lacking.has(session))
  }

  /** Everything that it said it holds is stored here. */
  get upToDate(): boolean {
    return this.told && this.ahead.size === 0
  }

  onOpen(bytes: Uint8Array): void {
    const hello = decodeHello(bytes)
    const purpose = this.connection.isInitiator ? 'responder' : 'initiator'
    const proof = kdf(this.context.keys().keep, purpose, this.connection.handshakeHash)
    if (!sameBytes(proof, hello.proof)) {
      this.context.ban()
      this.port?.destroy()
      return
    }
    this.hello = hello
    this.helloName = this.openName(hello)
    this.context.onOpen(this)
    if (!this.outdated) this.begin()
  }

  /** Says what is here, as soon as it is known whose signatures count. */
  begin(): void {
    if (!this.isOpen || this.outdated || this.begun) return
    const manifest = this.context.manifest()
    if (!manifest) return
    this.begun = true
    this.port?.send('manifest', manifest)
    this.sayHave()
  }

  onMessage(type: MessageType, body: Uint8Array): void {
    if (!this.isOpen || this.outdated) return
    try {
      this.take(type, body)
    } catch (error) {
      if (!(error instanceof SwarmpadError && error.code === 'INVALID')) throw error
      this.context.ban()
      this.port?.destroy()
    }
  }

  onDrain(): void {
    this.drained = true
    void this.pump()
  }

  onClose(): void {
    if (this.closed) return
    this.closed = true
    this.context.onClose(this)
  }

  /** Compares what both hold; the peer answers with what differs. */
  sayHave(): void {
    if (this.begun) this.port?.send('have', bucketDigests(this.context.log.vector))
  }

  /** Up to where the peer says that it has a session; 0 for nothing. */
  claim(session: SessionId): number {
    return this.stored.get(session) ?? 0
  }

  /** Asks for a session's log after what is accepted here. */
  want(session: SessionId): void {
    this.port?.send('want', encodeWant({ session, after: this.context.log.tip(session) }))
  }

  /** Passes a presence on. */
  sendPresence(message: Uint8Array): void {
    if (this.begun) this.port?.send('presence', message)
  }

  /** Segments became durable here: sends what was made here, and says what is stored. */
  onStored(segments: readonly Segment[], own: ReadonlySet<SessionId>): void {
    if (!this.begun || this.closed) return
    this.port?.together(() => {
      const tips = new Map<SessionId, Extent>()
      for (const segment of segments) {
        const session = hex(segment.session)
        tips.set(session, { base: 0, tip: segment.seqTo })
        if (own.has(session)) this.push(session, segment)
        this.compare(session)
      }
      this.port?.send('receipt', encodeEntries([...tips]))
    })
    this.used += this.unstored
    this.unstored = 0
    this.grant()
  }

  /** A proof that a session wrote two histories. */
  sendFork(proof: Uint8Array): void {
    if (this.begun) this.port?.send('fork', proof)
  }

  /** Ends the channel. */
  close(): void {
    this.port?.close()
  }

  private take(type: MessageType, body: Uint8Array): void {
    if (type === 'manifest') {
      this.context.learn(body)
      return
    }
    if (type === 'presence') {
      if (this.presenceAllowed()) this.context.onPresence(this, body)
      return
    }
    // Until it is known whose signatures count, nothing else can be judged.
    if (!this.begun) return
    switch (type) {
      case 'have':
        this.answerHave(decodeHave(body))
        return
      case 'vector': {
        const entries = decodeEntries(body)
        for (const [session, { tip }] of entries) this.holds(session, tip, false)
        if (entries.length < maxEntries) this.told = true
        this.context.onChange()
        return
      }
      case 'receipt':
        for (const [session, { tip }] of decodeEntries(body)) this.holds(session, tip, true)
        this.context.onChange()
        return
      case 'want': {
        const { session, after } = decodeWant(body)
        if (!this.context.log.certificate(session)) return
        if (after === 0) this.certified.delete(session)
        this.service.set(session, after)
        void this.pump()
        return
      }
      case 'certificate':
        this.certificate = Uint8Array.from(body)
        return
      case 'segment':
        this.takeSegment(body)
        return
      case 'credit':
        this.sendCredit = Math.min(creditWindow, this.sendCredit + decodeCredit(body))
        void this.pump()
        return
      case 'fork':
        if (this.context.log.acceptFork(body) === 'invalid') this.strike()
    }
  }

  private answerHave(digests: Uint8Array): void {
    const { vector } = this.context.log
    const mine = bucketDigests(vector)
    const differs = (bucket: number) => {
      const [start, end] = [bucket * bucketDigestSize, (bucket + 1) * bucketDigestSize]
      return !sameBytes(mine.subarray(start, end), digests.subarray(start, end))
    }
    const entries: [SessionId, Extent][] = []
    for (const [session, extent] of vector) {
      if (differs(bucketOf(session))) entries.push([session, extent])
      else this.holds(session, extent.tip, false)
    }
    for (let start = 0; start <= entries.length; start += maxEntries)
      this.port?.send('vector', encodeEntries(entries.slice(start, start + maxEntries)))
    this.context.onChange()
  }

  private holds(session: SessionId, tip: number, soon: boolean): void {
    const known = this.context.log.certificate(session) !== null
    if (!known && !this.stored.has(session) && ++this.unknownClaims > maxUnknownClaims) return
    if (tip < this.claim(session)) return
    this.stored.set(session, tip)
    this.theirs.set(session, Math.max(tip, this.theirs.get(session) ?? 0))
    this.compare(session)
    this.context.onHolds(session, tip)
    if (this.ahead.has(session)) this.context.onAhead(session, soon)
  }

  private compare(session: SessionId): void {
    const here = this.context.log.vector.get(session)?.tip ?? 0
    const there = this.claim(session)
    if (there < here) this.lacking.add(session)
    else this.lacking.delete(session)
    if (there > here) this.ahead.add(session)
    else this.ahead.delete(session)
  }

  private takeSegment(body: Uint8Array): void {
    const { log, clock } = this.context
    this.receiveCredit -= body.length
    if (this.receiveCredit < 0) {
      this.context.ban()
      this.port?.destroy()
      return
    }
    this.lastSegmentAt = clock.now()
    const certificate = this.certificate
    this.certificate = null
    // A copy: the network may use its buffer again.
    const bytes = Uint8Array.from(body)
    const verdict = log.accept(bytes, certificate)
    if (verdict === 'accepted') this.unstored += body.length
    else this.used += body.length
    if (verdict === 'invalid') this.strike()
    // What lies between is asked for by the next round of claims; 'busy' likewise.
    this.grant()
  }

  private grant(): void {
    if (this.used < creditStep) return
    this.port?.send('credit', encodeCredit(this.used))
    this.receiveCredit += this.used
    this.used = 0
  }

  private strike(): void {
    if (++this.strikes < maxStrikes) return
    this.context.ban()
    this.port?.destroy()
  }

  private push(session: SessionId, segment: Segment): void {
    if ((this.theirs.get(session) ?? 0) !== segment.seqFrom - 1) return
    if (this.sendCredit <= 0 || !this.drained || this.service.has(session)) return
    this.sendSegment(session, segment)
  }

  private sendSegment(session: SessionId, segment: Segment): void {
    const certificate = this.context.log.certificate(session)
    if (!this.certified.has(session) && certificate) {
      this.certified.add(session)
      this.port?.send('certificate', certificate)
    }
    this.sendCredit -= segment.bytes.length
    this.theirs.set(session, Math.max(segment.seqTo, this.theirs.get(session) ?? 0))
    this.drained = this.port?.send('segment', segment.bytes) ?? false
  }

  /** Sends what was asked for, as far as credit goes and the connection takes it. */
  private async pump(): Promise<void> {
    if (this.pumping) return
    this.pumping = true
    try {
      for (let next = this.nextService(); next; next = this.nextService()) {
        const [session, after] = next
        this.service.delete(session)
        for await (const segment of this.context.log.segments(session, after)) {
          if (this.closed) return
          this.sendSegment(session, segment)
          if (this.sendCredit > 0 && this.drained) continue
          this.service.set(session, segment.seqTo)
          break
        }
      }
    } catch {
      // The store was closed or cannot be read: whoever opened the document is told, not the peer.
    } finally {
      this.pumping = false
    }
  }

  private nextService(): [SessionId, number] | null {
    if (this.closed || this.sendCredit <= 0 || !this.drained) return null
    const [next] = this.service
    return next ?? null
  }

  private presenceAllowed(): boolean {
    const second = Math.floor(this.context.clock.now() / 1000)
    if (second !== this.presenceSecond) {
      this.presenceSecond = second
      this.presenceCount = 0
    }
    return ++this.presenceCount <= maxPresenceRate
  }

  private openName(hello: Hello): string {
    const key = this.context.keys().presence
    if (!key || hello.sealedName.length === 0) return ''
    try {
      const plain = open(
        key,
        hello.sealedName.subarray(24),
        this.connection.handshakeHash,
        hello.sealedName.subarray(0, 24),
      )
      return cleanName(Buffer.from(plain).toString())
    } catch {
      return '' // a keeper's, or a later version's
    }
  }
}
