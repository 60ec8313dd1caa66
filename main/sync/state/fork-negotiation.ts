import type { Clock } from '../../base/environment'
import type { DocumentLog } from '../../log/document-log'
import type { SessionId } from '../../log/format/version-vector'
import { RateLimit } from '../budget/rate-limit'

/** How often a peer is asked for the same part of a session to compare, or told a proof, at most, in ms. */
const interval = 5_000
/** Sessions of which a peer's bare word makes this side look, each second. */
const maxDoubtRate = 4

/**
 * Handles sessions of which one peer holds another history: requests the part that differs, to compare it
 * segment by segment, and sends proofs, so that the peer can do the same. Rule W37.
 */
export class ForkNegotiation {
  private readonly log: DocumentLog
  private readonly clock: Clock
  private readonly tell: (proof: Uint8Array) => void
  private readonly want: (session: SessionId, after: number) => void
  private readonly doubts: RateLimit
  /** Time of the last action, by session and kind of action. */
  private readonly last = new Map<string, number>()

  constructor(options: {
    log: DocumentLog
    clock: Clock
    /** Sends a fork proof to the peer. */
    tell: (proof: Uint8Array) => void
    /** Asks the peer for a session, from a number on. */
    want: (session: SessionId, after: number) => void
  }) {
    this.log = options.log
    this.clock = options.clock
    this.doubts = new RateLimit(options.clock, maxDoubtRate)
    this.tell = options.tell
    this.want = options.want
  }

  /** The peer holds another history of a session, as this proof shows if there is one. */
  ask(session: SessionId, proof: Uint8Array | null): void {
    // A claim without proof costs a read, and a peer can make it for every session.
    if (!proof && !this.log.forks().has(session) && !this.doubts.pass()) return
    this.log.histories.remember(session).then(
      () => {
        const known = proof ?? this.log.forks().get(session)
        const from = known ? this.log.histories.askFrom(known) : 0
        const after = proof ? from : (from ?? 0)
        if (
          after !== null &&
          this.log.tip(session) > 0 &&
          this.pass(`${session} ${after > 0 ? 'root' : 'start'}`)
        )
          this.want(session, after)
      },
      // An unreadable store is reported where the document itself reads it.
      () => undefined,
    )
  }

  /** The peer sent a segment of another history, of which this is the tip proof. */
  met(session: SessionId, tipProof: Uint8Array): void {
    const proof = this.log.histories.proofAgainst(tipProof)
    if (!proof) return
    if (this.pass(`${session} told`)) this.tell(proof)
    this.ask(session, proof)
  }

  /** True if an action is due again. Limits the work that a lying peer can cause. */
  private pass(what: string): boolean {
    const now = this.clock.now()
    const last = this.last.get(what)
    if (last !== undefined && now >= last && now - last < interval) return false
    this.last.set(what, now)
    return true
  }
}
