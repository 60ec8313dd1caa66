import { hex } from '../../base/hex'
import type { Range } from '../../storage/store'
import type { SessionId } from './version-vector'

/** Kinds of records in the store, by the first byte of the key; document id, session key and seq follow. */
const kinds = {
  /** Where the segments of a session begin that is held in part as a snapshot. */
  base: 'b',
  /** A session's certificate. */
  certificate: 'c',
  /** When all of it was last found sound; for a document, not for a session. */
  checked: 'k',
  /** A proof that a session forked. */
  fork: 'f',
  /** A segment, by its last sequence number. */
  segment: 'g',
  /** Says that a session, of which more was held, is damaged: up to which number. Nobody's session: the snapshot. */
  harm: 'h',
  /** Marks a session made in this profile; no value. */
  own: 'o',
  /** Summary of the snapshot, and its parts; for a document, not for a session. */
  snapshot: 'n',
  snapshotPart: 'q',
  /** Bytes of others' segments that were taken in; for a document, not for a session. */
  size: 'z',
  /** The tip proof of a session. */
  tip: 't',
} as const

/** A kind of record that a log keeps for each session. */
export type SessionRecord = Exclude<
  keyof typeof kinds,
  'checked' | 'segment' | 'size' | 'snapshot' | 'snapshotPart'
>

/** Returns the key of a record about a session. */
export function sessionKey(kind: SessionRecord, documentId: Uint8Array, session: Uint8Array): Uint8Array {
  return Buffer.concat([prefix(kind, documentId), session])
}

/** Returns the range of the records of one kind about all sessions of a document. */
export function sessionRange(kind: SessionRecord, documentId: Uint8Array): Range {
  return under(prefix(kind, documentId))
}

/** Range of the tips of all sessions of all documents. */
export const allTipsRange: Range = under(Buffer.from(kinds.tip, 'latin1'))

/** Returns the session that a key made by `sessionKey` is about. */
export function sessionOf(key: Uint8Array): SessionId {
  return hex(key.subarray(1 + 32, 1 + 32 + 32))
}

/** Returns the key of a segment that ends at `seqTo`. */
export function segmentKey(documentId: Uint8Array, session: Uint8Array, seqTo: number): Uint8Array {
  const seq = Buffer.alloc(4)
  seq.writeUInt32BE(seqTo)
  return Buffer.concat([prefix('segment', documentId), session, seq])
}

/** Returns session and last number of the segment with a key made by `segmentKey`; the number is 0 for other keys. */
export function segmentPlace(key: Uint8Array): { session: Uint8Array; seqTo: number } {
  const place = Buffer.from(key.subarray(1 + 32 + 32))
  return { session: key.subarray(1 + 32, 1 + 32 + 32), seqTo: place.length === 4 ? place.readUInt32BE() : 0 }
}

/** Returns the range of a session's segments that hold changes past `after`, in order. */
export function segmentRange(documentId: Uint8Array, session: Uint8Array, after: number): Range {
  const { lt } = under(Buffer.concat([prefix('segment', documentId), session]))
  return { gte: segmentKey(documentId, session, after + 1), lt }
}

/** Returns the range of all segments of a document: session by session, each in order. */
export function allSegmentsRange(documentId: Uint8Array): Range {
  return under(prefix('segment', documentId))
}

/** Returns the key of what is noted of a document's size. */
export function sizeKey(documentId: Uint8Array): Uint8Array {
  return prefix('size', documentId)
}

/** Range of the times when documents were last found sound. */
export const allCheckedRange: Range = under(Buffer.from(kinds.checked, 'latin1'))

/** Returns the key of when a document was last found sound. */
export function checkedKey(documentId: Uint8Array): Uint8Array {
  return prefix('checked', documentId)
}

/** Returns the key of the summary of a document's snapshot. */
export function snapshotKey(documentId: Uint8Array): Uint8Array {
  return prefix('snapshot', documentId)
}

/** Returns the key of a part of a document's snapshot, by its place from 0 on. */
export function snapshotPartKey(documentId: Uint8Array, index: number): Uint8Array {
  const place = Buffer.alloc(4)
  place.writeUInt32BE(index)
  return Buffer.concat([prefix('snapshotPart', documentId), place])
}

/** Returns the ranges of everything that a document's log keeps, to be deleted with the document. */
export function logRanges(documentId: Uint8Array): Range[] {
  return (Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) => under(prefix(kind, documentId)))
}

const prefix = (kind: keyof typeof kinds, documentId: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(kinds[kind], 'latin1'), documentId])

/** Returns the range of all keys that begin with `start`, which has a byte other than 255 (its first is a letter). */
function under(start: Buffer): Range {
  const lt = Buffer.from(start)
  let last = lt.length - 1
  while (lt[last] === 0xff) last--
  lt[last] = (lt[last] ?? 0) + 1
  return { gte: start, lt: lt.subarray(0, last + 1) }
}
