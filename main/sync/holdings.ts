import { hex } from '../hex'
import type { DocumentLog } from '../log/document-log'
import type { Segment } from '../log/segment'
import { bucketDigests, type SessionId, type VersionVector } from '../log/version-vector'

/** What is held here of a document, as it is compared with what peers hold. Keeps what is dear to compute. */
export class Holdings {
  private readonly log: DocumentLog
  private ownSessions: ReadonlySet<SessionId>
  private readonly frozenSessions: Set<SessionId>
  private digestsOrNull: Uint8Array | null = null

  /** The log must be open. */
  constructor(log: DocumentLog) {
    this.log = log
    this.ownSessions = new Set(log.ownSessions())
    this.frozenSessions = new Set(log.forks().keys())
  }

  /** What is durable here. */
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

  /** Up to where a session is durable here; 0 for not at all. */
  durableTip(session: SessionId): number {
    return this.log.vector.get(session)?.tip ?? 0
  }

  /** Up to where a session was accepted here. */
  acceptedTip(session: SessionId): number {
    return this.log.tip(session)
  }

  /** Whether a session's certificate is held. */
  isKnown(session: SessionId): boolean {
    return this.log.certificate(session) !== null
  }

  /** Whether a session forked, so that nobody can be expected to hold what others hold of it. */
  isFrozen(session: SessionId): boolean {
    return this.frozenSessions.has(session)
  }

  /** To be called with what became durable. */
  stored(segments: readonly Segment[]): void {
    this.digestsOrNull = null
    if (segments.some(({ seqFrom, session }) => seqFrom === 1 && !this.ownSessions.has(hex(session))))
      this.ownSessions = new Set(this.log.ownSessions())
  }

  /** To be called with a session that was found to have forked. */
  froze(session: SessionId): void {
    this.frozenSessions.add(session)
  }
}
