import { createHash } from 'node:crypto'
import type { Range } from '../../main/storage/store'

/** The range of all keys that are used here. */
export const everything: Range = { gte: Buffer.alloc(0), lt: Buffer.alloc(9, 0xff) }

/** The key of a part of what was written as a number. */
export function keyOf(number: number, part: number): Buffer {
  const key = Buffer.alloc(5)
  key.writeUInt32BE(number)
  key[4] = part
  return key
}

/** The number in a key; of a key that is too short, 0. */
export const numberOf = (key: Uint8Array): number =>
  key.length < 4 ? 0 : Buffer.from(key.buffer, key.byteOffset).readUInt32BE()

/** The value of a number: 32 to 2,016 bytes that do not compress. */
export function contentOf(number: number): Buffer {
  const pieces = 1 + (number % 63)
  const piece = (index: number) => createHash('sha256').update(`${number} ${index}`).digest()
  return Buffer.concat(Array.from({ length: pieces }, (_, index) => piece(index)))
}
