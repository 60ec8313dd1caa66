import { fromHex, hex } from '../hex'
import type { Store, Write } from '../storage/store'
import { decodeCertificate, hashCertificate } from './certificate'
import { verifyForkProof } from './fork'
import { type Base, History } from './history'
import {
  chainStart,
  decodeTipProof,
  markSize,
  nextMark,
  noMark,
  type Segment,
  tipProofSize,
  verifyTipProof,
} from './segment'
import { segmentKey, segmentRange, sessionKey, sessionOf, sessionRange, sizeKey } from './store-keys'
import { damaged, readStored, type SessionEnds, storedSegments } from './stored-segments'
import type { SessionId } from './version-vector'

/** What a log keeps in memory of a session: about 1.3 kB, whatever the length of the session. */
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
  /** What is held of it, segment by segment, once another history is known to exist. */
  history: History | null
  /** Until then (ms) it is not switched to another history. Rule S12. */
  settledUntil: number
  /** Made in this profile. */
  own: boolean
  /** Its secret is in this process. */
  live: boolean
}

/** A stretch at the end of a session that is given up for another history. */
export interface Cut {
  readonly session: Uint8Array
  readonly state: SessionState
  /** What stays: changes up to this one. */
  readonly after: number
  /** The last numbers of the segments that go. */
  readonly ends: readonly number[]
}

/** What is written for segments, a fork proof or a cut; the cut comes before the segments. */
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

/** The records of bases. A session that was held to less, or not at all, is held to its base with them. Rule T4. */
const baseWrites = (documentId: Uint8Array, sessions: readonly SettledState[]): Write[] =>
  sessions.flatMap(({ session, state, base, raises }) => {
    const value = Buffer.concat([base.tipProof, base.mark])
    const write = { key: sessionKey('base', documentId, session), value }
    if (!raises) return [write]
    const certificate = { key: sessionKey('certificate', documentId, session), value: state.certificate }
    return [write, certificate, { key: sessionKey('tip', documentId, session), value }]
  })

/** The sessions of a document as they were written. Throws STORE_DAMAGED. */
export async function loadSessions(
  store: Store,
  documentId: Uint8Array,
): Promise<Map<SessionId, SessionState>> {
  const sessions = new Map<SessionId, SessionState>()
  const stateOf = (key: Uint8Array): SessionState => {
    const state = sessions.get(sessionOf(key))
    if (!state) throw damaged()
    return state
  }
  for await (const [key, bytes] of store.entries(sessionRange('certificate', documentId))) {
    const certificate = Uint8Array.from(bytes)
    if (hex(readStored(() => decodeCertificate(certificate)).session) !== sessionOf(key)) throw damaged()
    sessions.set(sessionOf(key), newState(certificate))
  }
  for await (const [key, bytes] of store.entries(sessionRange('tip', documentId))) {
    const state = stateOf(key)
    const tipProof = Uint8Array.from(bytes.subarray(0, tipProofSize))
    const { session, seqTo } = readStored(() => decodeTipProof(tipProof))
    // What follows is judged by it: one that was altered would make unsound what is sound.
    if (hex(session) !== sessionOf(key) || !verifyTipProof(tipProof, documentId)) throw damaged()
    state.tipProof = tipProof
    state.tip = seqTo
    state.mark = Uint8Array.from(bytes.subarray(tipProofSize))
    // Stores of before there were marks hold the tip proof alone.
    if (state.mark.length !== 0 && state.mark.length !== markSize) throw damaged()
  }
  for await (const [key, bytes] of store.entries(sessionRange('base', documentId))) {
    const state = stateOf(key)
    const tipProof = Uint8Array.from(bytes.subarray(0, tipProofSize))
    const mark = Uint8Array.from(bytes.subarray(tipProofSize))
    const { session, seqTo: seq } = readStored(() => decodeTipProof(tipProof))
    if (hex(session) !== sessionOf(key) || mark.length !== markSize) throw damaged()
    if (seq > state.tip || !verifyTipProof(tipProof, documentId)) throw damaged()
    state.base = { seq, tipProof, mark }
  }
  const endsOf = endsIn(documentId, sessions)
  for (const [session, state] of [...sessions]) {
    if (!state.tipProof || state.mark.length === 0) await readTip(store, documentId, session, state, endsOf)
    if (state.tip === 0) sessions.delete(session) // a certificate alone admits nothing (C6)
  }
  for await (const [key] of store.entries(sessionRange('own', documentId))) stateOf(key).own = true
  for await (const [key, bytes] of store.entries(sessionRange('fork', documentId)))
    stateOf(key).fork = soundProof(Uint8Array.from(bytes), documentId, sessionOf(key))
  return sessions
}

/** What is known of each session, to check its segments by; gives null for one that is unknown. */
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
  const value = Buffer.alloc(8)
  value.writeBigUInt64BE(BigInt(size))
  return { key: sizeKey(documentId), value }
}

/**
 * Bytes of others' segments that were taken in. Stores of before this was noted are read through once.
 * Throws STORE_DAMAGED.
 */
export async function loadSize(
  store: Store,
  documentId: Uint8Array,
  sessions: ReadonlyMap<SessionId, SessionState>,
): Promise<number> {
  const noted = readSize(await store.get(sizeKey(documentId)))
  if (noted !== null) return noted
  const endsOf = endsIn(documentId, sessions)
  let size = 0
  for (const [session, { own }] of sessions) {
    if (own) continue
    const range = segmentRange(documentId, fromHex(session), 0)
    for await (const { bytes } of storedSegments(store, range, endsOf)) size += bytes.length
  }
  // A disk that refuses is met again by whatever is written next.
  if (size > 0) await store.write([sizeWrite(documentId, size)]).catch(() => undefined)
  return size
}

/** The end of a session, read off its segments. */
async function readTip(
  store: Store,
  documentId: Uint8Array,
  session: SessionId,
  state: SessionState,
  endsOf: (session: SessionId) => SessionEnds | null,
): Promise<void> {
  const history = new History()
  const range = segmentRange(documentId, fromHex(session), 0)
  for await (const { tipProof } of storedSegments(store, range, endsOf))
    history.add(Uint8Array.from(tipProof))
  state.tipProof = history.tipProof
  state.tip = history.tip
  state.mark = history.mark
}

/** What is noted of the size; null for nothing, and for what no program has written. */
function readSize(noted: Uint8Array | null): number | null {
  if (noted?.length !== 8) return null
  const size = Number(Buffer.from(noted).readBigUInt64BE())
  return Number.isSafeInteger(size) ? size : null
}

/** A proof that proves something of that session; null for another: peers tell it again. */
function soundProof(proof: Uint8Array, documentId: Uint8Array, session: SessionId): Uint8Array | null {
  try {
    return hex(verifyForkProof(proof, documentId)) === session ? proof : null
  } catch {
    return null
  }
}
