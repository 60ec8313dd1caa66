import { deflateRawSync, inflateRawSync } from 'node:zlib'
import c from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'
import { asBuffer } from '../../keys/bytes'
import { decodeWhole } from './encoding'
import { maxContentSize, maxSegmentChanges, paddingSize } from './limits'

/** Sizes of the content and of its deflated form, before the deflated form. */
const frameSize = 4 + 4

/**
 * Size up to which content is not deflated but put into a stored block, in bytes. A change of a few keys is mostly
 * hashes, which no deflater makes shorter, and making a deflater takes longer than all else that sealing does.
 */
const storedSize = 184
/** A final stored block of DEFLATE: its type, and its size twice, the second time inverted. RFC 1951, 3.2.4. */
const storedBlock = { type: 1, head: 5 }

/**
 * Content as it goes into a seal: sizes, its deflated form, zeros up to a multiple of 64 bytes. Each is deflated for
 * itself: a shared dictionary would reveal earlier text through their lengths. Rule S5.
 */
export function pack(plain: Uint8Array): Uint8Array {
  const deflated = plain.length > storedSize ? deflateRawSync(plain) : stored(plain)
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

function stored(plain: Uint8Array): Buffer {
  const block = Buffer.alloc(storedBlock.head + plain.length)
  block[0] = storedBlock.type
  block.writeUInt16LE(plain.length, 1)
  block.writeUInt16LE(plain.length ^ 0xffff, 3)
  block.set(plain, storedBlock.head)
  return block
}

/** Returns the content of a stored block, copied; null for all else, sound or not. */
function contentOfStored(deflated: Buffer): Uint8Array | null {
  const size = deflated.length - storedBlock.head
  if (size < 0 || deflated[0] !== storedBlock.type || deflated.readUInt16LE(1) !== size) return null
  return deflated.readUInt16LE(3) === (size ^ 0xffff)
    ? Uint8Array.from(deflated.subarray(storedBlock.head))
    : null
}

function inflate(deflated: Buffer, plainLength: number): Uint8Array {
  let plain = contentOfStored(deflated)
  try {
    // A chunk of the right size, since what comes back keeps the whole chunk in memory.
    const chunkSize = Math.max(64, plainLength)
    plain ??= inflateRawSync(deflated, { chunkSize, maxOutputLength: Math.max(1, plainLength) })
  } catch (cause) {
    throw malformed(cause)
  }
  if (plain.length !== plainLength) throw malformed()
  return plain
}

const malformed = (cause?: unknown): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: 'sealed content is malformed' }, { cause })
