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
import { baseFrom, readSessionRecords, type SessionRecords } from './session-records'
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
  const isInSnapshot = records.hasBases && !isSnapshotLost
  const sessions: LoadedSession[] = []
  const damaged = new Map<SessionId, number>()
  const lost = new Map<SessionId, LostSession>()
  let isShort = false
  for (const one of records.sessions) {
    const { id, own, fork } = one
    const expected = noted.get(id) ?? 0
    const recorded = store.isSuspect ? null : asRecorded(one, expected, isSnapshotLost)
    if (recorded) {
      sessions.push(recorded)
      continue
    }
    const mayBegin = isInSnapshot || store.isSuspect
    const settled = mayBegin || !one.certificate ? (await inSnapshot()).get(id) : undefined
    const { session, scan } = await rebuild(loading, one, {
      base: isSnapshotLost ? null : baseOf(one),
      settled,
      mayBegin,
    })
    if (session) sessions.push(session)
    else if (own || fork) lost.set(id, { own, fork })
    const held = session?.tip ?? 0
    const isLess = expected > held
    if (isLess && (one.damagedTo ?? -1) < expected) isShort = true
    const target = targetOf(one, scan, expected)
    const isPartial = session ? target > held : hadMore(one, scan, isSnapshotLost)
    if (one.damagedTo !== null || isLess || isPartial) damaged.set(id, target)
  }
  return { sessions, damaged, lost, isShort, isSnapshotLost }
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
  { store, documentId }: Loading,
  { id, certificate, tip, own, fork }: SessionRecords,
  from: { base: Base | null; settled: SettledSession | undefined; mayBegin: boolean },
): Promise<{ session: LoadedSession | null; scan: Scan }> {
  const last = tip && tip !== 'damaged' ? { tip: tip.seq, proof: tip.tipProof } : null
  const read = async (admitted: Uint8Array | null, base: Base | null) => {
    const start = startOf(documentId, id, admitted, base)
    const scan = await scanSession({ store, documentId, session: fromHex(id), from: start }, last)
    return { admitted, base, scan }
  }
  const { settled } = from
  let found = await read(certificate ?? settled?.certificate ?? null, from.base)
  if (from.mayBegin && settled && found.scan.end.tip < settled.seq)
    found = await read(settled.certificate, baseFrom(settled))
  const { admitted, base, scan } = found
  const { tip: end, tipProof, mark } = scan.end
  if (!admitted || !tipProof || end === 0) return { session: null, scan }
  const session = { id, certificate: Uint8Array.from(admitted), tip: end, tipProof, mark, base, own, fork }
  return { session, scan }
}

/** Returns the highest number that was held of a session, by all that is known of it; 0 for unknown. */
function targetOf(
  { tip, damagedTo }: SessionRecords,
  { end, signed, strays }: Scan,
  expected: number,
): number {
  const known = tip && tip !== 'damaged' ? tip.seq : null
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
  const isReadable = (one: SessionRecords['tip']) => one !== null && one !== 'damaged'
  return isReadable(tip) || (isReadable(base) && !isSnapshotLost) || strays.length > 1
}

const baseOf = ({ base }: SessionRecords): Base | null => (base && base !== 'damaged' ? baseFrom(base) : null)

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
