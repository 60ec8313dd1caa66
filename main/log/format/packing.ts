import { deflateRawSync, inflateRawSync } from 'node:zlib'
import c from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'
import { asBuffer } from '../../keys/bytes'
import { decodeWhole } from './encoding'
import { maxContentSize, maxSegmentChanges, paddingSize } from './limits'

/** Sizes of the content and of its deflated form, before the deflated form. */
const frameSize = 4 + 4

/**
 * Content as it goes into a seal: sizes, its deflated form, zeros up to a multiple of 64 bytes. Each is deflated for
 * itself: a shared dictionary would reveal earlier text through their lengths. Rule S5.
 */
export function pack(plain: Uint8Array): Uint8Array {
  const deflated = deflateRawSync(plain)
  const packed = Buffer.alloc(paddedSize(deflated.length))
  packed.writeUInt32LE(plain.length, 0)
  packed.writeUInt32LE(deflated.length, 4)
  deflated.copy(packed, frameSize)
  return packed
}

/** Inverse of `pack`, for at most `most` bytes. Throws MALFORMED. Inflates no more than the stated size. */
export function unpack(packed: Uint8Array, most: number): Uint8Array {
  const { plainLength, deflated } = unframe(asBuffer(packed), most)
  return inflate(deflated, plainLength)
}

/** Changes, packed. Null when they are more than 1,000 or more than 1 MiB. Rule S5. */
export function packChanges(changes: readonly Uint8Array[]): Uint8Array | null {
  if (changes.length === 0 || changes.length > maxSegmentChanges) return null
  const plain = Buffer.concat(changes.map((change) => c.encode(c.buffer, change)))
  return plain.length > maxContentSize ? null : pack(plain)
}

/** Inverse of `packChanges`. Throws MALFORMED. Inflates no more than the stated size. */
export function unpackChanges(packed: Uint8Array): Uint8Array[] {
  return decodeWhole(unpack(packed, maxContentSize), (state) => {
    const changes: Uint8Array[] = []
    while (state.start < state.end) {
      if (changes.length === maxSegmentChanges) throw malformed()
      changes.push(c.buffer.decode(state))
    }
    return changes
  })
}

const paddedSize = (deflated: number): number => Math.ceil((frameSize + deflated) / paddingSize) * paddingSize

function unframe(packed: Buffer, most: number): { plainLength: number; deflated: Buffer } {
  if (packed.length < paddingSize) throw malformed()
  const plainLength = packed.readUInt32LE(0)
  const size = packed.readUInt32LE(4)
  if (plainLength > most || paddedSize(size) !== packed.length) throw malformed()
  if (packed.subarray(frameSize + size).some((byte) => byte !== 0)) throw malformed()
  return { plainLength, deflated: packed.subarray(frameSize, frameSize + size) }
}

function inflate(deflated: Buffer, plainLength: number): Buffer {
  let plain: Buffer
  try {
    // A chunk of the right size, since what comes back keeps the whole chunk in memory.
    const chunkSize = Math.max(64, plainLength)
    plain = inflateRawSync(deflated, { chunkSize, maxOutputLength: Math.max(1, plainLength) })
  } catch (cause) {
    throw malformed(cause)
  }
  if (plain.length !== plainLength) throw malformed()
  return plain
}

const malformed = (cause?: unknown): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: 'sealed content is malformed' }, { cause })
