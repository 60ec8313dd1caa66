import { crc32c } from '../crc32c'
import { unsnap } from './snappy'

/** Place of a block in a table: offset and size in bytes, without its trailer. */
export interface Place {
  readonly offset: number
  readonly size: number
}

/** A row of a block. */
export interface Row {
  readonly key: Buffer
  readonly value: Buffer
}

/** Bytes after each block: its compression, and the checksum of both. */
export const trailerSize = 5
/** Bytes at the end of an internal key: a flag for deletion, and the sequence number. */
const tagSize = 8

const compressions = { none: 0, snappy: 1 } as const
/** Constant that LevelDB adds to a checksum, since a CRC over bytes that contain CRCs is weak. */
const maskDelta = 0xa282ead8

/** Masks a CRC-32C as LevelDB stores it. */
export const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + maskDelta) >>> 0

/** Returns true if a block matches its checksum. Throws RangeError for a place past the end. */
export function isBlockWhole(table: Buffer, { offset, size }: Place): boolean {
  const end = offset + size
  return masked(crc32c(table.subarray(offset, end + 1))) === table.readUInt32LE(end + 1)
}

/** Returns a block's content without verifying its checksum; null for an unknown compression. */
export function contentAt(table: Buffer, { offset, size }: Place): Buffer | null {
  const end = offset + size
  if (end + trailerSize > table.length) throw new RangeError('past the end')
  const content = table.subarray(offset, end)
  if (table[end] === compressions.none) return content
  if (table[end] === compressions.snappy) return unsnap(content)
  return null
}

/**
 * Reads the rows of a block's content, in order; `isSearchable` if LevelDB can search it safely: all its restart points
 * are rows with whole keys. Throws RangeError for an invalid block. Format: LevelDB, doc/table_format.md and
 * table/block_builder.cc.
 */
export function rowsOf(content: Buffer): { rows: Row[]; isSearchable: boolean } {
  const starts = content.readUInt32LE(content.length - 4)
  const end = content.length - 4 * (starts + 1)
  if (starts < 1 || end < 0) throw new RangeError('too short')
  const numbers = new Numbers(content.subarray(0, end))
  const rows: Row[] = []
  const whole = new Set<number>()
  let before: Buffer = Buffer.alloc(0)
  while (numbers.at < end) {
    const begin = numbers.at
    const [shared, rest, size] = [numbers.next(), numbers.next(), numbers.next()]
    const value = numbers.at + rest
    if (shared > before.length || value + size > end) throw new RangeError('past the end')
    const key = Buffer.concat([before.subarray(0, shared), content.subarray(numbers.at, value)])
    rows.push({ key, value: content.subarray(value, value + size) })
    if (shared === 0) whole.add(begin)
    numbers.at = value + size
    before = key
  }
  const places = Array.from({ length: starts }, (_, index) => content.readUInt32LE(end + 4 * index))
  const isSearchable = places.every((place, index) => whole.has(place) && place > (places[index - 1] ?? -1))
  return { rows, isSearchable: isSearchable && places[0] === 0 }
}

/** Returns true for an internal key: it ends with a tag, which begins with 0 for deletions or 1. */
export const isWritten = (key: Buffer): boolean =>
  key.length >= tagSize && (key[key.length - tagSize] ?? 2) <= 1

/** Compares two internal keys: by the bytes before the tag, then the newer one first. */
export function compareKeys(one: Buffer, other: Buffer): number {
  const [end, otherEnd] = [one.length - tagSize, other.length - tagSize]
  return (
    Buffer.compare(one.subarray(0, end), other.subarray(0, otherEnd)) ||
    Number(other.readBigUInt64LE(otherEnd) - one.readBigUInt64LE(end))
  )
}

/** Encodes a number as a varint: 7 bits a byte, the lowest first. */
export function encodeNumber(value: number): number[] {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left]
    bytes.push((left % 128) + 128)
  }
}

/** Decodes the place of a block in an index entry. Throws RangeError for an invalid place. */
export function placeIn(value: Buffer): Place {
  const numbers = new Numbers(value)
  const place = numbers.place()
  if (numbers.at !== value.length) throw new RangeError('more than a place')
  return place
}

/** Reads varints. Throws RangeError past the end. */
export class Numbers {
  at = 0

  constructor(private readonly bytes: Buffer) {}

  next(): number {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.bytes.readUInt8(this.at++)
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }

  place(): Place {
    return { offset: this.next(), size: this.next() }
  }
}
