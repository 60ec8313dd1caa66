import { hasCode } from '../base/errors'
import { hex } from '../base/hex'
import type { Store } from '../storage/store'
import { decodeCertificate } from './format/certificate'
import { verifyForkProof } from './format/fork'
import { decodeTipProof, markSize, noMark, tipProofSize, verifyTipProof } from './format/segment'
import { type SessionRecord, sessionOf, sessionRange } from './format/store-keys'
import type { SessionId } from './format/version-vector'
import { damagedSnapshot } from './log-records'
import type { Base } from './session-history'

/** A stored tip or base. */
export interface StoredTip {
  readonly seq: number
  readonly tipProof: Uint8Array
  /** Null in stores that are older than marks, and where it is damaged. */
  readonly mark: Uint8Array | null
}

/** Stored records of one session. A record is 'damaged' when it is there and cannot be used. */
export interface SessionRecords {
  readonly id: SessionId
  readonly certificate: Uint8Array | null
  readonly tip: StoredTip | 'damaged' | null
  readonly base: StoredTip | 'damaged' | null
  /** Number that was held of a session that is noted as damaged (0: unknown); null for others. */
  readonly damagedTo: number | null
  readonly own: boolean
  readonly fork: Uint8Array | null
}

/** Stored records of all sessions of a document. */
export interface StoredSessions {
  /** In no order; of a session that `noted` alone names, all records are missing. */
  readonly sessions: readonly SessionRecords[]
  readonly hasBases: boolean
  /** The snapshot is noted as damaged. */
  readonly isSnapshotDamaged: boolean
}

/** Reads the records of all sessions, and checks each alone. `noted`: further sessions. Rule S15. */
export async function readSessionRecords(
  store: Store,
  documentId: Uint8Array,
  noted: Iterable<SessionId>,
): Promise<StoredSessions> {
  const read = async <T>(kind: SessionRecord, decode: (bytes: Uint8Array, id: SessionId) => T | null) => {
    const found = new Map<SessionId, T | null>()
    for await (const [key, bytes] of store.entries(sessionRange(kind, documentId))) {
      const id = sessionOf(key)
      found.set(
        id,
        orNull(() => decode(Uint8Array.from(bytes), id)),
      )
    }
    return found
  }
  const tipOf = (bytes: Uint8Array, id: SessionId) => readTip(bytes, documentId, id)
  const certificates = await read('certificate', (bytes, id) =>
    hex(decodeCertificate(bytes).session) === id ? bytes : null,
  )
  const tips = await read('tip', tipOf)
  const bases = await read('base', tipOf)
  const damaged = await read('harm', (bytes) => (bytes.length === 4 ? Buffer.from(bytes).readUInt32BE() : 0))
  const own = await read('own', () => true)
  const forks = await read('fork', (bytes, id) =>
    hex(verifyForkProof(bytes, documentId)) === id ? bytes : null,
  )
  const isSnapshotDamaged = damaged.delete(damagedSnapshot)
  const ids = new Set([certificates, tips, bases, damaged, own].flatMap((found) => [...found.keys()]))
  for (const id of noted) ids.add(id)
  ids.delete(damagedSnapshot)
  const sessions = [...ids].map(
    (id): SessionRecords => ({
      id,
      certificate: certificates.get(id) ?? null,
      tip: tips.has(id) ? (tips.get(id) ?? 'damaged') : null,
      base: bases.has(id) ? (bases.get(id) ?? 'damaged') : null,
      damagedTo: damaged.get(id) ?? null,
      own: own.has(id),
      fork: forks.get(id) ?? null,
    }),
  )
  return { sessions, hasBases: bases.size > 0, isSnapshotDamaged }
}

/** Returns a base with copied bytes. A damaged mark is restored when the snapshot is checked. */
export const baseFrom = ({ seq, tipProof, mark }: StoredTip): Base => ({
  seq,
  tipProof: Uint8Array.from(tipProof),
  mark: Uint8Array.from(mark ?? noMark),
})

/** Reads a tip or base; null unless the session signed it, since what follows is judged by it. */
function readTip(bytes: Uint8Array, documentId: Uint8Array, id: SessionId): StoredTip | null {
  const tipProof = bytes.slice(0, tipProofSize)
  const { session, seqTo: seq } = decodeTipProof(tipProof)
  if (hex(session) !== id || !verifyTipProof(tipProof, documentId)) return null
  return { seq, tipProof, mark: bytes.length === tipProofSize + markSize ? bytes.slice(tipProofSize) : null }
}

/** Returns the result of `read`; null for a malformed record. */
function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (hasCode(error, 'MALFORMED')) return null
    throw error
  }
}
