import type { Clock } from '../../base/environment'
import { isForeignFault, SwarmpadError } from '../../base/errors'
import { hex } from '../../base/hex'
import { sameBytes } from '../../keys/bytes'
import type { DocumentLog } from '../../log/document-log'
import { snapshotPartSize } from '../../log/format/limits'
import { decodeSnapshot, type Snapshot, verifySnapshot } from '../../log/format/snapshot'
import type { Offer, Part } from '../wire/messages'
import type { FetchSlots } from './fetch-slots'
import type { SegmentScheduler } from './segment-scheduler'

/** Number of missing changes from which on a snapshot is fetched instead of segments. Rule W62. */
const manyChanges = 1_000
/** Parts that are asked for at a time. */
const ahead = 2
/** How long a peer may give nothing before another one is asked, in ms. Rule W62. */
const fetchLimit = 15_000
/** How long segment requests wait for the claims of a peer that offers a snapshot, in ms. */
const offerGrace = 5_000
/**
 * How long they wait for a snapshot that is being fetched, in ms, since its source sets the pace. Rule W62.
 */
const longestHold = 30_000

/** A peer that offers a snapshot. */
export interface SnapshotSource {
  readonly offer: Offer | null
  /** It has said all that it holds. */
  readonly hasTold: boolean
  /** It holds more than segments bring from here on. */
  readonly needsSnapshot: boolean
  /** Changes that it says it holds and that are lacking here. */
  readonly lacking: number
  askPart(id: Uint8Array, index: number): void
  /** Called when its snapshot was not the one that it offered. */
  fault(): void
}

interface Fetching {
  readonly source: SnapshotSource
  readonly offer: Offer
  readonly parts: Uint8Array[]
  size: number
  asked: number
  /** When it was begun, in ms. */
  readonly since: number
  /** When it last gave something, in ms. */
  at: number
}

/**
 * Fetches a snapshot where it brings more than segments: from one peer at a time, part by part. Takes it if
 * its signature is valid and its content sound. Requests for segments pause meanwhile, but not for long, and
 * no more once a peer delivered none: peers can be made at will. Rules W60 to W63.
 */
export class SnapshotFetcher {
  private readonly log: DocumentLog
  private readonly clock: Clock
  private readonly pursuit: SegmentScheduler
  private readonly slots: FetchSlots
  private readonly sources: () => Iterable<SnapshotSource>
  private readonly verifyKey: () => Uint8Array | null
  private readonly isSound: ((snapshot: Snapshot) => Promise<boolean>) | null
  private readonly awaited = new Map<SnapshotSource, number>()
  /** Snapshots that cannot be taken here, by id in hex. */
  private readonly refused = new Set<string>()
  private readonly failed = new WeakSet<SnapshotSource>()
  private fetching: Fetching | null = null
  /** False after a peer that was waited for delivered no snapshot, until one is taken. */
  private mayHold = true
  private taking = false
  private closed = false

  /**
   * `isSound` checks a snapshot's content; null without read access, where segments are never deleted for
   * one.
   */
  constructor(options: {
    log: DocumentLog
    clock: Clock
    pursuit: SegmentScheduler
    slots: FetchSlots
    sources: () => Iterable<SnapshotSource>
    verifyKey: () => Uint8Array | null
    isSound: ((snapshot: Snapshot) => Promise<boolean>) | null
  }) {
    this.log = options.log
    this.clock = options.clock
    this.pursuit = options.pursuit
    this.slots = options.slots
    this.sources = options.sources
    this.verifyKey = options.verifyKey
    this.isSound = options.isSound
  }

  /** A peer offers a snapshot, or withdraws it: its holdings decide whether the snapshot is fetched. */
  offered(source: SnapshotSource): void {
    if (source.hasTold) {
      this.consider()
      return
    }
    if (!source.offer || !this.mayHold || this.failed.has(source) || this.awaited.has(source)) return
    this.awaited.set(source, this.clock.now())
    this.pursuit.hold(source)
  }

  /** A peer has said all that it holds. */
  told(source: SnapshotSource): void {
    this.consider()
    this.endAwaiting(source)
  }

  /** A peer sent a part. */
  take(source: SnapshotSource, { index, bytes }: Part): void {
    const { fetching } = this
    if (fetching?.source !== source || this.taking || index !== fetching.parts.length) return
    const { offer, parts } = fetching
    const last = fetching.size + bytes.length === offer.size
    if (bytes.length !== snapshotPartSize && !last) {
      this.end(true)
      source.fault()
      return
    }
    // A copy: the network may use its buffer again.
    parts.push(Uint8Array.from(bytes))
    fetching.size += bytes.length
    fetching.at = this.clock.now()
    if (last) void this.finish(fetching)
    else this.ask(fetching)
  }

