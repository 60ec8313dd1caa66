import { SwarmpadError } from '../../base/errors'
import { hex } from '../../base/hex'
import { sameBytes } from '../../keys/bytes'
import { shareRoot } from './fork-choice'
import { decodeTipProof, headerOf, type SegmentHeader, tipProofSize, verifyTipProof } from './segment'
import type { SessionId } from './version-vector'

/** Size of a fork proof in bytes: two tip proofs. */
export const forkProofSize = 2 * tipProofSize

/**
 * Returns true if two tip proofs show that a session wrote two histories: their headers differ and share a
 * sequence number, or one begins where the other ends but from another chain. Both must be verified and
 * of one session. Rule S8.
 */
export function contradict(a: Uint8Array, b: Uint8Array): boolean {
  const [first, second] = [decodeTipProof(a), decodeTipProof(b)]
  if (!sameBytes(first.session, second.session) || sameBytes(headerOf(a), headerOf(b))) return false
  return overlap(first, second) || breaks(first, second) || breaks(second, first)
}

/** Returns a proof of two tip proofs that contradict each other; their order does not matter. */
export function makeForkProof(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Buffer.concat(Buffer.compare(a, b) < 0 ? [a, b] : [b, a])
}

/** Returns the session (32 bytes) that a proof convicts, after checking the proof. Throws MALFORMED. */
export function verifyForkProof(proof: Uint8Array, documentId: Uint8Array): Uint8Array {
  if (proof.length !== forkProofSize) throw unsound()
  const a = proof.subarray(0, tipProofSize)
  const b = proof.subarray(tipProofSize)
  if (!contradict(a, b) || !verifyTipProof(a, documentId) || !verifyTipProof(b, documentId)) throw unsound()
  return decodeTipProof(a).session
}

/** Returns the session that a verified proof convicts. */
export const sessionOfFork = (proof: Uint8Array): SessionId =>
  hex(decodeTipProof(proof.subarray(0, tipProofSize)).session)

/**
 * Returns the number after which to ask for a session to get the first segment that differs: the number before that
 * segment when the proof shows it, else 0.
 */
export function forkRoot(proof: Uint8Array): number {
  const first = decodeTipProof(proof.subarray(0, tipProofSize))
  const second = decodeTipProof(proof.subarray(tipProofSize))
  return shareRoot(first, second) ? first.seqFrom - 1 : 0
}

/** Returns the two tip proofs of a fork proof. */
export const sidesOf = (proof: Uint8Array): [Uint8Array, Uint8Array] => [
  proof.subarray(0, tipProofSize),
  proof.subarray(tipProofSize),
]

const overlap = (a: SegmentHeader, b: SegmentHeader): boolean => a.seqFrom <= b.seqTo && b.seqFrom <= a.seqTo

const breaks = (before: SegmentHeader, after: SegmentHeader): boolean =>
  after.seqFrom === before.seqTo + 1 && !sameBytes(after.prevChain, before.chain)

const unsound = (): SwarmpadError => new SwarmpadError('MALFORMED', { why: 'a proof of no contradiction' })
