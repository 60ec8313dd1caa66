import type { Environment, Timer } from '../environment'
import { SwarmpadError } from '../errors'
import { hex } from '../hex'
import { type DocumentKeys, keysFromRead, readManifest } from '../keys/derive'
import { kdf } from '../keys/hash'
import { nonceSize, seal } from '../keys/seal'
import { type KeyPair, keyPairFromSeed } from '../keys/signature'
import type { DocumentLog } from '../log/document-log'
import type { Segment } from '../log/segment'
import type { SessionId } from '../log/version-vector'
import type { Connection } from '../network/network'
import type { Store } from '../storage/store'
import { encodeHello } from './messages'
import { type PeerContext, PeerSync } from './peer-sync'
import {
  makePresence,
  openPresence,
  type Presence,
  type PresenceMessage,
  passedOn,
  readPresence,
  sealPresence,
} from './presence'
import { Receipts } from './receipts'

/** How often peers compare what they hold, in ms, give or take a third. */
const compareInterval = 30_000
/** How long a peer that was asked may stay silent before another is asked, in ms. */
const wantLimit = 15_000
/** How long to wait for what another peer is about to send by itself, in ms. */
const arrivalGrace = 150
/** How often timed things are looked at, in ms. */
const tickInterval = 5_000
/** How often presence is told again, in ms. */
const presenceInterval = 10_000
/** How long a presence lasts without being told again, in ms. */
const presenceLife = 30_000
/** Presence is told at most this often, in ms. */
const presenceGap = 100
/** Instances that are remembered at most. Rule P4. */
const maxInstances = 256

/** A document as the sync sees it. */
export interface SyncedDocument {
  readonly keys: DocumentKeys
  readonly log: DocumentLog
  readonly store: Store
  readonly role: 'write' | 'read' | 'keep'
  readonly manifest: Uint8Array | null
  /** A sound manifest arrived where there was none. */
  readonly onManifest: (manifest: Uint8Array) => void
}

/** Someone who shares the document and is there now. */
export interface PeerState {
  /** Hex of its instance key, fresh for each run. */
  readonly key: string
  readonly name: string
  readonly authorKey: Uint8Array | null
  readonly role: 'write' | 'read' | 'keep'
  /** False: known through another peer only. */
  readonly connected: boolean
  /** Its last receipt covers all that is stored here. */
  readonly coversAll: boolean
  /** It covers all that was made in this profile. */
  readonly coversMine: boolean
  /** All that it says it holds is stored here. */
  readonly upToDate: boolean
  /** It speaks another version of the wire. */
  readonly outdated: boolean
  readonly caret: Uint8Array | null
}

interface Seen {
  counter: number
  at: number
  role: PresenceMessage['role']
  goodbye: boolean
  presence: Presence | null
  message: Uint8Array
}

/** Everyone who shares one document and is connected, and what they hold. */
export class DocumentPeers {
  private readonly document: SyncedDocument
  private readonly environment: Environment
  private readonly wireVersion: number
  private readonly instance: KeyPair
  private readonly receipts: Receipts
  private readonly syncs = new Set<PeerSync>()
  private readonly seen = new Map<string, Seen>()
  private readonly wants = new Map<SessionId, { peer: PeerSync; at: number }>()
  private readonly behind = new Set<SessionId>()
  private readonly listeners = new Set<() => void>()
  private readonly stopListening: (() => void)[]
  private keys: DocumentKeys
  private manifest: Uint8Array | null
  private own: Presence | null = null
  private counter = 0
  private presenceAt = 0
  private comparedAt: number
  private presenceTimer: Timer | null = null
  private pursuit: Timer | null = null
  private tick: Timer | null = null
  private telling = false
  private closed = false

  constructor(options: { document: SyncedDocument; environment: Environment; wireVersion: number }) {
    const { document, environment, wireVersion } = options
    this.document = document
    this.environment = environment
    this.wireVersion = wireVersion
    this.keys = document.keys
    this.manifest = document.manifest
    this.instance = keyPairFromSeed(environment.random(32))
    this.comparedAt = environment.clock.now()
    this.receipts = new Receipts({ log: document.log, store: document.store, clock: environment.clock })
    void this.receipts.open().then(
      () => this.changed(),
      () => undefined,
    )
    this.stopListening = [
      document.log.onStored((segments) => this.onStored(segments)),
      document.log.onFork((proof) => this.eachOpen((peer) => peer.sendFork(proof))),
    ]
  }

  /** Everyone who is there, connected ones first. */
  get peers(): readonly PeerState[] {
    const connected = [...this.syncs].filter((peer) => peer.isOpen)
    const known = new Set([hex(this.instance.publicKey), ...connected.map((peer) => peer.instance)])
    const direct = connected.map((peer) => this.stateOf(peer, this.seen.get(peer.instance)))
    const others = [...this.seen].flatMap(([key, seen]) =>
      known.has(key) || seen.goodbye ? [] : [distant(key, seen)],
    )
    return [...direct, ...others]
  }

