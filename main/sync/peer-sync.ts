import { Emitter } from '../../preload/emitter'
import { SwarmpadError } from '../base/errors'
import type { Role } from '../keys/derive'
import type { SessionId } from '../log/format/version-vector'
import type { Connection } from '../network/network'
import { RateLimit } from './budget/rate-limit'
import { Strikes } from './budget/strikes'
import { PartPeers } from './part-peers'
import type { Neighbour } from './presence/presence-table'
import { ReceiptSigning } from './replicas/receipt-signing'
import type { ReplicaProof } from './replicas/replica-proof'
import type { StoragePeer } from './replicas/replication-status'
import { Rest } from './rest'
import type { SharedParts } from './shared-parts'
import type { StateComparison } from './state/state-comparison'
import { SegmentExchange } from './transfer/segment-exchange'
import { SnapshotExchange } from './transfer/snapshot-exchange'
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
  encodeFull,
  encodeRelay,
  isMessageType,
  type MessageType,
} from './wire/messages'
import { PeerIdentity } from './wire/peer-identity'

/** Maximum number of presence messages taken from a peer each second; more are dropped. Rule W50. */
const maxPresenceRate = 20
/** Maximum number of manifests, comparisons and lists of peers taken from a peer each second: they are costly to answer. Rule W22. */
const maxCompareRate = 10

/** Events of a PeerSync. */
export interface PeerEvents {
  /** The peer's visible state changed. */
  change: undefined
  /** The peer broke a rule, and is to be refused for a while. */
  misbehaved: undefined
  /** It signed receipts, which count for each of its computer's channels. */
  confirmed: undefined
  /** The channel ended. */
  closed: undefined
}

/** Messages that are taken before the manifest, and with it the key that verifies signatures, is known. */
const beforeManifest: ReadonlySet<MessageType> = new Set(['manifest', 'holder'])

/**
 * Syncs one document with one peer: hands each message of the channel to the part that it concerns. Has no timer.
 * Rules W7 to W40. Invariants:
 * 1. Nothing but the introduction and the replica proof is sent before `phase` is 'begun'.
 * 2. `phase` is 'begun' only if the peer proved that it shares the document, and the manifest is known.
 * 3. After 'refused' and 'closed', nothing is sent and nothing is taken.
 */
export class PeerSync implements PortListener<string>, Neighbour, StoragePeer {
  readonly connection: Connection
  readonly segments: SegmentExchange
  readonly snapshots: SnapshotExchange
  private readonly shared: SharedParts
  private readonly events = new Emitter<PeerEvents>()
  private readonly identity: PeerIdentity
  private readonly signing: ReceiptSigning
  private readonly parts: PartPeers
  private readonly presenceRate: RateLimit
  private readonly compareRate: RateLimit
  private readonly strikes: Strikes
  private readonly rest: Rest
  private port: Port<string> | null = null
  private phase: 'opening' | 'begun' | 'refused' | 'closed' = 'opening'
  private full = false
  private lastSyncedAt: number | null = null

  constructor(shared: SharedParts, connection: Connection) {
    const { log, local, localPeer, environment, scheduler, fetcher, parts } = shared
    const { clock } = environment
    const port = () => (this.isBegun ? this.port : null)
    const strikes = new Strikes(() => this.refuse())
    const onChange = () => this.onChange()
    this.shared = shared
    this.connection = connection
    this.identity = new PeerIdentity(connection)
    this.strikes = strikes
    this.rest = new Rest(clock)
    const onStateChange = () => {
      this.signing.touch()
      onChange()
    }
    this.segments = new SegmentExchange({ log, local, scheduler, clock, strikes, port, onStateChange })
    const { comparison } = this.segments
    this.snapshots = new SnapshotExchange({ log, fetcher, comparison, port, onFault: () => this.refuse() })
    this.signing = new ReceiptSigning({
      instance: localPeer.instance,
      log,
      local,
      remote: comparison.remote,
      environment,
      keys: () => localPeer.keys,
      port,
      onChange,
    })
    this.parts = new PartPeers(parts)
    this.presenceRate = new RateLimit(clock, maxPresenceRate)
    this.compareRate = new RateLimit(clock, maxCompareRate)
  }

  /** Calls `listener` for each event of that name; returns a function that stops. */
  on(name: keyof PeerEvents, listener: () => void): () => void {
    return this.events.on(name, listener)
  }

  /** Sets the channel, right after it was made and before anything can arrive. */
  attach(port: Port<string>): void {
    this.port = port
  }

  /** True if the peer proved that it shares the document. */
  get isProved(): boolean {
    return this.identity.isProved && (this.phase === 'opening' || this.phase === 'begun')
  }

