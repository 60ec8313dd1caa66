import { hex } from '../../base/hex'
import { sameBytes } from '../../keys/bytes'
import type { DocumentLog } from '../../log/document-log'
import type { Segment } from '../../log/format/segment'
import { bucketDigests, type SessionId, type VersionVector } from '../../log/format/version-vector'
import { logDigest } from './log-digest'

/** The state of a document's log, for comparison with peers. Caches the version vector's digests. */
export class LocalState {
  private readonly log: DocumentLog
  private own: ReadonlySet<SessionId>
  private cachedDigests: Uint8Array | null = null
  private cachedSummary: Uint8Array | null = null

  /** The log must be open. */
  constructor(log: DocumentLog) {
    this.log = log
    this.own = new Set(log.ownSessions())
  }

  /** Version vector of what is durable. */
  get vector(): VersionVector {
    return this.log.vector
  }

  /** Digests of the vector, by bucket. */
  get digests(): Uint8Array {
    this.cachedDigests ??= bucketDigests(this.log.vector)
    return this.cachedDigests
  }

  /** 32 bytes that stand for all of the log. Rule W81. */
  get summary(): Uint8Array {
    this.cachedSummary ??= logDigest(this.log.vector, this.log.forks())
    return this.cachedSummary
  }

  /** Drops what only the exchange with peers needs, and is calculated again then. */
  trim(): void {
    this.cachedDigests = null
  }

  /** Updates the caches after a fork proof was stored. */
  onFork(): void {
    this.cachedSummary = null
  }

  /** Sessions made in this profile. */
  get ownSessions(): ReadonlySet<SessionId> {
    return this.own
  }

  /** Sessions made in this run of the program. */
  get newSessions(): ReadonlySet<SessionId> {
    return this.log.newSessions
  }

  /** Returns the tip to which a session is durable; 0 for none. */
  durableTip(session: SessionId): number {
    return this.log.vector.get(session)?.tip ?? 0
  }

  /** Returns the number after which the segments of a session begin; 0 where a snapshot has none of it. */
  base(session: SessionId): number {
    return this.log.vector.get(session)?.base ?? 0
  }

  /** Returns the tip to which a session is accepted. */
  acceptedTip(session: SessionId): number {
    return this.log.tip(session)
  }

  /** Returns true if the log has a session's certificate. */
  isKnown(session: SessionId): boolean {
    return this.log.certificate(session) !== null
  }

  /** Returns true if a session is known to have two histories: a peer that switches to the other may lose some of it. */
  isForked(session: SessionId): boolean {
    return this.log.forks().has(session)
  }

  /** Returns true if a session is durable to the same tip, but in another history. Rule S11. */
  differs(session: SessionId, tip: number, mark: Uint8Array): boolean {
    const extent = this.log.vector.get(session)
    return extent?.tip === tip && !sameBytes(extent.mark, mark)
  }

  /** Updates the caches after a snapshot was stored, which may have brought own sessions back. */
  onSnapshotStored(): void {
    this.cachedDigests = null
    this.cachedSummary = null
    this.own = new Set(this.log.ownSessions())
  }

  /** Updates the caches after segments became durable. */
  onStored(segments: readonly Segment[]): void {
    this.cachedDigests = null
    this.cachedSummary = null
    if (segments.some(({ seqFrom, session }) => seqFrom === 1 && !this.own.has(hex(session))))
      this.own = new Set(this.log.ownSessions())
  }
}
