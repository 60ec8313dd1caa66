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

/** Segments behind the tip that are looked at, each second; more are dropped as they are. Rule W25. */
export const maxDuplicateRate = 200

/** Result of taking a segment. `session` and `seqTo` are meaningful only if the verdict is not 'invalid'. */
export interface Taken {
  readonly verdict: Verdict
  readonly session: SessionId
  readonly seqTo: number
}

/** Takes segments from one peer into the log, within the credit that the peer was granted. Rule W30. */
export class SegmentReceiver {
  /** When the peer last gave a segment that was of use, in ms. */
  lastProgressAt = 0
  private readonly log: DocumentLog
  private readonly holdings: LocalState
  private readonly pursuit: SegmentScheduler
  private readonly clock: Clock
  private readonly port: () => Port | null
  private readonly credit = new ReceiveCredit()
  private readonly duplicates: RateLimit
  /** Certificate that arrived just before the first segment of its session. */
  private certificate: Uint8Array | null = null
  /** Accepted segments that are not durable yet, oldest first. */
  private unstored: { session: SessionId; seqTo: number; size: number }[] = []
  /** Bytes of segments that were dropped because the log was busy. */
  private dropped = 0
  /** Sessions that the peer was told not to send unasked. */
  private readonly stopped = new Set<SessionId>()

  constructor(options: {
    log: DocumentLog
    holdings: LocalState
    pursuit: SegmentScheduler
    clock: Clock
    port: () => Port | null
  }) {
    this.log = options.log
    this.holdings = options.holdings
    this.pursuit = options.pursuit
    this.clock = options.clock
    this.port = options.port
    this.duplicates = new RateLimit(options.clock, maxDuplicateRate)
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
    // A copy: the network may use its buffer again.
    const bytes = Uint8Array.from(body)
    const taken = this.judge(bytes, certificate)
    if (taken.verdict === 'accepted') {
      this.lastProgressAt = this.clock.now()
      this.unstored.push({ ...taken, size: bytes.length })
    } else if (taken.verdict === 'busy') {
      // The disk is behind: the segment is requested again, and its credit returned, once it has caught up.
      this.dropped += bytes.length
      this.pursuit.pause(taken.session)
    } else {
      this.credit.release(bytes.length)
      this.grant()
    }
    if (taken.verdict === 'duplicate') this.stop(taken.session)
    return taken
  }

  /** The peer was asked for a session, and so may send it. */
  wanted(session: SessionId): void {
    this.stopped.delete(session)
  }

  /** Releases the credit of segments that became durable. */
  stored(): void {
    const { unstored, holdings } = this
    const waiting = unstored.findIndex(({ session, seqTo }) => holdings.durableTip(session) < seqTo)
    this.unstored = waiting < 0 ? [] : unstored.slice(waiting)
    for (const { size } of waiting < 0 ? unstored : unstored.slice(0, waiting)) this.credit.release(size)
    // While there is no room, segments would only be dropped again: their credit is withheld until then. Rule
    // S14.
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
      // One may be of another history, and is compared in the store: a flood of them must not be.
      const isBehind = seqTo <= this.holdings.acceptedTip(session)
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