  /** True if the peer proved that, and introduced itself. */
  get isOpen(): boolean {
    return this.isProved && this.identity.isIntroduced
  }

  /** True while messages flow. */
  get isBegun(): boolean {
    return this.phase === 'begun'
  }

  /** True if the peer speaks another version of the wire: then nothing flows. */
  get isOutdated(): boolean {
    const { version } = this.identity
    return version !== null && version !== this.shared.localPeer.wireVersion
  }

  /** Hex of the instance key; '' before the peer is proved. */
  get instance(): string {
    return this.identity.instance
  }

  /** Public key of the peer's instance; empty before the peer is proved. */
  get instanceKey(): Uint8Array {
    return this.identity.instanceKey
  }

  get role(): Role {
    return this.identity.role
  }

  /** Name in the introduction, or of a keeper the one set by its operator. */
  get name(): string {
    return this.role === 'keep' ? (this.replica?.name ?? '') : this.identity.name
  }

  /** Proof of the computer that the peer runs on; null before it has sent one. */
  get replica(): ReplicaProof | null {
    return this.signing.replica
  }

  /** Comparison of the peer's state with the local one. */
  get comparison(): StateComparison {
    return this.segments.comparison
  }

  /** True if the peer confirmed everything that was made in this profile. Rule W38. */
  get coversOwn(): boolean {
    return this.shared.replication.coversOwn(this)
  }

  /** True if the peer confirmed that, proved the rest, and claims everything that is durable here. Rule W38. */
  get coversAll(): boolean {
    return this.comparison.coversAll && this.signing.isProven && this.coversOwn
  }

  /** Time at which both sides last had the same, in ms since the Unix epoch; null for never. */
  get syncedAt(): number | null {
    return this.lastSyncedAt
  }

  /** True if the peer is out of room and takes nothing more. */
  get isFull(): boolean {
    return this.full
  }

  /** Updates `syncedAt`, to be called now and then while both sides have the same. */
  noteSync(): void {
    if (this.coversAll && this.comparison.upToDate) this.lastSyncedAt = this.shared.environment.clock.now()
  }

  /** True if the channel was closed in agreement, since both sides had nothing to say. Rule W83. */
  get isResting(): boolean {
    return this.phase === 'closed' && this.rest.isMutual
  }

  /** Returns true if the peer, while the channel rested, may lack what this side holds in that state. */
  mayLack(state: Uint8Array): boolean {
    return this.rest.isOutdated(state)
  }

  /** Says that the channel may close for a while in that state, or closes it where the peer has said so. Rule W83. */
  tryRest(state: Uint8Array): void {
    if (this.isBegun && this.port && this.rest.isDue && this.isIdle) this.rest.proceed(state, this.port)
  }

  /** Starts the exchange, if the peer is proved and the manifest is known. Idempotent. */
  begin(): void {
    const { localPeer, relays, log, board } = this.shared
    const { manifest, keys } = localPeer
    if (!this.isProved || this.isOutdated || this.isBegun || !manifest) return
    this.phase = 'begun'
    this.identity.evaluate(keys)
    this.port?.send('manifest', manifest)
    // Before the digests: a peer that lacks much may prefer the snapshot.
    this.snapshots.sendOffer()
    this.segments.start()
    if (relays.relayKey) this.sendRelayKey()
    if (log.shortage) this.sendFull()
    board.greet(this)
    if (this.port) this.parts.begin(this.port)
    this.onChange()
  }

  /** Sends the key under which this side relays for the peer. Rule N12. */
  sendRelayKey(): void {
    if (this.isBegun) this.port?.send('relay', encodeRelay(this.shared.relays.relayKey))
  }

  /** Tells the peer whether this side is out of room. Rule W36. */
  sendFull(): void {
    if (this.isBegun) this.port?.send('full', encodeFull(this.shared.log.shortage !== null))
  }

  tell(type: 'presence' | 'neighbours', body: Uint8Array): void {
    if (this.isBegun) this.port?.send(type, body)
  }

  askToSign(sessions: ReadonlyMap<SessionId, number>, interval: number): number {
    return this.signing.ask(sessions, interval)
  }

  /** Ends the channel. */
  close(): void {
    this.port?.close()
  }

  onOpen(hello: Uint8Array): void {
    const { localPeer, board } = this.shared
    this.strikes.strict(() => this.identity.takeHello(hello, localPeer.keys))
    if (!this.isProved) return
    // Only after the proof, so that a stranger cannot tell who has the document, and how. Sent together, so
    // that the peer learns which computer this is before it lists this one.
    this.port?.together(() => {
      this.port?.send('introduction', localPeer.introduction(this.connection, board.ownName))
      const proof = this.isOutdated ? null : localPeer.replicaProof()
      if (proof) this.port?.send('holder', proof)
      this.begin()
    })
  }

