import { certificateSize } from '../log/format/certificate'
import { maxSegmentSize, maxSnapshotSize } from '../log/format/limits'
import type { LowerRecord } from '../repo/lower-part'
import { damagedBackup } from './backup-header'

/**
 * Records of a backup, in this order: the person (in a profile's backup), then for each document its entry, the
 * snapshot if it replaces segments, the sessions, each followed by its segments after the snapshot, the proofs of
 * forks, and the records of its lower parts.
 */
export type BackupRecord =
  /** As JSON: the person's stored profile, and what they arranged. */
  | { readonly type: 'person'; readonly value: unknown }
  /** As JSON: an entry of the library. */
  | { readonly type: 'document'; readonly value: unknown }
  | { readonly type: 'snapshot'; readonly bytes: Uint8Array }
  /** `own`: of the profile that was backed up. */
  | { readonly type: 'session'; readonly own: boolean; readonly certificate: Uint8Array }
  | { readonly type: 'segment'; readonly bytes: Uint8Array }
  | { readonly type: 'fork'; readonly bytes: Uint8Array }
  /** Data of a lower part, by the part's name. */
  | ({ readonly type: 'part' } & LowerRecord)

const types = ['person', 'document', 'snapshot', 'session', 'segment', 'fork', 'part'] as const
/** Maximum length of a part's name, in bytes. */
const maxPartName = 32
/** Maximum size of each kind of record when read, in bytes. */
const maxSizes = {
  person: 16 * 1024 * 1024,
  document: 4 * 1024 * 1024,
  snapshot: maxSnapshotSize,
  session: 1 + certificateSize,
  segment: maxSegmentSize,
  fork: 1_024,
  part: 1 + maxPartName + 1024 * 1024,
}
const headSize = 1 + 4

/** Encodes a record: its kind (1), size (4, little-endian), content. Rule B3. */
export function encodeRecord(record: BackupRecord): Uint8Array {
  const content = contentOf(record)
  const head = Buffer.alloc(headSize)
  head[0] = types.indexOf(record.type)
  head.writeUInt32LE(content.length, 1)
  return Buffer.concat([head, content])
}

/** Parses the records of a stream, buffering one at a time. Throws BACKUP_DAMAGED at a malformed record. */
export async function* readRecords(stream: AsyncIterable<Uint8Array>): AsyncGenerator<BackupRecord> {
  let waiting: Uint8Array[] = []
  let length = 0
  let needed = headSize
  for await (const piece of stream) {
    waiting.push(piece)
    length += piece.length
    if (length < needed) continue
    let bytes = Buffer.concat(waiting)
    for (;;) {
      const size = bytes.length < headSize ? 0 : sizeOf(bytes)
      needed = headSize + size
      if (bytes.length < needed) break
      yield decodeRecord(bytes.subarray(0, needed))
      bytes = bytes.subarray(needed)
    }
    waiting = [bytes]
    length = bytes.length
  }
  if (length > 0) throw damagedBackup()
}

/** Returns the content size of the record at the start. Throws BACKUP_DAMAGED. */
function sizeOf(bytes: Buffer): number {
  const type = types[bytes[0] ?? -1]
  const size = bytes.readUInt32LE(1)
  if (!type || size > maxSizes[type]) throw damagedBackup()
  return size
}

function decodeRecord(bytes: Buffer): BackupRecord {
  const type = types[bytes[0] ?? -1]
  const content = bytes.subarray(headSize)
  switch (type) {
    case 'person':
    case 'document':
      return { type, value: readJson(content) }
    case 'session':
      if (content.length !== 1 + certificateSize || (content[0] ?? 2) > 1) throw damagedBackup()
      return { type, own: content[0] === 1, certificate: Uint8Array.from(content.subarray(1)) }
    case 'snapshot':
    case 'segment':
    case 'fork':
      // A copy, so that the surrounding buffer can be freed.
      return { type, bytes: Uint8Array.from(content) }
    case 'part':
      return { type, ...decodePart(content) }
    default:
      throw damagedBackup()
  }
}

function contentOf(record: BackupRecord): Uint8Array {
  switch (record.type) {
    case 'person':
    case 'document':
      return Buffer.from(JSON.stringify(record.value))
    case 'session':
      return Buffer.concat([Buffer.of(record.own ? 1 : 0), record.certificate])
    case 'snapshot':
    case 'segment':
    case 'fork':
      return record.bytes
    case 'part':
      return Buffer.concat([Buffer.of(record.part.length), Buffer.from(record.part, 'latin1'), record.bytes])
  }
}

/** Splits the name's length (1), the name and the bytes. Throws BACKUP_DAMAGED. */
function decodePart(content: Buffer): LowerRecord {
  const end = 1 + (content[0] ?? 0)
  const part = content.toString('latin1', 1, end)
  if (!/^[a-z-]{1,32}$/.test(part) || part.length !== end - 1) throw damagedBackup()
  return { part, bytes: Uint8Array.from(content.subarray(end)) }
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch (cause) {
    throw damagedBackup(cause)
  }
}
