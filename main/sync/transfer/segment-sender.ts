import { hex } from '../../base/hex'
import type { DocumentLog } from '../../log/document-log'
import { maxSegmentSize } from '../../log/format/limits'
import type { Segment } from '../../log/format/segment'
import type { SessionId } from '../../log/format/version-vector'
import { creditWindow } from '../budget/credit'
import type { LocalState } from '../state/local-state'
import type { Port } from '../wire/channel'
import type { Want } from '../wire/messages'

/** Size up to which segments are sent together, in bytes. */
const burst = 64 * 1024

/**
 * Sends segments to one peer: new ones at once, of sessions that are made here or that the peer asked for,
 * and older ones from the store on request, within its credit and the connection's backpressure. Sessions
 * that reach the peer another way are only announced, until it asks for them. After Plumtree (Leitão,
 * Pereira, Rodrigues: Epidemic Broadcast Trees, 2007). Rules W32 to W34.
 */
export class SegmentSender {
  private readonly log: DocumentLog
  private readonly local: LocalState
  private readonly port: () => Port | null
  /** Tip of each session that the peer has or was sent. */
  private readonly sent = new Map<SessionId, number>()
  /** Sessions whose new segments are sent to the peer at once. */
  private readonly eager = new Set<SessionId>()
  /** Sessions to read from the store and send. */
  private readonly due = new Set<SessionId>()
  private readonly certified = new Set<SessionId>()
  private credit = creditWindow
  /** True while the credit or the connection allows no more. */
  private isBlocked = false
  private isRunning = false
  private isClosed = false

  constructor(options: { log: DocumentLog; local: LocalState; port: () => Port | null }) {
    this.log = options.log
    this.local = options.local
    this.port = options.port
  }

  /** Notes the peer's tip of a session. Ignores sessions that are unknown here. */
  noteRemoteTip(session: SessionId, tip: number): void {
    if (this.local.isKnown(session) && tip > this.sentTip(session)) this.sent.set(session, tip)
  }

  /** Takes the peer's request for a session's segments after a number. */
  takeWant({ session, after }: Want): void {
    if (!this.local.isKnown(session)) return
    if (after === 0) this.certified.delete(session)
    this.sent.set(session, after)
    this.eager.add(session)
    // Requests past the local tip, or for changes that only a snapshot brings, cost no read of the store.
    if (after < this.local.base(session)) return
    if (after < this.local.durableTip(session)) this.due.add(session)
    else this.sendFork(session)
    this.start()
  }

  /** Stops sending a session at once, unless it is made here: the peer also gets it from others. */
  takeEnough(session: SessionId): void {
    this.eager.delete(session)
  }

  /** Sends the segments that became durable and are the peer's next. */
  sendStored(segments: readonly Segment[]): void {
    for (const segment of segments) {
      const session = hex(segment.session)
      if (!this.eager.has(session) && !this.local.ownSessions.has(session)) continue
      // A peer that is behind asks for more; a session that is being read is sent in its turn.
      if (this.due.has(session) || this.sentTip(session) !== segment.seqFrom - 1) continue
      if (this.hasRoom(segment.bytes.length)) this.send(session, segment)
      else this.due.add(session)
    }
    this.start()
  }

  /** Takes the bytes that the peer grants. */
  takeCredit(size: number): void {
    this.credit = Math.min(creditWindow, this.credit + size)
    // With less credit than the largest segment, another attempt could fail.
    if (this.credit >= maxSegmentSize) this.resume()
  }

  /** Continues when the connection takes more. */
  resume(): void {
    this.isBlocked = false
    this.start()
  }

  /** Stops sending. */
  close(): void {
    this.isClosed = true
  }

  private sentTip(session: SessionId): number {
    return this.sent.get(session) ?? 0
  }

  private hasRoom(size: number): boolean {
    return size <= this.credit && (this.port()?.drained ?? false)
  }

  private send(session: SessionId, segment: Segment): void {
    const port = this.port()
    const certificate = this.log.certificate(session)
    if (!port || !certificate) return
    if (!this.certified.has(session) && segment.seqFrom === 1) {
      this.certified.add(session)
      port.send('certificate', certificate)
    }
    this.credit -= segment.bytes.length
    this.sent.set(session, segment.seqTo)
    port.send('segment', segment.bytes)
  }

  private start(): void {
    if (!this.isRunning) void this.run()
  }

  private async run(): Promise<void> {
    this.isRunning = true
    try {
      for (let session = this.next(); session !== null; session = this.next())
        try {
          await this.serve(session)
        } catch {
          // The store was closed or is unreadable there, which is reported to the user, not the peer.
          this.due.delete(session)
        }
    } finally {
      this.isRunning = false
    }
  }

  private next(): SessionId | null {
    if (this.isClosed || this.isBlocked) return null
    const [session] = this.due
    return session ?? null
  }

  /** Reads on from what was sent, and sends in bursts, until all is sent or there is no room. */
  private async serve(session: SessionId): Promise<void> {
    const from = this.sentTip(session)
    // Not `isBlocked`, which may have been cleared before the read ended.
    let stopped = false
    let batch: Segment[] = []
    let size = 0
    for await (const segment of this.log.signedSegments(session, from)) {
      if (this.isClosed) return
      stopped = !this.hasRoom(size + segment.bytes.length)
      this.isBlocked = stopped
      if (stopped) break
      batch.push(segment)
      size += segment.bytes.length
      if (size < burst) continue
      this.sendAll(session, batch)
      batch = []
      size = 0
    }
    if (this.isClosed) return
    this.sendAll(session, batch)
    const tip = this.sentTip(session)
    if (tip >= this.local.durableTip(session)) {
      this.due.delete(session)
      this.sendFork(session)
    }
    // Segments that are missing from the store would be looked for again and again.
    else if (!stopped && tip === from) this.due.delete(session)
  }

  /** Sends the fork proof of a session, now that the peer knows the session and can verify the proof. */
  private sendFork(session: SessionId): void {
    const proof = this.local.isForked(session) ? this.log.forks().get(session) : undefined
    if (proof) this.port()?.send('fork', proof)
  }

  private sendAll(session: SessionId, batch: readonly Segment[]): void {
    if (batch.length === 0) return
    this.port()?.together(() => {
      // The peer may have asked again meanwhile: only segments that follow its new position are sent.
      for (const segment of batch) {
        const tip = this.sentTip(session)
        if (segment.seqFrom - 1 <= tip && tip < segment.seqTo && segment.bytes.length <= this.credit)
          this.send(session, segment)
      }
    })
  }
}
