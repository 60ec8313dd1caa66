import type { Clock } from '../../base/environment'
import { isForeignFault, SwarmpadError } from '../../base/errors'
import { fromHex, hex } from '../../base/hex'
import type { DocumentLog } from '../../log/document-log'
import { certificateSize } from '../../log/format/certificate'
import { maxSegmentSize } from '../../log/format/limits'
import { decodeTipProof, tipProofSize } from '../../log/format/segment'
import type { SessionId } from '../../log/format/version-vector'
import type { Verdict } from '../../log/segment-acceptor'
import { ReceiveCredit } from '../budget/credit'
import { RateLimit } from '../budget/rate-limit'
import type { LocalState } from '../state/local-state'
import type { Port } from '../wire/channel'
import { encodeCredit } from '../wire/messages'
import type { SegmentScheduler } from './segment-scheduler'

/** Maximum number of segments behind the tip that are examined each second; more are dropped. Rule W25. */
export const maxDuplicateRate = 200

/** Result of taking a segment. `session` and `seqTo` are meaningful only if the verdict is not 'invalid'. */
export interface Taken {
  readonly verdict: Verdict
  readonly session: SessionId
  readonly seqTo: number
}

/** Takes segments from one peer into the log, within the credit that the peer was granted. Rule W30. */
export class SegmentReceiver {
  private readonly log: DocumentLog
  private readonly local: LocalState
  private readonly scheduler: SegmentScheduler
  private readonly clock: Clock
  private readonly port: () => Port | null
  private readonly credit = new ReceiveCredit()
  private readonly duplicates: RateLimit
  /** Certificate that arrived just before the first segment of its session. */
  private certificate: Uint8Array | null = null
  /** Accepted segments that are not durable yet, oldest first. */
  private readonly unstored: { session: SessionId; seqTo: number; size: number }[] = []
  /** Bytes of segments that were dropped because the log was busy. */
  private dropped = 0
  /** Sessions that the peer is not to send unasked. */
  private readonly stopped = new Set<SessionId>()
  private progressAt = 0

  constructor(options: {
    log: DocumentLog
    local: LocalState
    scheduler: SegmentScheduler
    clock: Clock
    port: () => Port | null
  }) {
    this.log = options.log
    this.local = options.local
    this.scheduler = options.scheduler
    this.clock = options.clock
    this.port = options.port
    this.duplicates = new RateLimit(options.clock, maxDuplicateRate)
  }

  /** Time at which the peer last sent a segment that was accepted, in ms; 0 for never. */
  get lastProgressAt(): number {
    return this.progressAt
  }

  /** Keeps a certificate for the segment that follows. Throws MISBEHAVED for a wrong size. */
  takeCertificate(bytes: Uint8Array): void {
    if (bytes.length !== certificateSize) throw excess()
    this.certificate = Uint8Array.from(bytes)
  }

  /** Offers a segment to the log. Throws MISBEHAVED for one above the size limit or the peer's credit. */
  take(body: Uint8Array): Taken {
    if (body.length > maxSegmentSize || !this.credit.take(body.length)) throw excess()
    const { certificate } = this
    this.certificate = null
    // A copy, since the network may reuse its buffer.
    const bytes = Uint8Array.from(body)
    const taken = this.judge(bytes, certificate)
    if (taken.verdict === 'accepted') {
      this.progressAt = this.clock.now()
      this.unstored.push({ ...taken, size: bytes.length })
    } else if (taken.verdict === 'busy') {
      // The disk is behind: the segment is requested again, and its credit released, once it has caught up.
      this.dropped += bytes.length
      this.scheduler.noteDropped(taken.session)
    } else {
      this.credit.release(bytes.length)
      this.grant()
    }
    if (taken.verdict === 'duplicate') this.stop(taken.session)
    return taken
  }

  /** Notes that a session was requested from the peer, which may send it then. */
  noteRequest(session: SessionId): void {
    this.stopped.delete(session)
  }

  /** Releases the credit of segments that became durable. */
  releaseStored(): void {
    const { local, unstored } = this
    const firstUnstored = unstored.findIndex(({ session, seqTo }) => local.durableTip(session) < seqTo)
    const stored = unstored.splice(0, firstUnstored < 0 ? unstored.length : firstUnstored)
    for (const { size } of stored) this.credit.release(size)
    // While there is no room, segments would only be dropped again: their credit is withheld. Rule S14.
    if (!this.log.shortage) {
      this.credit.release(this.dropped)
      this.dropped = 0
    }
    this.grant()
  }

  private judge(bytes: Uint8Array, certificate: Uint8Array | null): Taken {
    try {
      const { session: key, seqTo } = decodeTipProof(bytes.subarray(0, tipProofSize))
      const session = hex(key)
      // A segment of another history is compared in the store, which a flood of them must not cause.
      const isBehind = seqTo <= this.local.acceptedTip(session)
      if (isBehind && !this.log.histories.remembers(session) && !this.duplicates.pass())
        return { verdict: 'duplicate', session, seqTo }
      return { verdict: this.log.accept(bytes, certificate), session, seqTo }
    } catch (error) {
      if (isForeignFault(error)) return { verdict: 'invalid', session: '', seqTo: 0 }
      throw error
    }
  }

  /** Asks the peer not to send a session unasked, since another peer was faster. */
  private stop(session: SessionId): void {
    if (this.stopped.has(session)) return
    this.stopped.add(session)
    this.port()?.send('enough', fromHex(session))
  }

  private grant(): void {
    const grant = this.credit.takeGrant()
    if (grant > 0) this.port()?.send('credit', encodeCredit(grant))
  }
}

const excess = (): SwarmpadError =>
  new SwarmpadError('MISBEHAVED', { why: 'more than it was given credit for' })
