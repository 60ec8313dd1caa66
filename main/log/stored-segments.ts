import { hasCode, SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import type { Range, Store } from '../storage/store'
import { decodeSegment, type Segment, verifySegment } from './format/segment'
import { segmentPlace } from './format/store-keys'
import type { SessionId } from './format/version-vector'

/** Known start and end of a session's segments. */
export interface SessionEnds {
  /** The number after which its segments begin; what lies before stands in a snapshot. */
  readonly base: number
  /** The chain there: before its first change where there is no snapshot. */
  readonly start: () => Uint8Array
  /** Number of its last change, and tip proof of its last segment; 0 and null before the first. */
  readonly tip: number
  readonly tipProof: Uint8Array | null
}

/**
 * The segments in a range of the store, in the order of their keys. What was altered on the disk must not be
 * taken for its author's work or given to peers, who would blame this program: each has to be at its place
 * and to follow the one before it, the first and the last of a session to be what `endsOf` says. Of a session that
 * is unknown (null), and past the end of one, there is nothing. Signatures were checked before it was written.
 * Throws STORE_DAMAGED.
 */
export async function* storedSegments(
  store: Store,
  range: Range,
  endsOf: (session: SessionId) => SessionEnds | null,
): AsyncGenerator<Segment> {
  let before: Segment | null = null
  for await (const [key, bytes] of store.entries(range)) {
    const { session, seqTo } = segmentPlace(key)
    const ends = endsOf(hex(session))
    // Left over from before the snapshot, or from before something in front of it was damaged.
    if (!ends || seqTo <= ends.base || seqTo > ends.tip) continue
    const segment = readStored(() => decodeSegment(bytes))
    if (!sameBytes(segment.session, session) || segment.seqTo !== seqTo) throw damaged()
    if (segment.seqFrom === ends.base + 1 && !sameBytes(ends.start(), segment.prevChain)) throw damaged()
    if (before && sameBytes(before.session, session) && !follows(segment, before)) throw damaged()
    const { tip, tipProof } = ends
    if (tipProof && tip === seqTo && !sameBytes(tipProof, segment.tipProof)) throw damaged()
    before = segment
    yield segment
  }
}

/** The same segments, with their signatures checked too. Throws STORE_DAMAGED. */
export async function* signed(
  segments: AsyncIterable<Segment>,
  documentId: Uint8Array,
): AsyncGenerator<Segment> {
  for await (const segment of segments) {
    if (!verifySegment(segment, documentId)) throw damaged()
    yield segment
  }
}

/** The same segments; `found` is called when they turn out to be damaged. */
export async function* watched(segments: AsyncIterable<Segment>, found: () => void): AsyncGenerator<Segment> {
  try {
    yield* segments
  } catch (error) {
    if (hasCode(error, 'STORE_DAMAGED')) found()
    throw error
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

const follows = (segment: Segment, before: Segment): boolean =>
  segment.seqFrom === before.seqTo + 1 && sameBytes(segment.prevChain, before.chain)
