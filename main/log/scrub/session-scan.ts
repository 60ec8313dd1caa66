import { hasCode } from '../../base/errors'
import { sameBytes } from '../../keys/bytes'
import type { Range, Store } from '../../storage/store'
import { decodeSegment, nextMark, type Segment, verifySegment } from '../format/segment'
import { segmentPlace, segmentRange } from '../format/store-keys'
import type { TimeSlicer } from './time-slicer'

/** Where a session stands: what follows has to go on from here. */
export interface Stand {
  readonly tip: number
  /** The chain after it; null where nothing is known that could follow. */
  readonly chain: Uint8Array | null
  /** Of the segment that ends there; null before the first. */
  readonly tipProof: Uint8Array | null
  readonly mark: Uint8Array
}

/** Result of scanning the rows of a session on the disk. */
export interface Reach {
  /** Up to where it is whole and sound. */
  readonly stand: Stand
  /** Keys of what does not belong there, the first ones of them. */
  readonly strays: readonly Uint8Array[]
  /** The highest number that the session itself has signed, of all that can be read. */
  readonly signed: number
  /** Bytes of all that lies past `stand`. */
  readonly beyond: number
}

/** Rows to scan, and where to start. */
export interface Rows {
  readonly store: Store
  readonly documentId: Uint8Array
  readonly session: Uint8Array
  readonly from: Stand
}

/** How they are scanned: in slices, until all are done or `isOver`. */
export interface Looking {
  readonly pace: TimeSlicer
  readonly isOver: () => boolean
}

/** Times that it is tried to read on where the database could not. */
const readTries = 2
/** Keys of strays that are remembered. */
const maxStrays = 10_000

/**
 * Looks through the segments of a session as they lie on the disk: each must be where it belongs, signed by the
 * session, and go on where the one before it ends. `last` is the tip proof that is known of the number `tip`. What
 * cannot be read is as if it were not there. Rule S15.
 */
export async function reachOf(
  rows: Rows,
  last: { tip: number; proof: Uint8Array } | null,
  looking: Looking | null = null,
): Promise<Reach> {
  const { documentId, session, from } = rows
  let stand = from
  let signed = 0
  let beyond = 0
  const strays: Uint8Array[] = []
  for await (const [key, bytes] of readable(rows.store, segmentRange(documentId, session, from.tip))) {
    const segment = soundAlone(key, bytes, rows)
    signed = Math.max(signed, segment?.seqTo ?? 0)
    // Two signatures under one header are two tip proofs: peers were told of one of them.
    const isOther = segment && segment.seqTo === last?.tip && !sameBytes(segment.tipProof, last.proof)
    const next = segment && !isOther ? follow(stand, segment) : null
    if (next) stand = next
    else if (strays.length < maxStrays) strays.push(key)
    beyond = next ? 0 : beyond + bytes.length
    if (looking?.isOver()) break
    if (looking?.pace.isOver) await looking.pace.pause()
  }
  return { stand, strays, signed, beyond }
}

/** Segments of a session that lie on the disk and go on from where it stands, up to the first that does not. */
export async function* following(rows: Rows): AsyncGenerator<Segment> {
  const { documentId, session } = rows
  let stand = rows.from
  for await (const [key, bytes] of readable(rows.store, segmentRange(documentId, session, stand.tip))) {
    const segment = soundAlone(key, bytes, rows)
    const next = segment && follow(stand, segment)
    if (!next) return
    stand = next
    yield segment
  }
}

/** Where a session stands after a segment; null when it does not go on from `stand`. */
function follow(stand: Stand, segment: Segment): Stand | null {
  const { seqFrom, seqTo, prevChain, chain } = segment
  if (seqFrom !== stand.tip + 1 || !stand.chain || !sameBytes(prevChain, stand.chain)) return null
  const tipProof = Uint8Array.from(segment.tipProof)
  return { tip: seqTo, chain: Uint8Array.from(chain), tipProof, mark: nextMark(stand.mark, tipProof) }
}

/** A segment that is what its key says and that its session has signed; null for anything else. */
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
  for (let failures = 0; failures < readTries; failures++)
    try {
      for await (const entry of store.entries({ ...range, gte })) {
        gte = Buffer.concat([entry[0], Buffer.of(0)])
        yield entry
      }
      return
    } catch (error) {
      // The database itself cannot read on from here, or could not just now.
      if (!hasCode(error, 'STORE_DAMAGED')) throw error
    }
}
