import { nonceSize, open, seal, sealOverhead } from '../keys/seal'
import { damagedBackup } from './backup-header'

/** Size of the plain content of each chunk but the last, in bytes. */
export const chunkSize = 64 * 1024
const sealedSize = chunkSize + sealOverhead

/**
 * Seals a stream in chunks with a key that seals nothing else. Each chunk's nonce has its number and marks the last
 * one, so that omitted, repeated, moved and truncated chunks are detected. Memory: one chunk. (STREAM:
 * Hoang, Reyhanitabar, Rogaway, Vizár, _Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance_,
 * 2015.) Rule B2.
 */
export async function* sealStream(
  key: Uint8Array,
  plain: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let number = 0
  for await (const { bytes, last } of chunked(plain, chunkSize))
    yield seal(key, bytes, noBytes, nonceOf(number++, last))
}

/** Decrypts the output of `sealStream`, chunk by chunk. Throws BACKUP_DAMAGED at the first altered chunk. */
export async function* openStream(
  key: Uint8Array,
  sealed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let number = 0
  for await (const { bytes, last } of chunked(sealed, sealedSize)) {
    let plain: Uint8Array
    try {
      plain = open(key, bytes, noBytes, nonceOf(number++, last))
    } catch (cause) {
      throw damagedBackup(cause)
    }
    yield plain
  }
}

const noBytes = new Uint8Array(0)

/** Number (8), 1 for the last chunk (1), zeros. */
function nonceOf(number: number, last: boolean): Uint8Array {
  const nonce = Buffer.alloc(nonceSize)
  nonce.writeBigUInt64LE(BigInt(number))
  nonce[8] = last ? 1 : 0
  return nonce
}

/** Yields the bytes of a stream in pieces of `size`; the last one, always present, may be shorter. */
async function* chunked(
  stream: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ bytes: Uint8Array; last: boolean }> {
  let waiting: Uint8Array[] = []
  let length = 0
  for await (const bytes of stream) {
    waiting.push(bytes)
    length += bytes.length
    // A chunk is the last one unless a byte follows.
    if (length <= size) continue
    const joined = Buffer.concat(waiting)
    let start = 0
    for (; length - start > size; start += size)
      yield { bytes: joined.subarray(start, start + size), last: false }
    waiting = [joined.subarray(start)]
    length -= start
  }
  yield { bytes: Buffer.concat(waiting), last: true }
}
