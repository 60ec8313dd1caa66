import { createHash } from 'node:crypto'
import { malformed } from '../columns'
import type { Handle, ObjectId } from '../genesis'
import type { KeyedRecord, Part } from './part'

/** Length of a key in hexadecimal digits. */
const keyLength = 32

/** Bounds of a part's records, in bytes and numbers. */
interface Bounds {
  /** Most bytes of one record in a change. */
  readonly recordSize: number
  /** Most records of a document that are read, and most bytes of them in total. */
  readonly count: number
  readonly totalSize: number
}

/** Returns the key of a record: the first 32 hexadecimal digits of its SHA-256, so that equal records are one. */
export const keyOfRecord = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, keyLength)

/** Makes a part whose records are byte strings under their hashes. */
export function hashedRecords<Name extends string>(options: {
  name: Name
  root: Part['root']
  bounds: Bounds
}): Part & { readonly name: Name } {
  const { bounds, ...named } = options
  return {
    ...named,
    check: (key, bytes) => {
      if (bytes.length > bounds.recordSize) throw malformed('a record that is too large')
      if (keyOfRecord(bytes) !== key) throw malformed('a record under another key')
    },
    put: (handle, map, { key, bytes }) => {
      if (!handle.getWithType(map, key)) handle.put(map, key, bytes, 'bytes')
    },
    read: (handle, map) => readRecords(handle, map, bounds),
  }
}

/** Returns as many records as fit the bounds. Values of any other form are skipped. */
function readRecords(handle: Handle, map: ObjectId, { count, totalSize }: Bounds): KeyedRecord[] {
  const records: KeyedRecord[] = []
  let size = 0
  for (const key of handle.keys(map)) {
    if (records.length === count) break
    if (!/^[0-9a-f]{32}$/.test(key)) continue
    const [type, value] = handle.getWithType(map, key) ?? []
    if (type !== 'bytes' || !(value instanceof Uint8Array) || size + value.length > totalSize) continue
    size += value.length
    records.push({ key, bytes: Uint8Array.from(value) })
  }
  return records
}
