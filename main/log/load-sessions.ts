import { hasCode } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import type { Store } from '../storage/store'
import { decodeCertificate, hashCertificate } from './format/certificate'
import { verifyForkProof } from './format/fork'
import { maxSegmentChanges } from './format/limits'
import { chainStart, decodeTipProof, markSize, noMark, tipProofSize, verifyTipProof } from './format/segment'
import type { SettledSession } from './format/snapshot'
import { segmentPlace, segmentRange, sessionOf, sessionRange, sizeKey } from './format/store-keys'
import type { SessionId } from './format/version-vector'
import type { Base } from './history'
import { newState, type SessionState, sizeWrite } from './log-records'
import { reachOf, type Stand } from './scrub/session-scan'
import type { SnapshotStore } from './snapshots/snapshot-store'

/** Facts still known of a session of which nothing is held any more, for when it comes back. */
export interface Remains {
  /** Made in this profile. */
  readonly own: boolean
  readonly fork: Uint8Array | null
}

/** A log as it lies on the disk, with nothing in it that is not what it should be. */
export interface LoadedSessions {
  readonly sessions: Map<SessionId, SessionState>
  /** Sessions of which more was held than can be read: up to which number, 0 where that cannot be read either. */
  readonly harms: Map<SessionId, number>
  readonly remains: Map<SessionId, Remains>
  /** Less was found than was noted beside the store, which was not known before. */
  readonly isShort: boolean
  /** The snapshot stood in place of segments and cannot be read: nothing is held of what began with it. */
  readonly isBare: boolean
}

/** Inputs of a load. */
export interface Loading {
  readonly store: Store
  readonly documentId: Uint8Array
  readonly snapshots: Pick<SnapshotStore, 'held' | 'readable'>
  /** Up to which number sessions must be held, as it is noted beside the store. */
  readonly noted: ReadonlyMap<SessionId, number>
}

/** The session that stands for the snapshot where sessions are noted as damaged: nobody's key. */
export const snapshotHarm: SessionId = '00'.repeat(32)

interface Tip {
  readonly seq: number
  readonly tipProof: Uint8Array
  /** Null in stores of before there were marks, and where it is damaged. */
  readonly mark: Uint8Array | null
}

/**
 * Loads the sessions of a document as they were written. Damaged records are derived from the rest where that
 * is possible; otherwise a session is held as far as it is sound, which may be not at all. Rules S15, S20.
 */
export async function loadSessions(loading: Loading): Promise<LoadedSessions> {
  const { store, documentId, noted } = loading
  const records = async <T>(
    kind: 'certificate' | 'tip' | 'base' | 'fork' | 'own' | 'harm',
    read: (bytes: Uint8Array, session: SessionId) => T | null,
  ): Promise<Map<SessionId, T | null>> => {
    const found = new Map<SessionId, T | null>()
    for await (const [key, bytes] of store.entries(sessionRange(kind, documentId)))
      found.set(
        sessionOf(key),
        orNull(() => read(Uint8Array.from(bytes), sessionOf(key))),
      )
    return found
  }
  const certificates = await records('certificate', (bytes, session) =>
    hex(decodeCertificate(bytes).session) === session ? bytes : null,
  )
  const tips = await records('tip', (bytes, session) => readTip(bytes, documentId, session))
  const bases = await records('base', (bytes, session) => readTip(bytes, documentId, session))
  const harmed = await records('harm', (bytes) =>
    bytes.length === 4 ? Buffer.from(bytes).readUInt32BE() : 0,
  )
  const own = await records('own', () => true)
  const forks = await records('fork', (bytes, session) =>
    hex(verifyForkProof(bytes, documentId)) === session ? bytes : null,
  )

  let reading: Promise<Map<SessionId, SettledSession>> | null = null
  const settled = () => {
    reading ??= loading.snapshots
      .readable()
      .then((snapshot) => new Map(snapshot?.sessions.map((one) => [one.session, one]) ?? []))
    return reading
  }
  const { isSuspect } = store
  // Bases stand on a snapshot: on one that is known to be damaged they stand only when it is there again.
  const isUnborne = harmed.has(snapshotHarm) && (await settled()).size === 0
  const isBare = bases.size > 0 && (isUnborne || !loading.snapshots.held)
  const isBearing = bases.size > 0 && !isBare
  const sessions = new Map<SessionId, SessionState>()
  const harms = new Map<SessionId, number>()
  const remains = new Map<SessionId, Remains>()
  const known = [...certificates, ...tips, ...bases, ...harmed, ...own, ...noted]
  const ids = new Set(known.map(([session]) => session))
  let isShort = false
  ids.delete(snapshotHarm)
  for (const session of ids) {
    const tip = tips.get(session) ?? null
    const base = isBare ? null : (bases.get(session) ?? null)
    const certificate = certificates.get(session) ?? null
    const [isOwn, fork] = [own.has(session), forks.get(session) ?? null]
    const isWhole = base !== null || !bases.has(session)
    // A session whose base counts no more is looked at as one that never had it.
    const expected = noted.get(session) ?? 0
    const isRecorded =
      certificate && tip?.mark && isWhole && (base?.seq ?? 0) <= tip.seq && expected <= tip.seq
    if (isRecorded && !isSuspect && !harmed.has(session)) {
      const known = { tip: tip.seq, tipProof: tip.tipProof, mark: tip.mark, own: isOwn, fork }
      sessions.set(session, { ...newState(certificate), ...known, base: base && baseOf(base) })
      continue
    }
    const mayBegin = isBearing || isSuspect
    const inside = mayBegin || !certificate ? (await settled()).get(session) : undefined
    const last = tip && { tip: tip.seq, proof: tip.tipProof }
    const read = async (admitted: Uint8Array | null, from: Base | null) => {
      const start = standOf(documentId, session, admitted, from)
      const rows = { store, documentId, session: fromHex(session), from: start }
      return { admitted, base: from, reach: await reachOf(rows, last) }
    }
    let looked = await read(certificate ?? inside?.certificate ?? null, base && baseOf(base))
    if (mayBegin && inside && looked.reach.stand.tip < inside.seq)
      looked = await read(inside.certificate, baseOf(inside))
    const { stand, signed, strays } = looked.reach
    const { admitted } = looked
    const isHeld = admitted !== null && stand.tip > 0
    if (isHeld) {
      const known = { tip: stand.tip, tipProof: stand.tipProof, mark: stand.mark, own: isOwn, fork }
      sessions.set(session, { ...newState(Uint8Array.from(admitted)), ...known, base: looked.base })
    } else if (isOwn || fork) remains.set(session, { own: isOwn, fork })
    // Where even the tip cannot be read, the key of what came next tells of it.
    const next = tip
      ? []
      : strays.map((key) => segmentPlace(key).seqTo).filter((seq) => isNext(seq, stand.tip))
    const target = Math.max(
      tip?.seq ?? 0,
      signed,
      harmed.get(session) ?? 0,
      expected,
      ...next.slice(0, maxSegmentChanges),
    )
    // A certificate alone admits nothing (C6), and nothing is missing of what it could admit. One record under a name
    // that nothing else knows is one whose key was altered: there never was such a session.
    const hadMore = certificate
      ? tips.has(session) || bases.has(session) || strays.length > 0
      : tip !== null || base !== null || strays.length > 1
    const isLess = expected > (isHeld ? stand.tip : 0)
    if (isLess && (harmed.get(session) ?? -1) < expected) isShort = true
    if (harmed.has(session) || isLess || (isHeld ? target > stand.tip : hadMore)) harms.set(session, target)
  }
  return { sessions, harms, remains, isShort, isBare }
}

