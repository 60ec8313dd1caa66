import c from 'compact-encoding'
import { fromHex } from '../../base/hex'
import { kdf } from '../../keys/hash'
import type { DocumentLog } from '../../log/document-log'
import type { SessionId } from '../../log/format/version-vector'

/** Bytes of segments in one proof after which no other segment goes in; the last one goes in whole. Rule W73. */
export const maxProvenSize = 64 * 1024
/** Segments that one spot brings into a proof at most. Rule W73. */
export const maxSpotSegments = 16
/** Ends of segments that are not their session's last, and so have to be read, in one proof. Rule W73. */
export const maxLooks = 64

/** A part of a session that is to be proven. */
export interface Spot {
  readonly session: SessionId
  /** The bytes of segments go in from the one that holds this change on; 0 for no bytes. */
  readonly from: number
  /** The last change that is proven to be held. */
  readonly tip: number
}

/**
 * Computes a proof that requires holding the spots: a hash keyed with the asker's nonce (32 bytes) over the
 * public key of the proving instance and, for each spot, the session, the tip, the tip proof of the segment
 * that ends there and the bytes of the picked segments. Null where a spot is not held here, or where more
 * would have to be read than a peer may demand. Rejects with STORE_DAMAGED. Rule W73.
 */
export async function provePossession(
  log: Pick<DocumentLog, 'vector' | 'tipProofAt' | 'segments'>,
  options: { nonce: Uint8Array; instance: Uint8Array; spots: readonly Spot[] },
): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [options.instance]
  let size = 0
  let looks = 0
  for (const { session, from, tip } of options.spots) {
    const { tip: last = 0, base = 0 } = log.vector.get(session) ?? {}
    if (tip !== last && ++looks > maxLooks) return null
    const tipProof = await log.tipProofAt(session, tip)
    if (!tipProof) return null
    parts.push(fromHex(session), c.encode(c.uint32, tip), tipProof)
    // Segments below the base are in a snapshot, whose bytes may differ between two sides.
    if (from <= base || from > tip || size >= maxProvenSize) continue
    let count = 0
    for await (const { seqFrom, bytes } of log.segments(session, from - 1)) {
      if (seqFrom > tip) break
      parts.push(bytes)
      size += bytes.length
      if (++count === maxSpotSegments || size >= maxProvenSize) break
    }
  }
  return kdf(options.nonce, 'held', ...parts)
}
