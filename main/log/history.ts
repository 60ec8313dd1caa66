import { sameBytes } from '../keys/bytes'
import { signatureSize } from '../keys/signature'
import { decodeTipProof, nextMark, noMark, type SegmentHeader, tipProofSize } from './format/segment'

/** A segment that is held, as far as histories are compared. */
interface Held {
  readonly seqFrom: number
  readonly seqTo: number
  readonly tipProof: Uint8Array
}

/**
 * How a segment that is offered stands to those that are held. 'beyond': past all of them. 'same': one of
 * them. 'apart': it is of another history that left this one before it. 'smaller' and 'larger': it is the
 * first of another history, which comes before or after this one in the order of S12.
 */
export type Standing = 'beyond' | 'same' | 'apart' | 'smaller' | 'larger'

/** The end of what a snapshot holds of a session: segments go on from there. Rule T4. */
export interface Base {
  /** The number of the last change. */
  readonly seq: number
  readonly tipProof: Uint8Array
  /** Of all segments up to there (S11). */
  readonly mark: Uint8Array
}

/** The held segments of one session, in order from the first, for comparison with offered ones. */
export class History {
  private readonly held: Held[] = []
  private readonly base: Base | null

  /** `base`: the segments before are not held. */
  constructor(base: Base | null = null) {
    this.base = base
  }

  /** The last number; 0 for none. */
  get tip(): number {
    return this.held.at(-1)?.seqTo ?? this.base?.seq ?? 0
  }

  /** The tip proof of the last segment, or null. */
  get tipProof(): Uint8Array | null {
    return this.held.at(-1)?.tipProof ?? this.base?.tipProof ?? null
  }

  /** The mark of all of it. Rule S11. */
  get mark(): Uint8Array {
    return this.held.reduce((mark, { tipProof }) => nextMark(mark, tipProof), this.base?.mark ?? noMark)
  }

  /** Adds the tip proof of the segment that follows; it is kept. */
  add(tipProof: Uint8Array): void {
    const { seqFrom, seqTo } = decodeTipProof(tipProof)
    this.held.push({ seqFrom, seqTo, tipProof })
  }

  /** The tip proof of the segment that holds a number, or null. */
  at(seq: number): Uint8Array | null {
    const held = this.held[this.indexOf(seq)]
    return held && held.seqFrom <= seq ? held.tipProof : null
  }

  /** How an offered segment, or its tip proof alone, stands to this. */
  standing(tipProof: Uint8Array): Standing {
    const offered = decodeTipProof(tipProof)
    // Changes in a snapshot are settled: there is nothing left to compare them with.
    if (this.base && offered.seqFrom <= this.base.seq)
      return sameBytes(tipProof, this.base.tipProof) ? 'same' : 'apart'
    const held = this.held[this.indexOf(offered.seqFrom)]
    if (!held) {
      const { tipProof: last } = this
      const follows = last !== null && offered.seqFrom === this.tip + 1
      return follows && !sameBytes(offered.prevChain, decodeTipProof(last).chain) ? 'apart' : 'beyond'
    }
    const order = compareHeaders(tipProof, held.tipProof)
    if (order === 0) return 'same'
    if (!shareRoot(offered, decodeTipProof(held.tipProof))) return 'apart'
    return order < 0 ? 'smaller' : 'larger'
  }

  /**
   * Drops the segment that begins at `seqFrom` and all after it; returns the last numbers of those dropped.
   */
  cut(seqFrom: number): number[] {
    return this.held.splice(this.indexOf(seqFrom)).map(({ seqTo }) => seqTo)
  }

  /** The place of the first segment that ends at `seq` or after. */
  private indexOf(seq: number): number {
    let [from, to] = [0, this.held.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.held[middle]?.seqTo ?? 0) < seq) from = middle + 1
      else to = middle
    }
    return from
  }
}

/**
 * True if two segments follow the same history, as the first ones in which two histories differ do. A
 * session's first segment follows its certificate, and a cheat may have made two: those chains may differ.
 */
export const shareRoot = (a: SegmentHeader, b: SegmentHeader): boolean =>
  a.seqFrom === b.seqFrom && (a.seqFrom === 1 || sameBytes(a.prevChain, b.prevChain))

/** The order of segments, given as tip proofs, that share a root: by chain, then by header. Rule S12. */
export function compareHeaders(a: Uint8Array, b: Uint8Array): number {
  const byChain = Buffer.compare(decodeTipProof(a).chain, decodeTipProof(b).chain)
  return byChain || Buffer.compare(headerOf(a), headerOf(b))
}

const headerOf = (tipProof: Uint8Array): Uint8Array => tipProof.subarray(0, tipProofSize - signatureSize)
