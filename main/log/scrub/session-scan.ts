import { hasCode } from '../../base/errors'
import { fromHex } from '../../base/hex'
import { sameBytes } from '../../keys/bytes'
import type { Range, Store } from '../../storage/store'
import { firstChain } from '../format/admission'
import {
  decodeSegment,
  decodeTipProof,
  nextMark,
  noMark,
  type Segment,
  verifySegment,
} from '../format/segment'
import { segmentPlace, segmentRange } from '../format/store-keys'
import type { SessionId } from '../format/version-vector'
import type { Base } from '../session-history'
import type { TimeSlicer } from './time-slicer'

/** Position in a session: the next segment has to continue from here. */
export interface Position {
  readonly tip: number
  /** Chain after it; null where nothing that could follow is known. */
  readonly chain: Uint8Array | null
  /** Tip proof of the segment that ends there; null before the first. */
  readonly tipProof: Uint8Array | null
  readonly mark: Uint8Array
}

/** Result of scanning the rows of a session on the disk. */
export interface Scan {
  /** End of what is complete and sound. */
  readonly end: Position
  /** Keys of the first rows that do not belong there. */
  readonly strays: readonly Uint8Array[]
  /** Highest number that the session itself has signed, of all that can be read. */
  readonly signed: number
  /** Bytes of all rows past `end`. */
  readonly beyond: number
}

/** Rows to scan, and where to start. */
export interface Rows {
  readonly store: Store
  readonly documentId: Uint8Array
  readonly session: Uint8Array
  readonly from: Position
}

/** Conditions of a scan: it pauses by the slicer, and ends early when `isOver` returns true. */
export interface Pacing {
  readonly pace: TimeSlicer
  readonly isOver: () => boolean
}

/** Attempts to read on where the database could not. */
const maxReadings = 2
/** Keys of strays that are kept. */
const maxStrays = 10_000

/**
 * Scans the segments of a session on the disk: each must lie at its place, be signed by the session, and continue the
 * one before it. `last` is the tip proof that is known of the number `tip`. Unreadable rows count as missing. Rule S15.
 */
export async function scanSession(
  rows: Rows,
  last: { tip: number; proof: Uint8Array } | null,
  pacing: Pacing | null = null,
): Promise<Scan> {
  const { documentId, session, from } = rows
  let end = from
  let signed = 0
  let beyond = 0
  const strays: Uint8Array[] = []
  for await (const [key, bytes] of readable(rows.store, segmentRange(documentId, session, from.tip))) {
    const segment = soundAlone(key, bytes, rows)
    signed = Math.max(signed, segment?.seqTo ?? 0)
    // Two signatures under one header are two tip proofs, and peers have been sent one of them.
    const isOther = segment && segment.seqTo === last?.tip && !sameBytes(segment.tipProof, last.proof)
    const next = segment && !isOther ? follow(end, segment) : null
    if (next) end = next
    else if (strays.length < maxStrays) strays.push(key)
    beyond = next ? 0 : beyond + bytes.length
    if (pacing?.isOver()) break
    if (pacing?.pace.isOver) await pacing.pace.pause()
  }
  return { end, strays, signed, beyond }
}

/** Yields the segments on the disk that continue from a position, up to the first row that does not. */
export async function* continuation(rows: Rows): AsyncGenerator<Segment> {
  const { documentId, session } = rows
  let end = rows.from
  for await (const [key, bytes] of readable(rows.store, segmentRange(documentId, session, end.tip))) {
    const segment = soundAlone(key, bytes, rows)
    const next = segment && follow(end, segment)
    if (!next) return
    end = next
    yield segment
  }
}

/**
 * Returns the position where the segments of a session begin: after its base, or else before its first change. Without
 * a base and a certificate nothing can follow.
 */
export function startOf(
  documentId: Uint8Array,
  session: SessionId,
  certificate: Uint8Array | null,
  base: Base | null,
): Position {
  if (base) return { ...base, tip: base.seq, chain: decodeTipProof(base.tipProof).chain }
  const chain = certificate && firstChain(documentId, fromHex(session), certificate)
  return { tip: 0, chain, tipProof: null, mark: noMark }
}

/** Returns the position after a segment; null when the segment does not continue from `end`. */
function follow(end: Position, segment: Segment): Position | null {
  const { seqFrom, seqTo, prevChain, chain } = segment
  if (seqFrom !== end.tip + 1 || !end.chain || !sameBytes(prevChain, end.chain)) return null
  const tipProof = Uint8Array.from(segment.tipProof)
  return { tip: seqTo, chain: Uint8Array.from(chain), tipProof, mark: nextMark(end.mark, tipProof) }
}

/** Returns a segment that agrees with its key and is signed by its session; null for anything else. */
function soundAlone(key: Uint8Array, bytes: Uint8Array, { documentId, session }: Rows): Segment | null {
  try {
    const segment = decodeSegment(bytes)
    const isPlaced = segmentPlace(key).seqTo === segment.seqTo && sameBytes(segment.session, session)
    return isPlaced && verifySegment(segment, documentId) ? segment : null
  } catch (error) {
    if (hasCode(error, 'MALFORMED')) return null
    throw error
  }
}

async function* readable(store: Store, range: Range): AsyncGenerator<[Uint8Array, Uint8Array]> {
  let { gte } = range
  for (let failures = 0; failures < maxReadings; failures++)
    try {
      for await (const entry of store.entries({ ...range, gte })) {
        gte = Buffer.concat([entry[0], Buffer.of(0)])
        yield entry
      }
      return
    } catch (error) {
      // The database cannot read on from here, or could not at that moment.
      if (!hasCode(error, 'STORE_DAMAGED')) throw error
    }
}
