import { sameBytes } from '../../keys/bytes'
import { decodeTipProof, headerOf, type SegmentHeader } from './segment'

/**
 * Returns true if two segments continue the same history, as the first ones in which two histories differ do. The
 * first segment of a session follows its certificate, of which a cheat may have made two: those chains may differ.
 */
export const shareRoot = (a: SegmentHeader, b: SegmentHeader): boolean =>
  a.seqFrom === b.seqFrom && (a.seqFrom === 1 || sameBytes(a.prevChain, b.prevChain))

/**
 * Orders the tip proofs of two segments that share a root, by chain, then by header. Everyone continues the history
 * of the smaller one. Rule S12.
 */
export function compareHeaders(a: Uint8Array, b: Uint8Array): number {
  const byChain = Buffer.compare(decodeTipProof(a).chain, decodeTipProof(b).chain)
  return byChain || Buffer.compare(headerOf(a), headerOf(b))
}
