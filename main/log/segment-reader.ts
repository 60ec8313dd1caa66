import { hasCode, SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import type { Range, Store } from '../storage/store'
import { firstChain } from './format/admission'
import { decodeSegment, decodeTipProof, type Segment, verifySegment } from './format/segment'
import { allSegmentsRange, segmentPlace, segmentRange } from './format/store-keys'
import type { SessionId } from './format/version-vector'
import type { Session } from './session'
import type { SessionTable } from './session-table'

/**
 * Reads the durable segments of a log. Data that was altered on the disk must not be taken for its author's work or
 * given to peers, who would blame this program: each segment has to lie at its place and to continue the one before
 * it, and the first and last of a session have to be the accepted ones. Signatures were checked before segments were
 * written. All readers throw STORE_DAMAGED.
 */
export class SegmentReader {
  private readonly store: Store
  private readonly documentId: Uint8Array
  private readonly sessions: SessionTable
  private readonly onDamage: () => void

  /** Calls `onDamage` each time that a reader finds damage. */
  constructor(options: {
    store: Store
    documentId: Uint8Array
    sessions: SessionTable
    onDamage: () => void
  }) {
    this.store = options.store
    this.documentId = options.documentId
    this.sessions = options.sessions
    this.onDamage = options.onDamage
  }

  /** Segments of a session that hold changes past `after` and its base, in order. */
  of(session: SessionId, after: number): AsyncIterable<Segment> {
    return this.watched(this.stored(segmentRange(this.documentId, fromHex(session), after)))
  }

  /** The same segments, each with its signature checked again. */
  signed(session: SessionId, after: number): AsyncIterable<Segment> {
    return this.watched(this.verified(session, after))
  }

  /** Segments of all sessions, session by session, each in order. */
  all(): AsyncIterable<Segment> {
    return this.watched(this.complete())
  }

  /**
   * Returns the tip proof of the segment whose last change has the number `seq`, also where a snapshot replaced it;
   * null when no held segment ends there.
   */
  async tipProofAt(id: SessionId, seq: number): Promise<Uint8Array | null> {
    const session = this.sessions.get(id)
    if (!session) return null
    if (session.tip === seq) return session.tipProof
    if (session.base?.seq === seq) return session.base.tipProof
    for await (const segment of this.of(id, seq - 1)) return segment.seqTo === seq ? segment.tipProof : null
    return null
  }

  private async *stored(range: Range): AsyncGenerator<Segment> {
    let before: Segment | null = null
    for await (const [key, bytes] of this.store.entries(range)) {
      const { session: sessionKey, seqTo } = segmentPlace(key)
      const session = this.sessions.get(hex(sessionKey))
      // Left over from before the snapshot, or from before something in front of it was damaged.
      if (!session || seqTo <= baseOf(session) || seqTo > session.tip) continue
      const segment = readStored(() => decodeSegment(bytes))
      if (!sameBytes(segment.session, sessionKey) || segment.seqTo !== seqTo) throw damaged()
      if (before && sameBytes(before.session, sessionKey) && !follows(segment, before)) throw damaged()
      if (!this.fitsEnds(segment, session)) throw damaged()
      before = segment
      yield segment
    }
  }

  /** Returns false for a segment at the start or the end of its session that is not the accepted one. */
  private fitsEnds(segment: Segment, session: Session): boolean {
    if (segment.seqTo === session.tip && !sameBytes(session.tipProof, segment.tipProof)) return false
    if (segment.seqFrom !== baseOf(session) + 1) return true
    const { base, key, certificate } = session
    const start = base ? decodeTipProof(base.tipProof).chain : firstChain(this.documentId, key, certificate)
    return sameBytes(start, segment.prevChain)
  }

  private async *verified(session: SessionId, after: number): AsyncGenerator<Segment> {
    for await (const segment of this.stored(segmentRange(this.documentId, fromHex(session), after))) {
      if (!verifySegment(segment, this.documentId)) throw damaged()
      yield segment
    }
  }

  /** Throws also when a session does not begin at its base, or does not reach its durable end. */
  private async *complete(): AsyncGenerator<Segment> {
    const tips = [...this.sessions.vector].map(([id, { tip }]) => [id, tip] as const)
    const ends = new Map<SessionId, number>()
    const baseOfId = (id: SessionId) => this.sessions.get(id)?.base?.seq ?? 0
    for await (const segment of this.stored(allSegmentsRange(this.documentId))) {
      const id = hex(segment.session)
      if (!ends.has(id) && segment.seqFrom !== baseOfId(id) + 1) throw damaged()
      ends.set(id, segment.seqTo)
      yield segment
    }
    for (const [id, tip] of tips) {
      // Lower than before only if its end was dropped meanwhile.
      const held = Math.min(tip, this.sessions.durableTip(id))
      if ((ends.get(id) ?? baseOfId(id)) < held) throw damaged()
    }
  }

  private async *watched(segments: AsyncIterable<Segment>): AsyncGenerator<Segment> {
    try {
      yield* segments
    } catch (error) {
      if (hasCode(error, 'STORE_DAMAGED')) this.onDamage()
      throw error
    }
  }
}

/** Returns the result of `read`; turns every error into STORE_DAMAGED. */
export function readStored<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw damaged(cause)
  }
}

/** Error for data on the disk that differs from what was written. */
export const damaged = (cause?: unknown): SwarmpadError =>
  new SwarmpadError('STORE_DAMAGED', { part: 'document' }, { cause })

const baseOf = ({ base }: Session): number => base?.seq ?? 0

const follows = (segment: Segment, before: Segment): boolean =>
  segment.seqFrom === before.seqTo + 1 && sameBytes(segment.prevChain, before.chain)