  /** Edits made in this profile are stored nowhere else, as far as anyone ever said. */
  get unshared(): boolean {
    return this.receipts.unshared
  }

  /** Calls `listener` when anything above changed; many changes at once are one call. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** What others see of this person: told at once, and again while it lasts. */
  setPresence(presence: Presence): void {
    this.own = presence
    this.tellPresence()
  }

  /** What this side says first on a connection. Rule W4. */
  hello(connection: Connection): Uint8Array {
    const { keys } = this
    const purpose = connection.isInitiator ? 'initiator' : 'responder'
    const nonce = this.environment.random(nonceSize)
    const name = Buffer.from(this.own?.name ?? '')
    return encodeHello({
      version: this.wireVersion,
      role: this.document.role,
      proof: kdf(keys.keep, purpose, connection.handshakeHash),
      instance: this.instance.publicKey,
      sealedName: keys.presence
        ? Buffer.concat([nonce, seal(keys.presence, name, connection.handshakeHash, nonce)])
        : Buffer.alloc(0),
    })
  }

  /** The sync with a peer, to be given a channel. `ban` refuses the peer for a while. */
  addPeer(connection: Connection, ban: () => void): PeerSync {
    const context: PeerContext = {
      documentId: this.keys.documentId,
      log: this.document.log,
      clock: this.environment.clock,
      wireVersion: this.wireVersion,
      keys: () => this.keys,
      manifest: () => this.manifest,
      learn: (manifest) => this.learn(manifest),
      onChange: () => this.changed(),
      onHolds: (session, tip) => this.receipts.note(session, tip),
      onAhead: (session, soon) => this.fallBehind(session, soon),
      onPresence: (peer, message) => this.takePresence(peer, message),
      onOpen: (peer) => this.opened(peer),
      onClose: (peer) => this.left(peer),
      ban,
    }
    const peer = new PeerSync(context, connection)
    this.syncs.add(peer)
    return peer
  }

  /** Says goodbye and ends all channels. Resolves when what was receipted is written down. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    const goodbye = this.makePresence(true)
    for (const peer of [...this.syncs]) {
      peer.sendPresence(goodbye)
      peer.close()
    }
    for (const stop of this.stopListening) stop()
    for (const timer of [this.presenceTimer, this.pursuit, this.tick])
      if (timer) this.environment.clock.clear(timer)
    await this.receipts.close()
  }

  private stateOf(peer: PeerSync, seen: Seen | undefined): PeerState {
    const presence = seen?.presence ?? null
    return {
      key: peer.instance,
      name: presence?.name ?? peer.name,
      authorKey: presence?.authorKey ?? null,
      role: peer.role,
      connected: true,
      coversAll: peer.coversAll,
      coversMine: peer.coversMine,
      upToDate: peer.upToDate,
      outdated: peer.outdated,
      caret: presence?.caret ?? null,
    }
  }

  private eachOpen(work: (peer: PeerSync) => void): void {
    for (const peer of this.syncs) if (peer.isOpen) work(peer)
  }

  private opened(peer: PeerSync): void {
    const twin = [...this.syncs].find(
      (other) => other !== peer && other.isOpen && other.instance === peer.instance,
    )
    // One instance is one peer: of two channels the older one is a leftover.
    twin?.close()
    this.tick ??= this.environment.clock.set(tickInterval, () => this.onTick())
    this.changed()
    queueMicrotask(() => {
      if (this.closed) return
      if (this.own) peer.sendPresence(this.makePresence(false))
      for (const [key, seen] of this.seen)
        if (key !== peer.instance && !seen.goodbye) peer.sendPresence(seen.message)
    })
  }

  private left(peer: PeerSync): void {
    this.syncs.delete(peer)
    const instance = peer.instance
    if (instance) this.seen.delete(instance)
    for (const [session, want] of this.wants) {
      if (want.peer !== peer) continue
      this.wants.delete(session)
      this.fallBehind(session, false)
    }
    if (this.syncs.size === 0 && this.tick) {
      this.environment.clock.clear(this.tick)
      this.tick = null
      this.seen.clear()
    }
    this.changed()
  }

  private learn(manifest: Uint8Array): void {
    const verify = readManifest(this.keys, manifest)
    if (this.manifest) return
    this.manifest = Uint8Array.from(manifest)
    if (this.keys.read && !this.keys.verify) this.keys = keysFromRead(this.keys.read, this.manifest)
    this.document.log.setVerifyKey(verify)
    this.document.onManifest(this.manifest)
    this.eachOpen((peer) => peer.begin())
    if (this.own) this.tellPresence()
  }

  private onStored(segments: readonly Segment[]): void {
    const own = new Set(this.document.log.ownSessions())
    for (const segment of segments) this.catchUp(hex(segment.session))
    this.eachOpen((peer) => peer.onStored(segments, own))
    this.changed()
  }

  private catchUp(session: SessionId): void {
    const tip = this.document.log.tip(session)
    if ([...this.syncs].some((peer) => peer.claim(session) > tip)) return
    this.behind.delete(session)
    this.wants.delete(session)
  }

  private fallBehind(session: SessionId, soon: boolean): void {
    this.behind.add(session)
    if (soon) this.pursuit ??= this.environment.clock.set(arrivalGrace, () => this.pursue())
    else this.pursue()
  }

  /** Asks for everything that someone else has and nobody was asked for yet. */
  private pursue(): void {
    if (this.pursuit) this.environment.clock.clear(this.pursuit)
    this.pursuit = null
    const now = this.environment.clock.now()
    const load = new Map<PeerSync, number>()
    for (const { peer } of this.wants.values()) load.set(peer, (load.get(peer) ?? 0) + 1)
    for (const session of this.behind) {
      const want = this.wants.get(session)
      if (want && now - Math.max(want.at, want.peer.lastSegmentAt) < wantLimit) continue
      const tip = this.document.log.tip(session)
      const able = [...this.syncs].filter((peer) => peer.isOpen && peer.claim(session) > tip)
      const others = able.filter((peer) => peer !== want?.peer)
      const [best] = (others.length > 0 ? others : able).sort(
        (a, b) => (load.get(a) ?? 0) - (load.get(b) ?? 0),
      )
      if (!best) {
        this.behind.delete(session)
        this.wants.delete(session)
        continue
      }
      load.set(best, (load.get(best) ?? 0) + 1)
      this.wants.set(session, { peer: best, at: now })
      best.want(session)
    }
  }

