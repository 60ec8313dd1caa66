import type { Clock } from '../../base/environment'
import { isForeignFault, SwarmpadError } from '../../base/errors'
import { hex } from '../../base/hex'
import { sameBytes } from '../../keys/bytes'
import type { DocumentLog } from '../../log/document-log'
import { snapshotPartSize } from '../../log/format/limits'
import { decodeSnapshot, type Snapshot, verifySnapshot } from '../../log/format/snapshot'
import type { FetchSlots } from '../budget/fetch-slots'
import type { Offer, Part } from '../wire/messages'
import type { SegmentScheduler } from './segment-scheduler'

/** Number of missing changes from which on a snapshot is fetched instead of segments. Rule W62. */
const manyChanges = 1_000
/** Number of parts that are requested at a time. */
const parallelParts = 2
/** Silence after which another peer is asked, in ms. Rule W62. */
const silenceLimit = 15_000
/** Span for which segment requests wait for the claims of a peer that offers a snapshot, in ms. */
const offerGrace = 5_000
/** Span for which they wait for a snapshot that is being fetched, in ms: its source sets the pace. Rule W62. */
const longestPause = 30_000

/** A peer that offers a snapshot. */
export interface SnapshotSource {
  readonly offer: Offer | null
  /** True once it has announced everything that it holds. */
  readonly hasAnnounced: boolean
  /** True if it claims something that its segments cannot bring. */
  readonly needsSnapshot: boolean
  /** Number of changes that it claims and that are missing here. */
  readonly missingChanges: number
  /** Requests a part. */
  requestPart(id: Uint8Array, index: number): void
  /** Called when its snapshot was not the one that it offered. */
  onFault(): void
}

interface Fetching {
  readonly source: SnapshotSource
  readonly offer: Offer
  readonly parts: Uint8Array[]
  size: number
  /** Number of parts requested. */
  requested: number
  /** Time of the first request, in ms. */
  readonly since: number
  /** Time of the last part, in ms. */
  progressAt: number
}

/**
 * Fetches a snapshot where it brings more than segments: from one peer at a time, part by part. Stores it if
 * its signature is valid and its content sound. Requests for segments pause meanwhile, but not for long, and
 * not after a peer delivered none, since peers can be made at will. Rules W60 to W63.
 */
export class SnapshotFetcher {
  private readonly log: DocumentLog
  private readonly clock: Clock
  private readonly scheduler: SegmentScheduler
  private readonly slots: FetchSlots
  private readonly sources: () => Iterable<SnapshotSource>
  private readonly verifyKey: () => Uint8Array | null
  private readonly isSound: ((snapshot: Snapshot) => Promise<boolean>) | null
  private readonly awaited = new Map<SnapshotSource, number>()
  /** Snapshots that cannot be stored here, by id in hex. */
  private readonly refused = new Set<string>()
  private readonly failed = new WeakSet<SnapshotSource>()
  private fetching: Fetching | null = null
  /** False after a peer that was waited for delivered no snapshot, until one is stored. */
  private mayPause = true
  private isStoring = false
  private isClosed = false

  /**
   * `isSound` checks a snapshot's content; null without read access, where segments are never deleted for
   * one.
   */
  constructor(options: {
    log: DocumentLog
    clock: Clock
    scheduler: SegmentScheduler
    slots: FetchSlots
    sources: () => Iterable<SnapshotSource>
    verifyKey: () => Uint8Array | null
    isSound: ((snapshot: Snapshot) => Promise<boolean>) | null
  }) {
    this.log = options.log
    this.clock = options.clock
    this.scheduler = options.scheduler
    this.slots = options.slots
    this.sources = options.sources
    this.verifyKey = options.verifyKey
    this.isSound = options.isSound
  }

  /** True if the snapshot of a peer may be of use that holds the same otherwise. Rules W62, W81. */
  get wantsAny(): boolean {
    const { vector, snapshots } = this.log
    if (snapshots.isLacking) return true
    if (this.isSound || snapshots.held) return false
    let changes = 0
    for (const { tip } of vector.values()) changes += tip
    return changes >= manyChanges
  }

  /** Handles a peer's offer or its withdrawal. The peer's claims decide whether the snapshot is fetched. */
  onOffer(source: SnapshotSource): void {
    if (source.hasAnnounced) {
      this.consider()
      return
    }
    if (!source.offer || !this.mayPause || this.failed.has(source) || this.awaited.has(source)) return
    this.awaited.set(source, this.clock.now())
    this.scheduler.pause(source)
  }

  /** Handles a peer's full announcement of what it holds. */
  onAnnounced(source: SnapshotSource): void {
    this.consider()
    this.endAwaiting(source)
  }

