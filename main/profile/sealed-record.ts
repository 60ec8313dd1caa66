import { open, seal } from '../keys/seal'

/** Size of the nonce that stands before a sealed record, in bytes. */
export const nonceSize = 24

/**
 * Returns a record sealed with `key` (32 bytes) under its name in the store. `nonce`: 24 bytes, used once.
 */
export function sealRecord(key: Uint8Array, name: Uint8Array, record: unknown, nonce: Uint8Array): Buffer {
  return Buffer.concat([nonce, seal(key, Buffer.from(JSON.stringify(record)), name, nonce)])
}

/** Inverse of `sealRecord`. Throws MALFORMED if the key or a byte differs, and SyntaxError for what is no JSON. */
export function openRecord(key: Uint8Array, name: Uint8Array, sealed: Uint8Array): unknown {
  const plain = open(key, sealed.subarray(nonceSize), name, sealed.subarray(0, nonceSize))
  return JSON.parse(Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength).toString())
}

/** Returns the name of a record in the store: the letter of its kind and its id. */
export const recordKey = (letter: string, id: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(letter, 'latin1'), id])

/** Returns the id of a record of a series: that of the series, and its place as 4 bytes, big-endian. */
export function placeId(id: Uint8Array, place: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(place)
  return Buffer.concat([id, bytes])
}