  private onTick(): void {
    const { clock } = this.environment
    const now = clock.now()
    this.tick = clock.set(tickInterval, () => this.onTick())
    if (now - this.comparedAt >= compareInterval * (2 / 3 + this.chance() / 3)) {
      this.comparedAt = now
      this.eachOpen((peer) => peer.sayHave())
    }
    if (this.own && now - this.presenceAt >= presenceInterval) this.tellPresence()
    for (const [key, seen] of this.seen) {
      if (now - seen.at < presenceLife) continue
      this.seen.delete(key)
      this.changed()
    }
    this.pursue()
  }

  private tellPresence(): void {
    if (this.closed || this.presenceTimer) return
    const { clock } = this.environment
    const rest = this.presenceAt + presenceGap - clock.now()
    const tell = () => {
      this.presenceTimer = null
      this.presenceAt = clock.now()
      if (this.syncs.size === 0) return
      const message = this.makePresence(false)
      this.eachOpen((peer) => peer.sendPresence(message))
    }
    if (rest <= 0) tell()
    else this.presenceTimer = clock.set(rest, tell)
  }

  private makePresence(goodbye: boolean): Uint8Array {
    const { keys, own, instance } = this
    const sealed =
      keys.presence && own ? sealPresence(keys.presence, own, this.environment.random) : Buffer.alloc(0)
    const { role } = this.document
    return makePresence({
      documentId: keys.documentId,
      instance,
      counter: ++this.counter,
      role,
      goodbye,
      sealed,
    })
  }

  private takePresence(from: PeerSync, bytes: Uint8Array): void {
    const message = readPresence(bytes, this.keys.documentId)
    const key = hex(message.instance)
    const known = this.seen.get(key)
    if (key === hex(this.instance.publicKey) || (known && known.counter >= message.counter)) return
    if (!known && this.seen.size >= maxInstances) return
    this.seen.set(key, {
      counter: message.counter,
      at: this.environment.clock.now(),
      role: message.role,
      goodbye: message.goodbye,
      presence: message.goodbye ? null : this.openPresence(message.sealed),
      message: passedOn(bytes),
    })
    if (message.hops > 0) {
      const onward = passedOn(bytes)
      this.eachOpen((peer) => peer !== from && peer.instance !== key && peer.sendPresence(onward))
    }
    this.changed()
  }

  private openPresence(sealed: Uint8Array): Presence | null {
    if (!this.keys.presence || sealed.length === 0) return null
    try {
      return openPresence(this.keys.presence, sealed)
    } catch (error) {
      // Signed by an instance, sealed by nobody who can read: shows nothing, and costs nobody a connection.
      if (error instanceof SwarmpadError) return null
      throw error
    }
  }

  private changed(): void {
    if (this.telling || this.closed) return
    this.telling = true
    queueMicrotask(() => {
      this.telling = false
      for (const listener of [...this.listeners]) listener()
    })
  }

  private chance(): number {
    return this.environment.random(4).readUInt32LE() / 2 ** 32
  }
}

function distant(key: string, seen: Seen): PeerState {
  return {
    key,
    name: seen.presence?.name ?? '',
    authorKey: seen.presence?.authorKey ?? null,
    role: seen.role,
    connected: false,
    coversAll: false,
    coversMine: false,
    upToDate: false,
    outdated: false,
    caret: seen.presence?.caret ?? null,
  }
}
