import { hex } from '../../base/hex'
import { sameBytes } from '../../keys/bytes'
import type { DocumentLog } from '../../log/document-log'
import type { Segment } from '../../log/format/segment'
import { bucketDigests, type SessionId, type VersionVector } from '../../log/format/version-vector'

/** Local holdings of a document, for comparison with those of peers. Caches what is expensive to compute. */
export class LocalState {
  private readonly log: DocumentLog
  private ownSessions: ReadonlySet<SessionId>
  private digestsOrNull: Uint8Array | null = null

  /** The log must be open. */
  constructor(log: DocumentLog) {
    this.log = log
    this.ownSessions = new Set(log.ownSessions())
  }

  /** Version vector of what is durable here. */
  get vector(): VersionVector {
    return this.log.vector
  }

  /** Digests of the vector, by bucket. */
  get digests(): Uint8Array {
    this.digestsOrNull ??= bucketDigests(this.log.vector)
    return this.digestsOrNull
  }

  /** Sessions made in this profile. */
  get own(): ReadonlySet<SessionId> {
    return this.ownSessions
  }

  /** Those that were made in this run. */
  get ownNew(): ReadonlySet<SessionId> {
    return this.log.newSessions
  }

  /** Up to where a session is durable here; 0 for not at all. */
  durableTip(session: SessionId): number {
    return this.log.vector.get(session)?.tip ?? 0
  }

  /** Where the segments of a session begin that are held here; 0 where a snapshot holds none of it. */
  base(session: SessionId): number {
    return this.log.vector.get(session)?.base ?? 0
  }

  /** Up to where a session was accepted here. */
  acceptedTip(session: SessionId): number {
    return this.log.tip(session)
  }

  /** True if a session's certificate is held. */
  isKnown(session: SessionId): boolean {
    return this.log.certificate(session) !== null
  }

  /**
   * True if a session is known to have two histories: a peer that switches to the other may hold less of it.
   */
  isForked(session: SessionId): boolean {
    return this.log.forks().has(session)
  }

  /** True if a session is durable here up to the same tip, but in another history. Rule S11. */
  differs(session: SessionId, tip: number, mark: Uint8Array): boolean {
    const extent = this.log.vector.get(session)
    return extent?.tip === tip && !sameBytes(extent.mark, mark)
  }

  /** To be called when more is held by a snapshot: own sessions may be back. */
  settled(): void {
    this.digestsOrNull = null
    this.ownSessions = new Set(this.log.ownSessions())
  }

  /** To be called with what became durable. */
  stored(segments: readonly Segment[]): void {
    this.digestsOrNull = null
    if (segments.some(({ seqFrom, session }) => seqFrom === 1 && !this.ownSessions.has(hex(session))))
      this.ownSessions = new Set(this.log.ownSessions())
  }
}