  /** A peer went away. */
  left(source: SnapshotSource): void {
    if (this.awaited.has(source)) this.giveUp(source)
    if (this.fetching?.source === source && !this.taking) this.end(false)
    this.consider()
  }

  /** Checks pending offers and the fetch for progress. To be called every few seconds. */
  check(): void {
    const now = this.clock.now()
    for (const [source, at] of this.awaited) if (now - at >= offerGrace) this.giveUp(source)
    if (this.fetching && !this.taking && now - this.fetching.at >= fetchLimit) this.end(true)
    if (this.fetching && now - this.fetching.since >= longestHold) this.pursuit.release(this)
    this.consider()
  }

  close(): void {
    this.closed = true
    if (this.fetching && !this.taking) this.end(false)
  }

  private giveUp(source: SnapshotSource): void {
    this.mayHold = false
    this.endAwaiting(source)
  }

  private endAwaiting(source: SnapshotSource): void {
    if (this.awaited.delete(source)) this.pursuit.release(source)
  }

  private consider(): void {
    if (this.fetching || this.closed || this.log.shortage || !this.verifyKey()) return
    for (const source of this.sources()) {
      const { offer } = source
      if (!offer || !source.hasTold || this.failed.has(source) || this.refused.has(hex(offer.id))) continue
      if (!this.isWanted(source, offer) || !this.slots.take()) continue
      const now = this.clock.now()
      this.fetching = { source, offer, parts: [], size: 0, asked: 0, since: now, at: now }
      if (this.mayHold) this.pursuit.hold(this)
      this.ask(this.fetching)
      return
    }
  }

  private isWanted(source: SnapshotSource, { changes, id }: Offer): boolean {
    const { held, bearing } = this.log.snapshots
    // The snapshot already held is fetched again only where segments beside it were found damaged.
    if (held && sameBytes(held.id, id)) return this.log.health.isDamaged && source.needsSnapshot
    if (source.needsSnapshot || this.log.snapshots.isLacking) return true
    // Without read access, a snapshot is kept for others.
    if (!this.isSound) return !bearing && changes >= (held?.changes ?? 0) + manyChanges
    return source.lacking >= manyChanges && source.lacking >= changes / 2
  }

  private ask(fetching: Fetching): void {
    const { source, offer, parts } = fetching
    const count = Math.ceil(offer.size / snapshotPartSize)
    while (fetching.asked < Math.min(count, parts.length + ahead)) source.askPart(offer.id, fetching.asked++)
  }

  private async finish(fetching: Fetching): Promise<void> {
    this.taking = true
    try {
      const snapshot = decodeSnapshot(Buffer.concat(fetching.parts))
      if (!sameBytes(snapshot.id, fetching.offer.id)) throw another()
      const verifyKey = this.verifyKey()
      if (verifyKey) await verifySnapshot(snapshot, this.log.documentId, verifyKey)
      const taken = !this.closed && (await this.takeIn(snapshot, fetching.source))
      // A snapshot that did not bring what its source claims is not fetched again either.
      const isVain = !taken || fetching.source.needsSnapshot || this.log.snapshots.isLacking
      if (!this.closed && isVain) this.refused.add(hex(snapshot.id))
      this.end(false)
      this.mayHold = taken
    } catch (error) {
      this.end(true)
      if (isForeignFault(error)) fetching.source.fault()
      // Else the disk refused it, or the log was closed: it can be fetched again.
    } finally {
      this.taking = false
    }
    this.consider()
  }

  private async takeIn(snapshot: Snapshot, source: SnapshotSource): Promise<boolean> {
    const { snapshots } = this.log
    if (!this.isSound && !source.needsSnapshot) return snapshots.keep(snapshot)
    if (this.isSound && !(await this.isSound(snapshot))) return false
    // No segments are deleted without read access, nor for a snapshot already held: that one has its own
    // time.
    const isHeld = snapshots.held !== null && sameBytes(snapshots.held.id, snapshot.id)
    return snapshots.install(snapshot, this.isSound !== null && !isHeld)
  }

  private end(failed: boolean): void {
    if (!this.fetching) return
    if (failed) this.failed.add(this.fetching.source)
    this.mayHold = false
    this.fetching = null
    this.slots.release()
    this.pursuit.release(this)
  }
}

const another = (): SwarmpadError =>
  new SwarmpadError('MISBEHAVED', { why: 'another snapshot than it offered' })
