import { fromHex } from '../base/hex'
import type { Write } from '../storage/store'
import { hashCertificate } from './format/certificate'
import { chainStart, decodeTipProof, nextMark, noMark, type Segment } from './format/segment'
import { type SessionRecord, segmentKey, sessionKey, sizeKey } from './format/store-keys'
import type { SessionId } from './format/version-vector'
import type { Base, History } from './history'
import type { SessionEnds } from './stored-segments'

/** In-memory state of a session: about 1.3 kB, whatever the length of the session. */
export interface SessionState {
  certificate: Uint8Array
  /** Of the last segment accepted. */
  tipProof: Uint8Array | null
  tip: number
  /** Of what was accepted (S11). */
  mark: Uint8Array
  /** Where its segments begin, when what lies before stands in a snapshot. */
  base: Base | null
  /** A proof that the session wrote two histories. */
  fork: Uint8Array | null
  /** Its held segments, once they are to be compared with another history. */
  history: History | null
  /** Until then (ms) it is not switched to another history. Rule S12. */
  settledUntil: number
  /** Made in this profile. */
  own: boolean
  /** Its secret is in this process. */
  live: boolean
}

/** A stretch at the end of a session that is dropped for another history. */
export interface Cut {
  readonly session: Uint8Array
  readonly state: SessionState
  /** Number of the last change that stays. */
  readonly after: number
  /** The last numbers of the segments that go. */
  readonly ends: readonly number[]
}

/** An entry to be written: segments, a fork proof or a cut; the cut comes before the segments. */
export interface LogEntry {
  readonly cut: Cut | null
  readonly segments: readonly {
    readonly segment: Segment
    readonly state: SessionState
    /** After the segment. */
    readonly mark: Uint8Array
  }[]
  readonly proof: { readonly session: Uint8Array; readonly bytes: Uint8Array } | null
  /** Bases that sessions get. */
  readonly settled: readonly SettledState[]
  /** Written beside all that, after it. */
  readonly records: readonly Write[]
}

/** A session of which a snapshot takes the place of segments. */
export interface SettledState {
  readonly session: Uint8Array
  readonly state: SessionState
  readonly base: Base
  /** Less of it was held before, or nothing. */
  readonly raises: boolean
}

/** A session of which nothing is held yet. */
export const newState = (certificate: Uint8Array): SessionState => ({
  certificate,
  tipProof: null,
  tip: 0,
  mark: noMark,
  base: null,
  fork: null,
  history: null,
  settledUntil: 0,
  own: false,
  live: false,
})

/** Moves a session's tip to the end of a segment. */
export function advance(state: SessionState, segment: Segment): void {
  state.tip = segment.seqTo
  state.mark = nextMark(state.mark, segment.tipProof)
  // A copy: a view would keep the whole segment in memory.
  state.tipProof = Uint8Array.from(segment.tipProof)
  state.history?.add(state.tipProof)
}

/**
 * The records of entries, to be written in one batch: segments with their sessions' tips, and the
 * certificate beside a session's first segment. Rules C6, S9.
 */
export function writesOf(documentId: Uint8Array, entries: readonly LogEntry[]): Write[] {
  const writes: Write[] = []
  const tips = new Map<SessionState, { segment: Segment; mark: Uint8Array }>()
  for (const { segments, proof, cut, settled, records } of entries) {
    writes.push(...baseWrites(documentId, settled), ...records)
    for (const end of cut?.ends ?? [])
      writes.push({ key: segmentKey(documentId, cut?.session ?? noMark, end), value: null })
    if (proof) writes.push({ key: sessionKey('fork', documentId, proof.session), value: proof.bytes })
    for (const { segment, state, mark } of segments) {
      const { session, seqFrom, seqTo, bytes } = segment
      if (seqFrom === 1) {
        writes.push({ key: sessionKey('certificate', documentId, session), value: state.certificate })
        if (state.own) writes.push({ key: sessionKey('own', documentId, session), value: new Uint8Array(0) })
      }
      writes.push({ key: segmentKey(documentId, session, seqTo), value: bytes })
      tips.set(state, { segment, mark })
    }
  }
  for (const { segment, mark } of tips.values()) {
    const value = Buffer.concat([segment.tipProof, mark])
    writes.push({ key: sessionKey('tip', documentId, segment.session), value })
  }
  return writes
}

/** The records of segments alone. */
export const segmentWrites = (documentId: Uint8Array, segments: readonly Segment[]): Write[] =>
  segments.map(({ session, seqTo, bytes }) => ({ key: segmentKey(documentId, session, seqTo), value: bytes }))

/** All that is written of a session beside its segments. */
export function sessionWrites(documentId: Uint8Array, session: SessionId, state: SessionState): Write[] {
  const { certificate, tipProof, mark, base, own, fork } = state
  const of = (kind: SessionRecord, ...parts: readonly Uint8Array[]): Write => ({
    key: sessionKey(kind, documentId, fromHex(session)),
    value: Buffer.concat(parts),
  })
  return [
    of('certificate', certificate),
    ...(tipProof ? [of('tip', tipProof, mark)] : []),
    ...(base ? [of('base', base.tipProof, base.mark)] : []),
    ...(own ? [of('own')] : []),
    ...(fork ? [of('fork', fork)] : []),
  ]
}

/** The records of bases. A session that was held to less, or not at all, is held to its base with them. Rule T4. */
const baseWrites = (documentId: Uint8Array, sessions: readonly SettledState[]): Write[] =>
  sessions.flatMap(({ session, state, base, raises }) => {
    const value = Buffer.concat([base.tipProof, base.mark])
    const write = { key: sessionKey('base', documentId, session), value }
    if (!raises) return [write]
    const certificate = { key: sessionKey('certificate', documentId, session), value: state.certificate }
    return [write, certificate, { key: sessionKey('tip', documentId, session), value }]
  })

/** Look-up of the start and end of a session, for checking its segments; null for an unknown one. */
export const endsIn =
  (documentId: Uint8Array, sessions: ReadonlyMap<SessionId, SessionState>) =>
  (session: SessionId): SessionEnds | null => {
    const state = sessions.get(session)
    if (!state) return null
    const { base, tip, tipProof } = state
    const start = () =>
      base
        ? decodeTipProof(base.tipProof).chain
        : chainStart(documentId, fromHex(session), hashCertificate(state.certificate))
    return { start, base: base?.seq ?? 0, tip, tipProof }
  }

/** Notes how many bytes of others' segments were taken in, in the batch that they come in. Rule S14. */
export function sizeWrite(documentId: Uint8Array, size: number): Write {
  const value = Buffer.alloc(16)
  // Twice, so that a bit that falls over does not make it another size.
  for (const place of [0, 8]) value.writeBigUInt64BE(BigInt(size), place)
  return { key: sizeKey(documentId), value }
}