  /** Takes a part from a peer. */
  takePart(source: SnapshotSource, { index, bytes }: Part): void {
    const { fetching } = this
    if (fetching?.source !== source || this.isStoring || index !== fetching.parts.length) return
    const { offer, parts } = fetching
    const last = fetching.size + bytes.length === offer.size
    if (bytes.length !== snapshotPartSize && !last) {
      this.end(true)
      source.onFault()
      return
    }
    // A copy, since the network may reuse its buffer.
    parts.push(Uint8Array.from(bytes))
    fetching.size += bytes.length
    fetching.progressAt = this.clock.now()
    if (last) void this.finish(fetching)
    else this.request(fetching)
  }

  /** Drops a peer that is gone. */
  removeSource(source: SnapshotSource): void {
    if (this.awaited.has(source)) this.failAwaiting(source)
    if (this.fetching?.source === source && !this.isStoring) this.end(false)
    this.consider()
  }

  /** Checks pending offers and the fetch for progress. Must be called every few seconds. */
  check(): void {
    const now = this.clock.now()
    for (const [source, at] of this.awaited) if (now - at >= offerGrace) this.failAwaiting(source)
    if (this.fetching && !this.isStoring && now - this.fetching.progressAt >= silenceLimit) this.end(true)
    if (this.fetching && now - this.fetching.since >= longestPause) this.scheduler.resume(this)
    this.consider()
  }

  close(): void {
    this.isClosed = true
    if (this.fetching && !this.isStoring) this.end(false)
  }

  private failAwaiting(source: SnapshotSource): void {
    this.mayPause = false
    this.endAwaiting(source)
  }

  private endAwaiting(source: SnapshotSource): void {
    if (this.awaited.delete(source)) this.scheduler.resume(source)
  }

  private consider(): void {
    if (this.fetching || this.isClosed || this.log.shortage || !this.verifyKey()) return
    for (const source of this.sources()) {
      const { offer } = source
      if (!offer || !source.hasAnnounced || this.failed.has(source) || this.refused.has(hex(offer.id)))
        continue
      if (!this.isUseful(source, offer) || !this.slots.take()) continue
      const now = this.clock.now()
      this.fetching = { source, offer, parts: [], size: 0, requested: 0, since: now, progressAt: now }
      if (this.mayPause) this.scheduler.pause(this)
      this.request(this.fetching)
      return
    }
  }

  private isUseful(source: SnapshotSource, { changes, id }: Offer): boolean {
    const { held, bearing } = this.log.snapshots
    // The stored snapshot is fetched again only where segments beside it were found damaged.
    if (held && sameBytes(held.id, id)) return this.log.health.isDamaged && source.needsSnapshot
    if (source.needsSnapshot || this.log.snapshots.isLacking) return true
    // Without read access, a snapshot is stored for others.
    if (!this.isSound) return !bearing && changes >= (held?.changes ?? 0) + manyChanges
    return source.missingChanges >= manyChanges && source.missingChanges >= changes / 2
  }

  private request(fetching: Fetching): void {
    const { source, offer, parts } = fetching
    const count = Math.ceil(offer.size / snapshotPartSize)
    while (fetching.requested < Math.min(count, parts.length + parallelParts))
      source.requestPart(offer.id, fetching.requested++)
  }

  private async finish(fetching: Fetching): Promise<void> {
    this.isStoring = true
    try {
      const snapshot = decodeSnapshot(Buffer.concat(fetching.parts))
      if (!sameBytes(snapshot.id, fetching.offer.id)) throw mismatch()
      const verifyKey = this.verifyKey()
      if (verifyKey) await verifySnapshot(snapshot, this.log.documentId, verifyKey)
      const isStored = !this.isClosed && (await this.store(snapshot, fetching.source))
      // A snapshot that did not bring what its source claims is not fetched again either.
      const isUseless = !isStored || fetching.source.needsSnapshot || this.log.snapshots.isLacking
      if (!this.isClosed && isUseless) this.refused.add(hex(snapshot.id))
      this.end(false)
      this.mayPause = isStored
    } catch (error) {
      this.end(true)
      if (isForeignFault(error)) fetching.source.onFault()
      // Otherwise the disk refused it, or the log was closed: it can be fetched again.
    } finally {
      this.isStoring = false
    }
    this.consider()
  }

  private async store(snapshot: Snapshot, source: SnapshotSource): Promise<boolean> {
    const { snapshots } = this.log
    if (!this.isSound && !source.needsSnapshot) return snapshots.keep(snapshot)
    if (this.isSound && !(await this.isSound(snapshot))) return false
    // Segments are not deleted without read access, nor for a snapshot that is stored already.
    const isHeld = snapshots.held !== null && sameBytes(snapshots.held.id, snapshot.id)
    return snapshots.install(snapshot, this.isSound !== null && !isHeld)
  }

  private end(failed: boolean): void {
    if (!this.fetching) return
    if (failed) this.failed.add(this.fetching.source)
    this.mayPause = false
    this.fetching = null
    this.slots.release()
    this.scheduler.resume(this)
  }
}

const mismatch = (): SwarmpadError =>
  new SwarmpadError('MISBEHAVED', { why: 'another snapshot than it offered' })
