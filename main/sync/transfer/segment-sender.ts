import { hex } from '../../base/hex'
import type { DocumentLog } from '../../log/document-log'
import { maxSegmentSize } from '../../log/format/limits'
import type { Segment } from '../../log/format/segment'
import type { SessionId } from '../../log/format/version-vector'
import { creditWindow } from '../budget/credit'
import type { LocalState } from '../state/local-state'
import type { Port } from '../wire/channel'

/** Segments that are ready go out together up to this many bytes. */
const burst = 64 * 1024

/**
 * Sends segments to one peer: new ones at once, of sessions that are made here or that the peer asked for,
 * and older ones from the store on request, within its credit and the connection's backpressure. Sessions
 * that reach the peer another way are only announced, until it asks for them. After Plumtree (Leitão,
 * Pereira, Rodrigues: Epidemic Broadcast Trees, 2007). Rules W32 to W34.
 */
export class SegmentSender {
  private readonly log: DocumentLog
  private readonly holdings: LocalState
  private readonly port: () => Port | null
  /** Up to where the peer has each session or was sent it. */
  private readonly sent = new Map<SessionId, number>()
  /** Sessions whose new segments are sent to the peer at once. */
  private readonly eager = new Set<SessionId>()
  /** Sessions to be read from the store and sent. */
  private readonly due = new Set<SessionId>()
  private readonly certified = new Set<SessionId>()
  private credit = creditWindow
  private starved = false
  private pumping = false
  private closed = false

  constructor(options: { log: DocumentLog; holdings: LocalState; port: () => Port | null }) {
    this.log = options.log
    this.holdings = options.holdings
    this.port = options.port
  }

  /** The peer holds a session up to `tip`. Of sessions that are unknown here nothing is remembered. */
  peerHolds(session: SessionId, tip: number): void {
    if (this.holdings.isKnown(session) && tip > this.sentTip(session)) this.sent.set(session, tip)
  }

  /** The peer asks for a session after `after`. */
  wanted(session: SessionId, after: number): void {
    if (!this.holdings.isKnown(session)) return
    if (after === 0) this.certified.delete(session)
    this.sent.set(session, after)
    this.eager.add(session)
    // Requests past the local tip, or for changes that only a snapshot brings, cost no read of the store.
    if (after < this.holdings.base(session)) return
    if (after < this.holdings.durableTip(session)) this.due.add(session)
    else this.sendFork(session)
    this.pump()
  }

  /** Stops sending a session at once that the peer also gets elsewhere, unless it is made here. */
  enough(session: SessionId): void {
    this.eager.delete(session)
  }

  /** Segments became durable: sends those that are the peer's next. */
  stored(segments: readonly Segment[]): void {
    for (const segment of segments) {
      const session = hex(segment.session)
      if (!this.eager.has(session) && !this.holdings.own.has(session)) continue
      // A peer that is behind asks by itself; a session that is being read is sent in its turn.
      if (this.due.has(session) || this.sentTip(session) !== segment.seqFrom - 1) continue
      if (this.hasRoom(segment.bytes.length)) this.send(session, segment)
      else this.due.add(session)
    }
    this.pump()
  }

  /** The peer grants bytes. */
  grant(size: number): void {
    this.credit = Math.min(creditWindow, this.credit + size)
    // With less credit than the largest segment, another attempt could fail.
    if (this.credit >= maxSegmentSize) this.resume()
  }

  /** The connection takes more. */
  resume(): void {
    this.starved = false
    this.pump()
  }

  /** Sends nothing more. */
  close(): void {
    this.closed = true
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

  private pump(): void {
    if (!this.pumping) void this.run()
  }

  private async run(): Promise<void> {
    this.pumping = true
    try {
      for (let session = this.next(); session !== null; session = this.next())
        try {
          await this.serve(session)
        } catch {
          // The store was closed or is unreadable there: that is reported to the document's opener, not the
          // peer.
          this.due.delete(session)
        }
    } finally {
      this.pumping = false
    }
  }

  private next(): SessionId | null {
    if (this.closed || this.starved) return null
    const [session] = this.due
    return session ?? null
  }

  /** Reads on from what was sent, and sends in bursts, until all is sent or there is no room. */
  private async serve(session: SessionId): Promise<void> {
    const from = this.sentTip(session)
    // Not `starved`, which may have been cleared before the read ended.
    let stopped = false
    let batch: Segment[] = []
    let size = 0
    for await (const segment of this.log.signedSegments(session, from)) {
      if (this.closed) return
      stopped = !this.hasRoom(size + segment.bytes.length)
      this.starved = stopped
      if (stopped) break
      batch.push(segment)
      size += segment.bytes.length
      if (size < burst) continue
      this.sendAll(session, batch)
      batch = []
      size = 0
    }
    if (this.closed) return
    this.sendAll(session, batch)
    const tip = this.sentTip(session)
    if (tip >= this.holdings.durableTip(session)) {
      this.due.delete(session)
      this.sendFork(session)
    }
    // Segments that should be held but are not found would be read for again and again.
    else if (!stopped && tip === from) this.due.delete(session)
  }

  /** Sends the fork proof of a session, now that the peer knows the session and can verify the proof. */
  private sendFork(session: SessionId): void {
    const proof = this.holdings.isForked(session) ? this.log.forks().get(session) : undefined
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
