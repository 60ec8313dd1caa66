import { hasCode } from '../base/errors'
import { hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import { admissionOf, firstChain } from './format/admission'
import { contradict, makeForkProof } from './format/fork'
import { decodeSegment, decodeTipProof, type Segment, verifySegment } from './format/segment'
import type { SessionId } from './format/version-vector'
import type { Session } from './session'
import type { Standing } from './session-history'

/** How long a session that was switched to another history stays with it, in ms. Rule S12. */
export const switchInterval = 30_000

/** A segment from outside, with the certificate of its session if one came along. */
export interface Offer {
  readonly segment: Uint8Array
  readonly certificate: Uint8Array | null
}

/** State of a log that a judgement depends on. */
export interface JudgeContext {
  readonly documentId: Uint8Array
  /** W.publicKey; null while a reader waits for the manifest. */
  readonly verifyKey: Uint8Array | null
  /** False while nothing can be taken: writes fail, too much waits for the disk, or the quota is exhausted (S14). */
  readonly hasRoom: boolean
  /** Time of the clock, in ms. */
  readonly now: number
  readonly session: (id: SessionId) => Session | undefined
}

/**
 * Result of judging a segment. Where `runsElsewhere` is true, the session signed numbers past all that is accepted: if
 * it is live, another process uses it too.
 */
export type Judgement =
  /** It continues its session. `admitted`: certificate of a session that is not held yet. */
  | {
      readonly verdict: 'accepted'
      readonly segment: Segment
      readonly admitted: Uint8Array | null
      readonly runsElsewhere: boolean
    }
  /** It begins a history that wins over the held one (S12). `held`: tip proof of the held segment at its place. */
  | {
      readonly verdict: 'switch'
      readonly segment: Segment
      readonly certificate: Uint8Array
      readonly held: Uint8Array
    }
  /** It belongs to another history of its session, and is not taken. `proof` convicts the session, if this shows it. */
  | {
      readonly verdict: 'fork'
      readonly segment: Segment
      readonly proof: Uint8Array | null
      readonly runsElsewhere: boolean
    }
  /** It does not follow the held ones. */
  | { readonly verdict: 'gap'; readonly segment: Segment; readonly runsElsewhere: boolean }
  /** It lies behind the tip: held, unless a comparison with the stored segments shows another history. */
  | { readonly verdict: 'behind'; readonly segment: Segment }
  | { readonly verdict: 'duplicate' }
  /** The certificate of its session is missing, or cannot be checked before the manifest is here. */
  | { readonly verdict: 'unknown-session' }
  /** It breaks a rule: whoever sent it is at fault. */
  | { readonly verdict: 'invalid' }
  | { readonly verdict: 'busy' }

/** Decides whether a segment from outside may be taken. Changes nothing. Rules S2, S3, S7, S8, S12, C6. */
export function judge({ segment, certificate }: Offer, context: JudgeContext): Judgement {
  if (!context.hasRoom) return { verdict: 'busy' }
  try {
    return judgeSegment(decodeSegment(segment), certificate, context)
  } catch (error) {
    if (hasCode(error, 'MALFORMED')) return { verdict: 'invalid' }
    throw error
  }
}

function judgeSegment(segment: Segment, certificate: Uint8Array | null, context: JudgeContext): Judgement {
  const { documentId, verifyKey } = context
  const session = context.session(hex(segment.session))
  const admitted = session ? null : admissionOf(segment, certificate, documentId, verifyKey)
  if (session && sameBytes(session.tipProof, segment.tipProof)) return { verdict: 'duplicate' }
  const chain = session
    ? decodeTipProof(session.tipProof).chain
    : admitted && firstChain(documentId, segment.session, admitted)
  if (!chain) return { verdict: 'unknown-session' }
  if (!verifySegment(segment, documentId)) return { verdict: 'invalid' }
  const standing = session?.history?.standing(segment.tipProof) ?? 'beyond'
  if (standing === 'same') return { verdict: 'duplicate' }
  if (session && standing === 'smaller') return judgeSwitch(segment, session, certificate, context)
  return judgePlace(segment, { session, standing, chain, admitted })
}

/** Judges a segment, signed by its session, by its place after or beside the accepted ones. */
function judgePlace(
  segment: Segment,
  held: {
    readonly session: Session | undefined
    readonly standing: Standing
    /** Chain after the accepted segments. */
    readonly chain: Uint8Array
    readonly admitted: Uint8Array | null
  },
): Judgement {
  const { session, standing, chain, admitted } = held
  const tip = session?.tip ?? 0
  const runsElsewhere = segment.seqTo > tip
  const proof = session ? proofAgainst(session, segment) : null
  if (proof || standing !== 'beyond') return { verdict: 'fork', segment, proof, runsElsewhere }
  if (segment.seqTo <= tip) return { verdict: 'behind', segment }
  if (segment.seqFrom !== tip + 1) return { verdict: 'gap', segment, runsElsewhere }
  if (!sameBytes(segment.prevChain, chain)) return { verdict: 'invalid' }
  return { verdict: 'accepted', segment, admitted, runsElsewhere }
}

/** Judges the first segment of a history that precedes the held one in the order of S12. */
function judgeSwitch(
  segment: Segment,
  session: Session,
  certificate: Uint8Array | null,
  { documentId, verifyKey, now }: JudgeContext,
): Judgement {
  const refused: Judgement = { verdict: 'fork', segment, proof: null, runsElsewhere: false }
  // Another history may begin with another certificate.
  const admitted = admissionOf(segment, certificate, documentId, verifyKey) ?? session.certificate
  const start = firstChain(documentId, segment.session, admitted)
  if (segment.seqFrom === 1 && !sameBytes(segment.prevChain, start)) return refused
  // A clock that was set back must not delay it for long.
  const wait = session.switchableAt - now
  if (wait > 0 && wait <= switchInterval) return refused
  const held = session.history?.at(segment.seqFrom)
  return held ? { verdict: 'switch', segment, certificate: admitted, held } : refused
}

/**
 * Returns a proof that the session wrote two histories, if the accepted segment at the place of the offered one, or
 * the last one, contradicts it; else null. Rule S8.
 */
export function proofAgainst(
  session: Session,
  offered: Pick<Segment, 'seqFrom' | 'tipProof'>,
): Uint8Array | null {
  return contradictionOf(session.history?.at(offered.seqFrom) ?? session.tipProof, offered.tipProof)
}

/** Returns a fork proof of two tip proofs that contradict each other; null when they do not. */
export const contradictionOf = (held: Uint8Array, offered: Uint8Array): Uint8Array | null =>
  contradict(held, offered) ? makeForkProof(held, offered) : null
