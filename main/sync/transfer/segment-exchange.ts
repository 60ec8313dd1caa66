import type { Clock } from '../../base/environment'
import { hex } from '../../base/hex'
import type { DocumentLog } from '../../log/document-log'
import { sessionOfFork } from '../../log/format/fork'
import { noMark, type Segment, tipProofSize } from '../../log/format/segment'
import type { Extent, SessionId } from '../../log/format/version-vector'
import type { Strikes } from '../budget/strikes'
import { ForkNegotiation } from '../state/fork-negotiation'
import type { LocalState } from '../state/local-state'
import { StateComparison } from '../state/state-comparison'
import type { Port } from '../wire/channel'
import { type Entry, encodeWant, type VectorPage, type Want } from '../wire/messages'
import { SegmentReceiver } from './segment-receiver'
import type { SegmentScheduler, SegmentSource } from './segment-scheduler'
import { SegmentSender } from './segment-sender'

/** Dependencies of a SegmentExchange. */
export interface SegmentExchangeOptions {
  readonly log: DocumentLog
  readonly local: LocalState
  readonly scheduler: SegmentScheduler
  readonly clock: Clock
  readonly strikes: Strikes
  /** Returns the channel to send through; null while nothing may be sent. */
  readonly port: () => Port | null
  /** Called when either side's state changed. */
  readonly onStateChange: () => void
}

/**
 * Exchanges a document's segments with one peer: compares the two states, requests what is missing here and
 * sends what is missing there. Rules W21 to W37.
 */
export class SegmentExchange implements SegmentSource {
  /** Comparison of the peer's state with the local one. */
  readonly comparison: StateComparison
  private readonly options: SegmentExchangeOptions
  private readonly sender: SegmentSender
  private readonly receiver: SegmentReceiver
  private readonly forks: ForkNegotiation

  constructor(options: SegmentExchangeOptions) {
    const { log, clock, port } = options
    this.options = options
    this.comparison = new StateComparison(options)
    this.sender = new SegmentSender(options)
    this.receiver = new SegmentReceiver(options)
    this.forks = new ForkNegotiation({
      log,
      clock,
      sendProof: (proof) => port()?.send('fork', proof),
      request: (session, after) => this.requestAfter(session, after),
    })
  }

  /** Sends the digests of the local state, and all fork proofs. */
  start(): void {
    this.comparison.sendDigests()
    for (const proof of this.options.log.forks().values()) this.options.port()?.send('fork', proof)
  }

  reach(session: SessionId): number {
    return this.comparison.reach(session)
  }

  get lastProgressAt(): number {
    return this.receiver.lastProgressAt
  }

  request(sessions: readonly SessionId[]): void {
    const { local, port } = this.options
    port()?.together(() => {
      for (const session of sessions) this.requestAfter(session, local.acceptedTip(session))
    })
  }

  onTimeout(session: SessionId): void {
    this.comparison.remote.drop(session)
    this.options.onStateChange()
  }

  /** Answers the peer's digests. */
  takeDigests(digests: Uint8Array): void {
    for (const entry of this.comparison.answerDigests(digests)) this.takeClaim(entry, false)
  }

  /** Takes a page of the peer's vector. */
  takeVector(page: VectorPage): void {
    for (const entry of page.entries) this.takeClaim(entry, false)
    this.comparison.notePage(page)
  }

  /** Takes the extents of sessions of which more became durable at the peer. */
  takeReceipt(entries: readonly Entry[]): void {
    for (const entry of entries) this.takeClaim(entry, true)
  }

  takeWant(want: Want): void {
    this.sender.takeWant(want)
  }

  takeEnough(session: SessionId): void {
    this.sender.takeEnough(session)
  }

  takeCredit(size: number): void {
    this.sender.takeCredit(size)
  }

  takeCertificate(bytes: Uint8Array): void {
    this.receiver.takeCertificate(bytes)
  }

  /** Takes a segment. Throws MISBEHAVED for one above the size limit or the peer's credit. */
  takeSegment(body: Uint8Array): void {
    const { verdict, session, seqTo } = this.receiver.take(body)
    if (verdict === 'invalid') this.options.strikes.add()
    if (verdict === 'gap') {
      // As good as a receipt: the session's signature proves that it has that many changes.
      this.takeClaim([session, { base: 0, tip: seqTo, mark: noMark }], true)
      this.options.scheduler.noteGap(session)
    }
    if (verdict === 'fork') this.forks.onForeignSegment(session, body.subarray(0, tipProofSize))
  }

  takeFork(proof: Uint8Array): void {
    const verdict = this.options.log.acceptFork(proof)
    if (verdict === 'invalid') this.options.strikes.add()
    else this.forks.compare(sessionOfFork(proof), Uint8Array.from(proof))
  }

  /** Sends the segments that became durable, and with them receipts, in pages. */
  onStored(segments: readonly Segment[], receipts: readonly Uint8Array[]): void {
    this.updateSessions(new Set(segments.map(({ session }) => hex(session))))
    this.options.port()?.together(() => {
      this.sender.sendStored(segments)
      this.sendReceipts(receipts)
      this.receiver.releaseStored()
    })
    if (this.comparison.remote.takeRoom()) this.comparison.sendDigests()
  }

  /** Sends receipts, in pages. */
  sendReceipts(receipts: readonly Uint8Array[]): void {
    const port = this.options.port()
    for (const receipt of receipts) port?.send('receipt', receipt)
  }

  /** Sends receipts with the sessions that a snapshot extended, and requests what follows it. */
  onSnapshotStored(sessions: readonly SessionId[], receipts: readonly Uint8Array[]): void {
    this.updateSessions(sessions)
    const port = this.options.port()
    if (!port) return
    this.sendReceipts(receipts)
    for (const session of this.comparison.remote.aheadSessions())
      this.options.scheduler.noteBehind(session, false)
    this.comparison.sendDigests()
  }

  /** Sends the proof that a session has two histories, and the digests of the state after that. */
  onFork(session: SessionId, proof: Uint8Array): void {
    this.comparison.remote.compare(session)
    this.options.onStateChange()
    this.options.port()?.send('fork', proof)
    this.comparison.sendDigests()
  }

  /** Continues when the connection takes more. */
  resume(): void {
    this.comparison.resume()
    this.sender.resume()
  }

  close(): void {
    this.sender.close()
    this.options.scheduler.removeSource(this)
  }

  private requestAfter(session: SessionId, after: number): void {
    this.receiver.noteRequest(session)
    this.options.port()?.send('want', encodeWant({ session, after }))
  }

  private takeClaim([session, extent]: readonly [SessionId, Extent], unasked: boolean): void {
    const { remote } = this.comparison
    const isNew = this.comparison.record(session, extent)
    if (remote.differs(session)) this.forks.compare(session, null)
    if (!isNew) return
    this.options.onStateChange()
    this.sender.noteRemoteTip(session, extent.tip)
    if (remote.isAhead(session)) this.options.scheduler.noteBehind(session, unasked)
  }

  private updateSessions(sessions: Iterable<SessionId>): void {
    const { remote } = this.comparison
    for (const session of sessions) {
      remote.compare(session)
      this.sender.noteRemoteTip(session, remote.tip(session))
    }
    this.options.onStateChange()
  }
}