/** True if a segment that begins right after `tip` may end at `seq`. */
const isNext = (seq: number, tip: number): boolean => seq > tip && seq <= tip + maxSegmentChanges

/** Where a session stands by its base, or before its first change; with neither, nothing can follow. */
export function standOf(
  documentId: Uint8Array,
  session: SessionId,
  certificate: Uint8Array | null,
  base: Base | null,
): Stand {
  if (base) return { ...base, tip: base.seq, chain: decodeTipProof(base.tipProof).chain }
  const chain = certificate && chainStart(documentId, fromHex(session), hashCertificate(certificate))
  return { tip: 0, chain, tipProof: null, mark: noMark }
}

/**
 * Bytes of others' segments that are held. They are counted in stores of before this was noted, where it is damaged,
 * and where less is held than was (`recount`).
 */
export async function loadSize(
  store: Store,
  documentId: Uint8Array,
  sessions: ReadonlyMap<SessionId, SessionState>,
  recount: boolean,
): Promise<number> {
  const noted = readSize(await store.get(sizeKey(documentId)))
  if (noted !== null && !recount) return noted
  let size = 0
  for (const [session, { own, base, tip }] of sessions) {
    if (own) continue
    const range = segmentRange(documentId, fromHex(session), base?.seq ?? 0)
    for await (const [key, bytes] of store.entries(range))
      if (segmentPlace(key).seqTo <= tip) size += bytes.length
  }
  // A disk that refuses is met again by whatever is written next.
  if (size !== (noted ?? 0)) await store.write([sizeWrite(documentId, size)]).catch(() => undefined)
  return size
}

/** Reads the noted size, stored only once in older stores; null without a note or for a malformed one. */
function readSize(noted: Uint8Array | null): number | null {
  if (noted?.length !== 8 && noted?.length !== 16) return null
  if (noted.length === 16 && !sameBytes(noted.subarray(0, 8), noted.subarray(8))) return null
  const size = Number(Buffer.from(noted).readBigUInt64BE())
  return Number.isSafeInteger(size) ? size : null
}

/** A tip, or a base, as it is noted: what follows is judged by it, so its signature is checked. */
function readTip(bytes: Uint8Array, documentId: Uint8Array, session: SessionId): Tip | null {
  const tipProof = bytes.slice(0, tipProofSize)
  const { session: key, seqTo: seq } = decodeTipProof(tipProof)
  if (hex(key) !== session || !verifyTipProof(tipProof, documentId)) return null
  return { seq, tipProof, mark: bytes.length === tipProofSize + markSize ? bytes.slice(tipProofSize) : null }
}

/** A base whose mark is damaged gets it back when the snapshot is looked at. */
const baseOf = ({ seq, tipProof, mark }: Tip | SettledSession): Base => ({
  seq,
  tipProof: Uint8Array.from(tipProof),
  mark: Uint8Array.from(mark ?? noMark),
})

/** Returns the result of `read`; null for an invalid record. */
function orNull<T>(read: () => T | null): T | null {
  try {
    return read()
  } catch (error) {
    if (hasCode(error, 'MALFORMED')) return null
    throw error
  }
}
