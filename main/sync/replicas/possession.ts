import c from 'compact-encoding'
import { fromHex } from '../../base/hex'
import { kdf } from '../../keys/hash'
import type { DocumentLog } from '../../log/document-log'
import type { SessionId } from '../../log/format/version-vector'

/** Size of segments in one proof, in bytes, from which on no other segment is added. Rule W73. */
const maxProvenSize = 64 * 1024
/** Maximum number of segments that one spot adds to a proof. Rule W73. */
export const maxSpotSegments = 16
/** Maximum number of tip proofs in one proof that are not their session's last, and so have to be read. Rule W73. */
const maxLooks = 64

/** A part of a session that is to be proven. */
export interface Spot {
  readonly session: SessionId
  /** The bytes of segments are proven from the one that has this change on; 0 for no bytes. */
  readonly from: number
  /** The last change that is to be proven. */
  readonly tip: number
}

/** The parts of a log that are needed to prove possession. */
export type ProvableLog = Pick<DocumentLog, 'vector' | 'tipProofAt' | 'segments'>

/**
 * Computes a proof that requires the segments of the spots: a hash keyed with the asker's nonce (32 bytes) over the
 * public key of the proving instance and, for each spot, the session, the tip, the tip proof of the segment that
 * ends there and the bytes of the picked segments. Returns null where a spot is not stored here, or where more would
 * have to be read than a peer may demand. Rejects with STORE_DAMAGED. Rule W73.
 */
export async function provePossession(
  log: ProvableLog,
  options: { nonce: Uint8Array; instance: Uint8Array; spots: readonly Spot[] },
): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [options.instance]
  let size = 0
  let looks = 0
  for (const spot of options.spots) {
    const { session, tip } = spot
    if (tip !== log.vector.get(session)?.tip && ++looks > maxLooks) return null
    const tipProof = await log.tipProofAt(session, tip)
    if (!tipProof) return null
    parts.push(fromHex(session), c.encode(c.uint32, tip), tipProof)
    for await (const bytes of segmentsOf(log, spot, maxProvenSize - size)) {
      parts.push(bytes)
      size += bytes.length
    }
  }
  return kdf(options.nonce, 'held', ...parts)
}

/** Reads the segments of a spot until `room` bytes are exceeded; the last one is read whole. */
async function* segmentsOf(log: ProvableLog, { session, from, tip }: Spot, room: number) {
  // Segments below the base are in a snapshot, whose bytes may differ between the two sides.
  if (from <= (log.vector.get(session)?.base ?? 0) || from > tip || room <= 0) return
  let count = 0
  let size = 0
  for await (const { seqFrom, bytes } of log.segments(session, from - 1)) {
    if (seqFrom > tip) return
    yield bytes
    size += bytes.length
    if (++count === maxSpotSegments || size >= room) return
  }
}
