import { fromHex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import type { Store } from '../storage/store'
import { maxSegmentChanges } from './format/limits'
import type { SettledSession } from './format/snapshot'
import { segmentPlace, segmentRange, sizeKey } from './format/store-keys'
import type { SessionId } from './format/version-vector'
import { sizeWrite } from './log-records'
import type { LostSession } from './scrub/damaged-sessions'
import { type Scan, scanSession, startOf } from './scrub/session-scan'
import type { LoadedSession, Session } from './session'
import type { Base } from './session-history'
import { baseFrom, readSessionRecords, type SessionRecords, type StoredTip } from './session-records'
import type { SnapshotStore } from './snapshots/snapshot-store'

/** The sessions of a log on the disk, as far as they are sound. */
export interface LoadedSessions {
  readonly sessions: readonly LoadedSession[]
  /** Sessions of which more was held than is sound: the number that was held, 0 where that is unknown. */
  readonly damaged: ReadonlyMap<SessionId, number>
  /** Sessions of which nothing is held, with what is still known of them. */
  readonly lost: ReadonlyMap<SessionId, LostSession>
  /** Less was found than was noted beside the store, and that was not known before. */
  readonly isShort: boolean
  /** The snapshot replaced segments and cannot be read: sessions that began with it are not held. */
  readonly isSnapshotLost: boolean
}

/** Inputs of a load. */
export interface Loading {
  readonly store: Store
  readonly documentId: Uint8Array
  readonly snapshots: Pick<SnapshotStore, 'held' | 'readable'>
  /** Number up to which each session must be held, as it is noted beside the store (S20). */
  readonly noted: ReadonlyMap<SessionId, number>
}

/**
 * Loads the sessions of a document. Damaged records are rebuilt from the rest where that is possible; otherwise a
 * session is held as far as it is sound, which may be not at all. Rules S15, S20.
 */
export async function loadSessions(loading: Loading): Promise<LoadedSessions> {
  const { store, documentId, snapshots, noted } = loading
  const records = await readSessionRecords(store, documentId, noted.keys())
  let reading: Promise<SnapshotSessions> | null = null
  const inSnapshot = () => {
    reading ??= readSnapshotSessions(snapshots)
    return reading
  }
  // While the snapshot is noted as damaged, bases count only if it can be read again.
  const isUnreadable = records.isSnapshotDamaged && (await inSnapshot()).size === 0
  const isSnapshotLost = records.hasBases && (isUnreadable || !snapshots.held)
  const context: Context = {
    ...loading,
    isSnapshotLost,
    mayBegin: (records.hasBases && !isSnapshotLost) || store.isSuspect,
    inSnapshot: async (id) => (await inSnapshot()).get(id) ?? null,
  }
  const found: Found[] = []
  for (const one of records.sessions) found.push(await loadSession(one, context))
  const damaged = found.flatMap(({ id, target }): [SessionId, number][] =>
    target === null ? [] : [[id, target]],
  )
  return {
    sessions: found.flatMap(({ session }) => session ?? []),
    damaged: new Map(damaged),
    lost: new Map(found.flatMap(({ id, lost }): [SessionId, LostSession][] => (lost ? [[id, lost]] : []))),
    isShort: found.some(({ isShort }) => isShort),
    isSnapshotLost,
  }
}

/** Inputs for loading one session. */
interface Context extends Loading {
  readonly isSnapshotLost: boolean
  /** Sessions may begin with the snapshot though their records do not say so. */
  readonly mayBegin: boolean
  readonly inSnapshot: (id: SessionId) => Promise<SettledSession | null>
}

/** Result of loading one session. */
interface Found {
  readonly id: SessionId
  /** Null when nothing of it is sound. */
  readonly session: LoadedSession | null
  /** Number that was held of a damaged session; null for one that is not damaged. */
  readonly target: number | null
  readonly lost: LostSession | null
  readonly isShort: boolean
}

async function loadSession(records: SessionRecords, context: Context): Promise<Found> {
  const { id, own, fork, damagedTo } = records
  const expected = context.noted.get(id) ?? 0
  const recorded = context.store.isSuspect ? null : asRecorded(records, expected, context.isSnapshotLost)
  if (recorded) return { id, session: recorded, target: null, lost: null, isShort: false }
  const { session, scan } = await rebuild(records, context)
  const held = session?.tip ?? 0
  const target = targetOf(records, scan, expected)
  const isLess = expected > held
  const isPartial = session ? target > held : hadMore(records, scan, context.isSnapshotLost)
  return {
    id,
    session,
    target: damagedTo !== null || isLess || isPartial ? target : null,
    lost: !session && (own || fork) ? { own, fork } : null,
    isShort: isLess && (damagedTo ?? -1) < expected,
  }
}

type SnapshotSessions = ReadonlyMap<SessionId, SettledSession>

async function readSnapshotSessions(snapshots: Loading['snapshots']): Promise<SnapshotSessions> {
  const snapshot = await snapshots.readable()
  return new Map(snapshot?.sessions.map((one) => [one.session, one]) ?? [])
}

/** Returns a session as its records say, without reading segments; null when they are damaged or do not agree. */
function asRecorded(
  { id, certificate, tip, base, damagedTo, own, fork }: SessionRecords,
  expected: number,
  isSnapshotLost: boolean,
): LoadedSession | null {
  if (!certificate || !tip || tip === 'damaged' || !tip.mark || damagedTo !== null) return null
  if (base === 'damaged' || (base && isSnapshotLost)) return null
  if ((base?.seq ?? 0) > tip.seq || expected > tip.seq) return null
  const { seq, tipProof, mark } = tip
  return { id, certificate, tip: seq, tipProof, mark, base: base && baseFrom(base), own, fork }
}

/** Returns a session as far as its segments on the disk are sound (null for not at all), and the scan of them. */
async function rebuild(
  { id, certificate, tip, base, own, fork }: SessionRecords,
  { store, documentId, mayBegin, isSnapshotLost, inSnapshot }: Context,
): Promise<{ session: LoadedSession | null; scan: Scan }> {
  const last = isReadable(tip) ? { tip: tip.seq, proof: tip.tipProof } : null
  const read = async (admitted: Uint8Array | null, from: Base | null) => {
    const start = startOf(documentId, id, admitted, from)
    const scan = await scanSession({ store, documentId, session: fromHex(id), from: start }, last)
    return { admitted, from, scan }
  }
  const settled = mayBegin || !certificate ? await inSnapshot(id) : null
  const recorded = isReadable(base) && !isSnapshotLost ? baseFrom(base) : null
  let found = await read(certificate ?? settled?.certificate ?? null, recorded)
  if (mayBegin && settled && found.scan.end.tip < settled.seq)
    found = await read(settled.certificate, baseFrom(settled))
  const { admitted, from, scan } = found
  const { tip: end, tipProof, mark } = scan.end
  if (!admitted || !tipProof || end === 0) return { session: null, scan }
  const copy = Uint8Array.from(admitted)
  return { session: { id, certificate: copy, tip: end, tipProof, mark, base: from, own, fork }, scan }
}

/** Returns the highest number that was held of a session, by all that is known of it; 0 for unknown. */
function targetOf(
  { tip, damagedTo }: SessionRecords,
  { end, signed, strays }: Scan,
  expected: number,
): number {
  const known = isReadable(tip) ? tip.seq : null
  // Where even the tip cannot be read, the keys of the following segments show how far it reached.
  const next = known === null ? strays.map((key) => segmentPlace(key).seqTo) : []
  const isNext = (seq: number) => seq > end.tip && seq <= end.tip + maxSegmentChanges
  return Math.max(
    known ?? 0,
    signed,
    damagedTo ?? 0,
    expected,
    ...next.filter(isNext).slice(0, maxSegmentChanges),
  )
}

/**
 * Returns true if something was held of a session of which nothing is sound. A certificate alone admits nothing (C6),
 * and nothing is missing of what it could admit. One record under a name that nothing else knows had its key altered:
 * there never was such a session.
 */
function hadMore(
  { certificate, tip, base }: SessionRecords,
  { strays }: Scan,
  isSnapshotLost: boolean,
): boolean {
  if (certificate) return tip !== null || base !== null || strays.length > 0
  return isReadable(tip) || (isReadable(base) && !isSnapshotLost) || strays.length > 1
}

const isReadable = (tip: SessionRecords['tip']): tip is StoredTip => tip !== null && tip !== 'damaged'

/**
 * Returns the bytes of others' segments that are held. Counts them in stores that are older than the size record,
 * where that is damaged, and with `recount`, when less is held than was.
 */
export async function loadSize(
  store: Store,
  documentId: Uint8Array,
  sessions: Iterable<Session>,
  recount: boolean,
): Promise<number> {
  const noted = readSize(await store.get(sizeKey(documentId)))
  if (noted !== null && !recount) return noted
  let size = 0
  for (const { key: session, own, base, tip } of sessions) {
    if (own) continue
    const range = segmentRange(documentId, session, base?.seq ?? 0)
    for await (const [key, bytes] of store.entries(range))
      if (segmentPlace(key).seqTo <= tip) size += bytes.length
  }
  // A disk that refuses also refuses the next write, which reports it.
  if (size !== (noted ?? 0)) await store.write([sizeWrite(documentId, size)]).catch(() => undefined)
  return size
}

/** Reads the size record, stored only once in older stores; null without one or for a malformed one. */
function readSize(noted: Uint8Array | null): number | null {
  if (noted?.length !== 8 && noted?.length !== 16) return null
  if (noted.length === 16 && !sameBytes(noted.subarray(0, 8), noted.subarray(8))) return null
  const size = Number(Buffer.from(noted).readBigUInt64BE())
  return Number.isSafeInteger(size) ? size : null
}
