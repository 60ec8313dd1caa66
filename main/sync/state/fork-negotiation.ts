import type { Clock } from '../../base/environment'
import type { DocumentLog } from '../../log/document-log'
import type { SessionId } from '../../log/format/version-vector'
import { RateLimit } from '../budget/rate-limit'

/** Minimum interval between two equal actions, in ms: requesting a part of a session, sending a proof. */
const interval = 5_000
/** Maximum number of claims without proof that are looked into each second. */
const maxUnprovenRate = 4

/**
 * Settles sessions of which one peer has another history: requests the part that differs, so that the log can
 * compare it segment by segment, and sends proofs, so that the peer can do the same. Rule W37.
 */
export class ForkNegotiation {
  private readonly log: DocumentLog
  private readonly clock: Clock
  private readonly sendProof: (proof: Uint8Array) => void
  private readonly request: (session: SessionId, after: number) => void
  private readonly unproven: RateLimit
  /** Time of the last action in ms, by session and kind of action. */
  private readonly actedAt = new Map<string, number>()

  constructor(options: {
    log: DocumentLog
    clock: Clock
    sendProof: (proof: Uint8Array) => void
    /** Requests the peer's segments of a session after a number. */
    request: (session: SessionId, after: number) => void
  }) {
    this.log = options.log
    this.clock = options.clock
    this.sendProof = options.sendProof
    this.request = options.request
    this.unproven = new RateLimit(options.clock, maxUnprovenRate)
  }

  /** Compares with the peer's other history of a session, which `proof` shows; null for a claim without proof. */
  compare(session: SessionId, proof: Uint8Array | null): void {
    // A claim without proof costs a read, and a peer can make it for every session.
    if (!proof && !this.log.forks().has(session) && !this.unproven.pass()) return
    this.log.histories.remember(session).then(
      () => this.requestFromRoot(session, proof),
      // An unreadable store is reported where the document itself reads it.
      () => undefined,
    )
  }

  /** Handles a segment of another history, given its tip proof. */
  onForeignSegment(session: SessionId, tipProof: Uint8Array): void {
    const proof = this.log.histories.proofAgainst(tipProof)
    if (!proof) return
    if (this.isDue(`${session} proof`)) this.sendProof(proof)
    this.compare(session, proof)
  }

  private requestFromRoot(session: SessionId, proof: Uint8Array | null): void {
    const known = proof ?? this.log.forks().get(session)
    const from = known ? this.log.histories.askFrom(known) : 0
    const after = proof ? from : (from ?? 0)
    if (after === null || this.log.tip(session) === 0) return
    if (this.isDue(`${session} ${after > 0 ? 'root' : 'start'}`)) this.request(session, after)
  }

  /** Returns true if an action may be taken again. Limits the work that a lying peer can cause. */
  private isDue(action: string): boolean {
    const now = this.clock.now()
    const last = this.actedAt.get(action)
    if (last !== undefined && now >= last && now - last < interval) return false
    this.actedAt.set(action, now)
    return true
  }
}
