import { createHash } from 'node:crypto'
import { SwarmpadError } from '../errors'
import { hex } from '../hex'

/** What an Automerge change says about itself, read without running it. */
export interface ChangeHeader {
  /** SHA-256 of the chunk, hex: how other changes name this one. */
  readonly hash: string
  /** Hex. */
  readonly actor: string
  readonly seq: number
  /** The counter of its first operation. */
  readonly startOp: number
  readonly operations: number
  /** Hashes of the changes that it builds on, hex. */
  readonly dependencies: readonly string[]
}

const magic = [0x85, 0x6f, 0x4a, 0x83]
const changeChunk = 1
const hashSize = 32
const maxActorSize = 64
const actionColumn = (4 << 4) | 2

/**
 * Reads the head of an uncompressed change chunk and counts its operations from the run lengths of
 * the action column, so that a peer's claim is known before Automerge sees it. Throws INVALID on
 * anything else, compressed chunks (type 2) included: nobody here makes them, and they hide bombs.
 * Format: https://automerge.org/automerge-binary-format-spec/
 */
export function readChangeHeader(bytes: Uint8Array): ChangeHeader {
  if (magic.some((byte, index) => bytes[index] !== byte)) throw invalid('no change chunk')
  if (bytes[8] !== changeChunk) throw invalid('a chunk of another type')
  const chunk = new Reader(bytes, 9)
  const length = chunk.unsigned()
  if (chunk.offset + length !== bytes.length) throw invalid('length does not match')
  const digest = createHash('sha256').update(bytes.subarray(8)).digest()
  if (!digest.subarray(0, 4).equals(bytes.subarray(4, 8))) throw invalid('checksum does not match')

  const { columns, ...body } = readChangeBody(chunk)
  let operations = 0
  for (const { specification, data } of columns)
    if (specification === actionColumn) operations = countRuns(data)
  return { hash: hex(digest), operations, ...body }
}

/** Reads what stands behind the length of a change chunk, its columns last. Throws INVALID when it is cut short. */
export function readChangeBody(chunk: Reader): Pick<
  ChangeHeader,
  'dependencies' | 'actor' | 'seq' | 'startOp'
> & {
  columns: { specification: number; data: Uint8Array }[]
} {
  const dependencies = Array.from({ length: chunk.count(hashSize) }, () => hex(chunk.take(hashSize)))
  const actor = chunk.take(chunk.unsigned())
  if (actor.length === 0 || actor.length > maxActorSize) throw invalid('actor of a wrong size')
  const seq = chunk.unsigned()
  const startOp = chunk.unsigned()
  chunk.signed() // time
  chunk.take(chunk.unsigned()) // message
  for (let others = chunk.count(1); others > 0; others--) chunk.take(chunk.unsigned())
  const lengths = Array.from({ length: chunk.count(2) }, () => ({
    specification: chunk.unsigned(),
    length: chunk.unsigned(),
  }))
  const columns = lengths.map(({ specification, length }) => ({ specification, data: chunk.take(length) }))
  return { dependencies, actor: hex(actor), seq, startOp, columns }
}

/** The number of values in a run-length encoded column. */
function countRuns(data: Uint8Array): number {
  const reader = new Reader(data, 0)
  let count = 0
  while (reader.offset < data.length) {
    const run = reader.signed()
    if (run > 0) {
      count += run
      reader.unsigned()
    } else if (run < 0) {
      count -= run
      for (let literal = run; literal < 0; literal++) reader.unsigned()
    } else count += reader.unsigned()
    if (!Number.isSafeInteger(count)) throw invalid('too many operations')
  }
  return count
}

/** Reads LEB128 numbers and byte strings, never past the end: throws INVALID. */
export class Reader {
  constructor(
    private readonly bytes: Uint8Array,
    public offset: number,
  ) {}

  take(size: number): Uint8Array {
    const end = this.offset + size
    if (end > this.bytes.length) throw invalid('cut short')
    const taken = this.bytes.subarray(this.offset, end)
    this.offset = end
    return taken
  }

  /** A count of items of at least `size` bytes each, bounded by what is left to read. */
  count(size: number): number {
    const count = this.unsigned()
    if (count * size > this.bytes.length - this.offset) throw invalid('cut short')
    return count
  }

  unsigned(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (!Number.isSafeInteger(value)) throw invalid('number too large')
      if (byte < 0x80) return value
    }
  }

  signed(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (!Number.isSafeInteger(value)) throw invalid('number too large')
      if (byte < 0x80) return byte & 0x40 ? value - scale * 128 : value
    }
  }

  private byte(): number {
    const byte = this.bytes[this.offset++]
    if (byte === undefined) throw invalid('cut short')
    return byte
  }
}

const invalid = (reason: string): SwarmpadError =>
  new SwarmpadError('INVALID', `Not a sound change: ${reason}.`)