  onMessage(type: string, body: Uint8Array): void {
    if (this.isProved && (type === 'introduction' || !this.isOutdated))
      this.strikes.strict(() => (isMessageType(type) ? this.take(type, body) : this.takeOfPart(type, body)))
  }

  onDrain(): void {
    this.segments.resume()
    this.snapshots.resume()
    this.parts.drained()
  }

  onClose(): void {
    if (this.phase === 'closed') return
    this.phase = 'closed'
    this.segments.close()
    this.snapshots.close()
    this.parts.close()
    this.events.emit('closed', undefined)
  }

  private take(type: MessageType, body: Uint8Array): void {
    if (type !== 'introduction') this.checkIntroduced()
    this.rest.onMessage(type)
    if (type === 'introduction' || this.isBegun || beforeManifest.has(type)) this.handlers[type](body)
  }

  private takeOfPart(type: string, body: Uint8Array): void {
    this.checkIntroduced()
    this.rest.onMessage('of a part')
    this.parts.take(type, body)
  }

  private checkIntroduced(): void {
    if (!this.isOpen) throw new SwarmpadError('MISBEHAVED', { why: 'a message before any introduction' })
  }

  /** Handlers of the messages. A handler throws MALFORMED or MISBEHAVED where the peer is to be refused. */
  private readonly handlers: Readonly<Record<MessageType, (body: Uint8Array) => void>> = {
    introduction: (body) => {
      this.identity.takeIntroduction(body, this.shared.localPeer.keys)
      this.onChange()
    },
    manifest: (body) => {
      if (this.compareRate.pass()) this.shared.localPeer.takeManifest(body)
    },
    holder: (body) => {
      this.strikes.lenient(() => this.signing.takeProof(body, this.instanceKey, this.role))
      this.onChange()
    },
    have: (body) => {
      if (!this.compareRate.pass()) return
      this.segments.takeDigests(decodeHave(body))
      this.shared.replication.takeClaims(this)
      this.onChange()
    },
    vector: (body) => {
      const page = decodeVector(body)
      this.segments.takeVector(page)
      if (page.last) {
        this.shared.replication.takeClaims(this)
        this.snapshots.onAnnounced()
      }
      this.onChange()
    },
    receipt: (body) => {
      this.segments.takeReceipt(decodeReceipt(body))
      this.onChange()
    },
    want: (body) => {
      const want = decodeWant(body)
      this.signing.noteWant(want)
      this.segments.takeWant(want)
    },
    enough: (body) => this.segments.takeEnough(decodeEnough(body)),
    certificate: (body) => this.segments.takeCertificate(body),
    segment: (body) => this.segments.takeSegment(body),
    credit: (body) => this.segments.takeCredit(decodeCredit(body)),
    fork: (body) => this.segments.takeFork(body),
    presence: (body) => {
      if (this.presenceRate.pass()) this.strikes.lenient(() => this.shared.board.take(this, body))
    },
    neighbours: (body) => this.shared.board.takeNeighbours(this, body, this.compareRate.pass()),
    relay: (body) => this.shared.relays.offerRelay(this.connection, decodeRelay(body)),
    offer: (body) => this.snapshots.takeOffer(decodeOffer(body)),
    fetch: (body) => this.snapshots.takeFetch(decodeFetch(body)),
    part: (body) => this.snapshots.takePart(decodePart(body)),
    ask: (body) => this.signing.takeQuestion(body),
    signed: (body) => this.strikes.lenient(() => this.takeAnswer(body)),
    full: (body) => {
      this.full = decodeFull(body)
      this.onChange()
    },
    rest: (body) => this.rest.take(body),
  }

  private takeAnswer(body: Uint8Array): void {
    const { replication, board } = this.shared
    this.signing
      .takeAnswer(body, this.instanceKey)
      .then((receipts) => {
        if (!this.isOpen) return
        replication.takeReceipts(this, board.presenceOf(this.instance), receipts ?? [])
        if (receipts?.length) this.events.emit('confirmed', undefined)
        this.onChange()
      })
      .catch(() => this.port?.destroy())
  }

  /** Both hold the same, and what is to be confirmed is: who cannot read asks for no proof. */
  private get isIdle(): boolean {
    const { comparison, signing, shared } = this
    if (!comparison.coversAll || !comparison.upToDate) return false
    return this.replica === null || !shared.localPeer.keys.presence || (signing.isProven && this.coversOwn)
  }

  private onChange(): void {
    this.noteSync()
    this.events.emit('change', undefined)
  }

  private refuse(): void {
    if (this.phase !== 'closed') this.phase = 'refused'
    this.onChange()
    this.events.emit('misbehaved', undefined)
    this.port?.destroy()
  }
}
