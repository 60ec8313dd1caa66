import { SwarmpadError } from '../errors'
import type { Range, Store, Write } from '../storage/store'
import { decodeSegment, decodeTipProof, type Segment } from './segment'
import { segmentKey, sessionKey, sessionOf, sessionRange } from './store-keys'
import type { SessionId } from './version-vector'

/** What a log keeps in memory of a session: about 1.3 kB, whatever the length of the session. */
export interface SessionState {
  readonly certificate: Uint8Array
  /** Of the last segment accepted. */
  tipProof: Uint8Array | null
  tip: number
  /** A proof that the session forked: nothing more is taken of it. */
  fork: Uint8Array | null
  /** Made in this profile. */
  own: boolean
  /** Its secret is in this process. */
  live: boolean
}

/** What is written for a segment or a fork proof. */
export interface LogEntry {
  readonly segments: readonly { readonly segment: Segment; readonly state: SessionState }[]
  readonly proof: { readonly session: Uint8Array; readonly bytes: Uint8Array } | null
}

/** A session of which nothing is held yet. */
export const newState = (certificate: Uint8Array): SessionState => ({
  certificate,
  tipProof: null,
  tip: 0,
  fork: null,
  own: false,
  live: false,
})

/** Moves a session's tip to the end of a segment. */
export function advance(state: SessionState, segment: Segment): void {
  state.tip = segment.seqTo
  // A copy: a view would keep the whole segment in memory.
  state.tipProof = Uint8Array.from(segment.tipProof)
}

/**
 * The records of entries, to be written in one batch: segments with their sessions' tips, and the
 * certificate beside a session's first segment. Rules C6, S9.
 */
export function writesOf(documentId: Uint8Array, entries: readonly LogEntry[]): Write[] {
  const writes: Write[] = []
  const tips = new Map<SessionState, Segment>()
  for (const { segments, proof } of entries) {
    if (proof) writes.push({ key: sessionKey('fork', documentId, proof.session), value: proof.bytes })
    for (const { segment, state } of segments) {
      const { session, seqFrom, seqTo, bytes } = segment
      if (seqFrom === 1) {
        writes.push({ key: sessionKey('certificate', documentId, session), value: state.certificate })
        if (state.own) writes.push({ key: sessionKey('own', documentId, session), value: new Uint8Array(0) })
      }
      writes.push({ key: segmentKey(documentId, session, seqTo), value: bytes })
      tips.set(state, segment)
    }
  }
  for (const { session, tipProof } of tips.values())
    writes.push({ key: sessionKey('tip', documentId, session), value: tipProof })
  return writes
}

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
  for await (const [key, certificate] of store.entries(sessionRange('certificate', documentId)))
    sessions.set(sessionOf(key), newState(Uint8Array.from(certificate)))
  for await (const [key, bytes] of store.entries(sessionRange('tip', documentId))) {
    const state = stateOf(key)
    state.tip = readStored(() => decodeTipProof(bytes)).seqTo
    state.tipProof = Uint8Array.from(bytes)
  }
  for await (const [key] of store.entries(sessionRange('own', documentId))) stateOf(key).own = true
  for await (const [key, proof] of store.entries(sessionRange('fork', documentId)))
    stateOf(key).fork = Uint8Array.from(proof)
  return sessions
}

/** The segments in a range of the store, in the order of their keys. Throws STORE_DAMAGED. */
export async function* storedSegments(store: Store, range: Range): AsyncGenerator<Segment> {
  for await (const [, bytes] of store.entries(range)) yield readStored(() => decodeSegment(bytes))
}

function readStored<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw damaged(cause)
  }
}

const damaged = (cause?: unknown): SwarmpadError =>
  new SwarmpadError('STORE_DAMAGED', 'The records of this document are damaged.', { cause })
