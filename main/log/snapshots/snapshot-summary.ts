import { asBuffer } from '../../keys/bytes'
import type { Write } from '../../storage/store'
import { snapshotPartSize } from '../format/limits'
import type { Snapshot } from '../format/snapshot'
import { snapshotKey, snapshotPartKey } from '../format/store-keys'

const summarySize = 32 + 4 + 8 + 8 + 8

/** Summary of the held snapshot, known without reading it. */
export interface SnapshotSummary {
  readonly id: Uint8Array
  /** Bytes. */
  readonly size: number
  /** Time by its maker's clock, in ms since the Unix epoch. */
  readonly madeAt: number
  /** Changes in it. */
  readonly changes: number
  /** When a snapshot last replaced segments, or the first one was kept, in ms since the Unix epoch. */
  readonly since: number
}

/** Returns the summary of a snapshot. */
export const summaryOf = ({ id, bytes, madeAt, changes }: Snapshot, since: number): SnapshotSummary => ({
  id,
  size: bytes.length,
  madeAt,
  changes,
  since,
})

/** Returns the record of a summary. */
export const summaryWrite = (documentId: Uint8Array, summary: SnapshotSummary | null): Write => ({
  key: snapshotKey(documentId),
  value: summary && encodeSummary(summary),
})

/** Returns the records of a snapshot in its parts, in place of one of `sizeBefore` bytes. */
export function partWrites(documentId: Uint8Array, bytes: Uint8Array, sizeBefore: number): Write[] {
  const count = Math.ceil(Math.max(bytes.length, sizeBefore) / snapshotPartSize)
  return Array.from({ length: count }, (_, index) => {
    const part = bytes.subarray(index * snapshotPartSize, (index + 1) * snapshotPartSize)
    return { key: snapshotPartKey(documentId, index), value: part.length > 0 ? part : null }
  })
}

/** Reads the record of a summary; null for one of a wrong size. */
export function readSummary(noted: Uint8Array): SnapshotSummary | null {
  if (noted.length !== summarySize) return null
  const bytes = asBuffer(noted)
  const number = (index: number) => Number(bytes.readBigUInt64LE(36 + 8 * index))
  return {
    id: Uint8Array.from(noted.subarray(0, 32)),
    size: bytes.readUInt32LE(32),
    madeAt: number(0),
    changes: number(1),
    since: number(2),
  }
}

function encodeSummary({ id, size, madeAt, changes, since }: SnapshotSummary): Uint8Array {
  const bytes = Buffer.alloc(summarySize)
  bytes.set(id)
  bytes.writeUInt32LE(size, 32)
  for (const [index, value] of [madeAt, changes, since].entries())
    bytes.writeBigUInt64LE(BigInt(Math.max(0, Math.round(value))), 36 + 8 * index)
  return bytes
}
