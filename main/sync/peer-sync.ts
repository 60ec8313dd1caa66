import type { Environment } from '../base/environment'
import { assertNever, isForeignFault, SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import type { DocumentKeys, Role } from '../keys/derive'
import type { DocumentLog } from '../log/document-log'
import { sessionOfFork } from '../log/format/fork'
import { noMark, type Segment, tipProofSize } from '../log/format/segment'
import type { Extent, SessionId } from '../log/format/version-vector'
import type { Connection } from '../network/network'
import { RateLimit } from './budget/rate-limit'
import type { Neighbour } from './presence/presence-board'
import { type OwnStorage, ReceiptSigning } from './replicas/receipt-signing'
import type { ReplicaProof } from './replicas/replica-proof'
import type { SignedReceipt } from './replicas/signed-receipt'
import { ForkNegotiation } from './state/fork-negotiation'
import type { LocalState } from './state/local-state'
import { StateComparison } from './state/state-comparison'
import { SegmentReceiver } from './transfer/segment-receiver'
import type { SegmentScheduler, Source } from './transfer/segment-scheduler'
import { SegmentSender } from './transfer/segment-sender'
import type { SnapshotFetcher, SnapshotSource } from './transfer/snapshot-fetcher'
import { SnapshotSender } from './transfer/snapshot-sender'
import { Acquaintance } from './wire/acquaintance'
import type { Port, PortListener } from './wire/channel'
import {
  decodeCredit,
  decodeEnough,
  decodeFetch,
  decodeFull,
  decodeHave,
  decodeOffer,
  decodePart,
  decodeReceipt,
  decodeRelay,
  decodeVector,
  decodeWant,
  encodeFetch,
  encodeFull,
  encodeRelay,
  encodeWant,
  type MessageType,
  type Offer,
} from './wire/messages'

/** Broken segments, proofs and presences after which a peer is refused. Rule W40. */
const maxStrikes = 3
/** Presence messages taken from a peer each second; more are dropped. Rule W50. */
const maxPresenceRate = 20
/** Manifests and comparisons taken from a peer each second, since they cost much to answer. Rule W22. */
const maxCompareRate = 10

/** Dependencies of `PeerSync`, supplied by its document. */
export interface PeerContext {
  readonly log: DocumentLog
  readonly holdings: LocalState
  readonly pursuit: SegmentScheduler
  readonly snapshots: SnapshotFetcher
  readonly environment: Environment
  readonly wireVersion: number
  /** Makes this side's introduction to the peer. */
  readonly introduction: () => Uint8Array
  readonly holder: OwnStorage
  readonly keys: () => DocumentKeys
  /** The manifest, once it is known. */
  readonly manifest: () => Uint8Array | null
  /** A manifest arrived; throws MALFORMED for a wrong one. */
  readonly learn: (manifest: Uint8Array) => void
  /** Something about this peer changed that others look at. */
  readonly onChange: () => void
  /** The peer said what it holds, or more of that. */
  readonly onTold: (peer: PeerSync) => void
  /** Returns true if the peer confirmed all edits made in this profile. */
  readonly hasMine: (peer: PeerSync) => boolean
  /** It signed and proved that it stores what was asked for. */
  readonly onSigned: (peer: PeerSync, receipts: readonly SignedReceipt[]) => void
  /** Takes a presence message. Throws MALFORMED for one that the peer could have recognized as invalid. */
  readonly onPresence: (peer: PeerSync, message: Uint8Array) => void
  /** The key under which this side relays; null for none. */
  readonly relayKey: () => Uint8Array | null
  /** The peer offers to relay under a key, or no longer (null). */
  readonly onRelay: (key: Uint8Array | null) => void
  /** Both sides know what the document is: messages flow from now on. */
  readonly onBegun: (peer: PeerSync) => void
  readonly onClose: (peer: PeerSync) => void
  /** The peer broke a rule: refuse it for a while. */
  readonly refuse: () => void
}

/**
 * The sync of one document with one peer: each tells what it holds, asks for what it lacks, and sends
 * what it makes. Takes messages in and sends through its port; keeps no timer. Rules W7 to W40.
 */
export class PeerSync implements PortListener, Neighbour, Source, SnapshotSource {
  /** Set right after the channel was made, before anything can arrive. */
  port: Port | null = null
  private readonly context: PeerContext
  readonly connection: Connection
  /** Comparison of the peer's holdings with those here. */
  readonly comparison: StateComparison
  private readonly acquaintance: Acquaintance
  /** The snapshot that it holds. */
  offer: Offer | null = null
  private readonly feed: SegmentSender
  private readonly snapshotFeed: SnapshotSender
  private readonly intake: SegmentReceiver
  private readonly disputes: ForkNegotiation
  private readonly attestation: ReceiptSigning
  private readonly presenceRate: RateLimit
  private readonly compareRate: RateLimit
  private closed = false
  private refused = false
  private begun = false
  private strikes = 0
  private takesNothing = false
  private lastSynced: number | null = null

  constructor(context: PeerContext, connection: Connection) {
    const { clock } = context.environment
    this.context = context
    this.connection = connection
    this.acquaintance = new Acquaintance(connection)
    this.comparison = new StateComparison({ ...context, port: () => this.port })
    this.feed = new SegmentSender({ log: context.log, holdings: context.holdings, port: () => this.port })
    this.snapshotFeed = new SnapshotSender({ log: context.log, port: () => this.port })
    this.intake = new SegmentReceiver({ ...context, clock, port: () => this.port })
    this.disputes = new ForkNegotiation({
      log: context.log,
      clock,
      tell: (proof) => this.sendFork(proof),
      want: (session, after) => {
        if (!this.begun || this.closed) return
        this.intake.wanted(session)
        this.port?.send('want', encodeWant({ session, after }))
      },
    })
    const { claims } = this.comparison
    this.attestation = new ReceiptSigning({ ...context, own: context.holder, claims, port: () => this.port })
    this.presenceRate = new RateLimit(clock, maxPresenceRate)
    this.compareRate = new RateLimit(clock, maxCompareRate)
  }

  /** The peer proved that it shares the document. */
  get isProved(): boolean {
    return this.acquaintance.isProved && !this.closed && !this.refused
  }

  /** The peer proved that, and introduced itself. */
  get isOpen(): boolean {
    return this.isProved && this.acquaintance.isIntroduced
  }

  /** Both sides know what the document is, and messages flow. */
  get isBegun(): boolean {
    return this.begun && !this.closed
  }

  /** It speaks another version of the wire: nothing flows. */
  get outdated(): boolean {
    const { version } = this.acquaintance
    return version !== null && version !== this.context.wireVersion
  }

  /** Hex; '' before it is open. */
  get instance(): string {
    return this.acquaintance.instance
  }

  /** Public key; empty before it is open. */
  get instanceKey(): Uint8Array {
    return this.acquaintance.instanceKey
  }

  get lastProgressAt(): number {
    return this.intake.lastProgressAt
  }

  get role(): Role {
    return this.acquaintance.role
  }

  /** The name that it introduced itself with, or of a keeper what its operator calls it. */
  get name(): string {
    return this.role === 'keep' ? (this.holder?.name ?? '') : this.acquaintance.name
  }

  /** The computer that the peer runs on; null until it has said so. */
  get holder(): ReplicaProof | null {
    return this.attestation.word
  }

  /** It confirmed all that was made in this profile. Rule W38. */
  get coversMine(): boolean {
    return this.context.hasMine(this)
  }

  /** It confirmed that, proved the rest, and says that it holds everything that is stored here. Rule W38. */
  get coversAll(): boolean {
    return this.comparison.coversAll && this.attestation.isProven && this.coversMine
  }

  /** When both were last seen to hold the same, in ms since the Unix epoch; null for never. */
  get syncedAt(): number | null {
    return this.lastSynced
  }

  /** Looks whether both hold the same now. */
  noteSync(): void {
    if (this.coversAll && this.comparison.upToDate) this.lastSynced = this.context.environment.clock.now()
  }

  /** The peer is out of room and takes nothing more. */
  get full(): boolean {
    return this.takesNothing
  }

  onOpen(bytes: Uint8Array): void {
    this.guard(() => this.acquaintance.greeted(bytes, this.context.keys()))
    if (!this.isProved) return
    // Only after the proof, so that a stranger cannot tell who has the document, and how. Sent together, so
    // that the peer learns which computer this is before it shows anybody.
    this.port?.together(() => {
      this.port?.send('introduction', this.context.introduction())
      if (!this.outdated) this.attestation.introduce()
      this.begin()
    })
  }

  /** Starts the exchange once the manifest, and so the key that verifies signatures, is known. */
  begin(): void {
    const manifest = this.context.manifest()
    if (!this.isProved || this.outdated || this.begun || !manifest) return
    this.begun = true
    this.acquaintance.look(this.context.keys())
    this.port?.send('manifest', manifest)
    // Before the holdings: a peer that lacks much may prefer the snapshot.
    this.snapshotFeed.offer()
    this.sayHave()
    for (const proof of this.context.log.forks().values()) this.sendFork(proof)
    if (this.context.relayKey()) this.tellRelay()
    if (this.context.log.shortage) this.tellFull()
    this.context.onBegun(this)
  }

  /** Says whether this side relays for the peer, and under which key. Rule N12. */
  tellRelay(): void {
    if (this.begun) this.port?.send('relay', encodeRelay(this.context.relayKey()))
  }

  /** Says whether anything more is taken in here. Rule W36. */
  tellFull(): void {
    if (this.begun) this.port?.send('full', encodeFull(this.context.log.shortage !== null))
  }

  /**
   * Asks it to sign for these sessions, `maxAsked` at most, given with up to where it signed, and to prove what it says
   * it holds. Returns when there may be more to ask, in ms from now; Infinity for not before something changes.
   */
  ask(sessions: ReadonlyMap<SessionId, number>): number {
    return this.attestation.ask(sessions)
  }

  onMessage(type: MessageType, body: Uint8Array): void {
    if (this.isProved && (type === 'introduction' || !this.outdated)) this.guard(() => this.take(type, body))
  }

  onDrain(): void {
    this.comparison.resume()
    this.feed.resume()
    this.snapshotFeed.resume()
  }

  onClose(): void {
    if (this.closed) return
    this.closed = true
    this.feed.close()
    this.context.onClose(this)
  }

  /** Compares what both hold; the peer answers with what differs. */
  sayHave(): void {
    if (this.begun) this.comparison.sayHave()
  }

  claim(session: SessionId): number {
    return this.comparison.reach(session)
  }

  get hasTold(): boolean {
    return this.comparison.hasTold
  }

  get needsSnapshot(): boolean {
    return this.comparison.needsSnapshot
  }

  get lacking(): number {
    return this.comparison.lacking
  }

  askPart(id: Uint8Array, index: number): void {
    this.port?.send('fetch', encodeFetch({ id, index }))
  }

  fault(): void {
    this.refuse()
  }

  /** Another snapshot is held here, or none. */
  tellOffer(): void {
    if (this.begun) this.snapshotFeed.offer()
  }

  /** More is held of these sessions, by a snapshot: what follows it can be asked for. */
  onSettled(sessions: readonly SessionId[], receipts: readonly Uint8Array[]): void {
    for (const session of sessions) {
      this.comparison.claims.compare(session)
      this.feed.peerHolds(session, this.comparison.claims.tip(session))
    }
    this.attestation.touch()
    if (!this.begun || this.closed) return
    for (const receipt of receipts) this.port?.send('receipt', receipt)
    for (const session of this.comparison.claims.leads) this.context.pursuit.note(session, false)
    this.sayHave()
  }

  want(sessions: readonly SessionId[]): void {
    this.port?.together(() => {
      for (const session of sessions) {
        this.intake.wanted(session)
        const after = this.context.holdings.acceptedTip(session)
        this.port?.send('want', encodeWant({ session, after }))
      }
    })
  }

  doubt(session: SessionId): void {
    this.comparison.claims.doubt(session)
    this.attestation.touch()
    this.context.onChange()
  }

  sendPresence(message: Uint8Array): void {
    if (this.begun) this.port?.send('presence', message)
  }

  /** Segments became durable here: sends what the peer gets from here, and says what is stored. */
  onStored(segments: readonly Segment[], receipts: readonly Uint8Array[]): void {
    for (const segment of segments) {
      const session = hex(segment.session)
      this.comparison.claims.compare(session)
      this.feed.peerHolds(session, this.comparison.claims.tip(session))
    }
    this.attestation.touch()
    if (!this.begun || this.closed) return
    this.port?.together(() => {
      this.feed.stored(segments)
      for (const receipt of receipts) this.port?.send('receipt', receipt)
      this.intake.stored()
    })
    if (this.comparison.claims.takeRoom()) this.sayHave()
  }

  /** A session was found to have two histories: sends the proof and the digests of what is held now. */
  onFork(session: SessionId, proof: Uint8Array): void {
    this.comparison.claims.compare(session)
    this.attestation.touch()
    this.sendFork(proof)
    this.sayHave()
  }

  /** Ends the channel. */
  close(): void {
    this.port?.close()
  }

  private sendFork(proof: Uint8Array): void {
    if (this.begun) this.port?.send('fork', proof)
  }

  /** Runs what looks at a peer's bytes: if they break a rule that the peer could see, the peer is refused. */
  private guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!isForeignFault(error)) throw error
      this.refuse()
    }
  }

  private refuse(): void {
    this.refused = true
    this.context.refuse()
    this.port?.destroy()
  }

  private take(type: MessageType, body: Uint8Array): void {
    if (type === 'introduction') {
      this.acquaintance.introduced(body, this.context.keys())
      this.context.onChange()
      return
    }
    if (!this.isOpen) throw new SwarmpadError('MISBEHAVED', { why: 'a message before any introduction' })
    if (type === 'manifest') {
      if (this.compareRate.pass()) this.context.learn(body)
      return
    }
    if (type === 'holder') {
      this.forgive(() => this.attestation.takeWord(body, this.instanceKey, this.role))
      this.context.onChange()
      return
    }
    // Without the manifest, no signature can be verified.
    if (!this.begun) return
    switch (type) {
      case 'have':
        if (!this.compareRate.pass()) return
        for (const [session, extent] of this.comparison.answerHave(decodeHave(body)))
          this.holds(session, extent, false)
        this.context.onTold(this)
        this.context.onChange()
        return
      case 'vector': {
        const { last, entries } = decodeVector(body)
        for (const [session, extent] of entries) this.holds(session, extent, false)
        this.comparison.page(entries, last)
        if (last) {
          this.context.onTold(this)
          this.context.snapshots.told(this)
        }
        this.context.onChange()
        return
      }
      case 'receipt':
        for (const [session, extent] of decodeReceipt(body)) this.holds(session, extent, true)
        this.context.onChange()
        return
      case 'want': {
        const { session, after } = decodeWant(body)
        this.attestation.wanted(session, after)
        this.feed.wanted(session, after)
        return
      }
      case 'enough':
        this.feed.enough(decodeEnough(body))
        return
      case 'certificate':
        this.intake.takeCertificate(body)
        return
      case 'segment':
        this.takeSegment(body)
        return
      case 'credit':
        this.feed.grant(decodeCredit(body))
        return
      case 'presence':
        if (this.presenceRate.pass()) this.forgive(() => this.context.onPresence(this, body))
        return
      case 'fork':
        this.takeFork(body)
        return
      case 'relay':
        this.context.onRelay(decodeRelay(body))
        return
      case 'offer':
        this.offer = decodeOffer(body)
        this.context.snapshots.offered(this)
        return
      case 'fetch':
        this.snapshotFeed.wanted(decodeFetch(body))
        return
      case 'part':
        this.context.snapshots.take(this, decodePart(body))
        return
      case 'ask':
        this.attestation.answer(body)
        return
      case 'signed':
        this.forgive(() => this.takeSigned(body))
        return
      case 'full':
        this.takesNothing = decodeFull(body)
        this.context.onChange()
        return
      default:
        assertNever(type)
    }
  }

  private takeSigned(body: Uint8Array): void {
    this.attestation
      .take(body, this.instanceKey)
      .then((receipts) => {
        if (this.isOpen) this.context.onSigned(this, receipts ?? [])
      })
      .catch(() => this.port?.destroy())
  }

  private takeFork(proof: Uint8Array): void {
    const verdict = this.context.log.acceptFork(proof)
    if (verdict === 'invalid') this.strike()
    else this.disputes.ask(sessionOfFork(proof), Uint8Array.from(proof))
  }

  private holds(session: SessionId, extent: Extent, soon: boolean): void {
    const { tip } = extent
    const news = this.comparison.take(session, extent)
    if (this.comparison.claims.differs(session)) this.disputes.ask(session, null)
    if (!news) return
    this.attestation.touch()
    this.feed.peerHolds(session, tip)
    if (this.comparison.claims.leads.has(session)) this.context.pursuit.note(session, soon)
  }

  private takeSegment(body: Uint8Array): void {
    const { verdict, session, seqTo } = this.intake.take(body)
    if (verdict === 'invalid') this.strike()
    // As good as a receipt: the session's signature proves that it goes so far.
    if (verdict === 'gap') {
      this.holds(session, { base: 0, tip: seqTo, mark: noMark }, true)
      this.context.pursuit.noteGap(session)
    }
    if (verdict === 'fork') this.disputes.met(session, body.subarray(0, tipProofSize))
  }

  /** Runs what may fail by a fault that is borne a few times. */
  private forgive(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!isForeignFault(error)) throw error
      this.strike()
    }
  }

  private strike(): void {
    if (++this.strikes >= maxStrikes) this.refuse()
  }
}
