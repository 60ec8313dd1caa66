import { sameBytes } from '../keys/bytes'
import { compareHeaders, shareRoot } from './format/fork-choice'
import { decodeTipProof, nextMark, noMark } from './format/segment'

/** Tip proof of a held segment, with its numbers. */
interface Entry {
  readonly seqFrom: number
  readonly seqTo: number
  readonly tipProof: Uint8Array
}

/**
 * Relation of an offered segment to the held history. 'beyond': it lies past the end. 'same': it is held. 'apart': it
 * belongs to another history, which branched off earlier. 'smaller' and 'larger': it is the first segment of another
 * history, which precedes or follows the held one in the order of S12.
 */
export type Standing = 'beyond' | 'same' | 'apart' | 'smaller' | 'larger'

/** End of the part of a session that a snapshot holds: segments continue from there. Rule T4. */
export interface Base {
  /** Number of the last change. */
  readonly seq: number
  readonly tipProof: Uint8Array
  /** Mark of all segments up to there (S11). */
  readonly mark: Uint8Array
}

/** Read-only side of a session's history. */
export type HistoryView = Pick<SessionHistory, 'tip' | 'at' | 'standing'>

/** Tip proofs of the held segments of one session, in order, for comparison with offered segments. */
export class SessionHistory {
  private readonly entries: Entry[] = []
  private readonly base: Base | null

  /** Segments up to `base` are not held. */
  constructor(base: Base | null = null) {
    this.base = base
  }

  /** Number of the last change; 0 while it is empty. */
  get tip(): number {
    return this.entries.at(-1)?.seqTo ?? this.base?.seq ?? 0
  }

  /** Tip proof of the last segment; null while it is empty. */
  get tipProof(): Uint8Array | null {
    return this.entries.at(-1)?.tipProof ?? this.base?.tipProof ?? null
  }

  /** Mark of the whole history. Rule S11. */
  get mark(): Uint8Array {
    return this.entries.reduce((mark, { tipProof }) => nextMark(mark, tipProof), this.base?.mark ?? noMark)
  }

  /** Adds the tip proof of the next segment, and keeps these bytes. */
  add(tipProof: Uint8Array): void {
    const { seqFrom, seqTo } = decodeTipProof(tipProof)
    this.entries.push({ seqFrom, seqTo, tipProof })
  }

  /** Returns the tip proof of the segment that contains the change `seq`, or null. */
  at(seq: number): Uint8Array | null {
    const entry = this.entries[this.indexOf(seq)]
    return entry && entry.seqFrom <= seq ? entry.tipProof : null
  }

  /** Returns the relation of an offered segment, given as its tip proof, to this history. */
  standing(tipProof: Uint8Array): Standing {
    const offered = decodeTipProof(tipProof)
    // Changes in a snapshot are final: there is nothing left to compare them with.
    if (this.base && offered.seqFrom <= this.base.seq)
      return sameBytes(tipProof, this.base.tipProof) ? 'same' : 'apart'
    const entry = this.entries[this.indexOf(offered.seqFrom)]
    if (!entry) {
      const { tipProof: last } = this
      const follows = last !== null && offered.seqFrom === this.tip + 1
      return follows && !sameBytes(offered.prevChain, decodeTipProof(last).chain) ? 'apart' : 'beyond'
    }
    const order = compareHeaders(tipProof, entry.tipProof)
    if (order === 0) return 'same'
    if (!shareRoot(offered, decodeTipProof(entry.tipProof))) return 'apart'
    return order < 0 ? 'smaller' : 'larger'
  }

  /** Removes the segment that begins at `seqFrom` and all after it; returns the last numbers of the removed ones. */
  cut(seqFrom: number): number[] {
    return this.entries.splice(this.indexOf(seqFrom)).map(({ seqTo }) => seqTo)
  }

  /** Returns the index of the first segment that ends at `seq` or later. */
  private indexOf(seq: number): number {
    let [from, to] = [0, this.entries.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.entries[middle]?.seqTo ?? 0) < seq) from = middle + 1
      else to = middle
    }
    return from
  }
}
