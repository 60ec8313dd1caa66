import { createHash } from 'node:crypto'
import { hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import { malformed, Reader } from './columns'
import { isNaming } from './entry-names'

/** Header of an Automerge change, read without running the change. */
export interface ChangeHeader {
  /** SHA-256 of the chunk, hex: how other changes name this one. */
  readonly hash: string
  /** Hex. */
  readonly actor: string
  readonly seq: number
  /** The counter of its first operation. */
  readonly startOp: number
  /** Hashes of the changes that it depends on, hex, in ascending order. */
  readonly dependencies: readonly string[]
  /** Other actors that its operations refer to, hex, in ascending order: number 1 and up in its columns. */
  readonly others: readonly string[]
  /** Encoded operations, by the columns' specifications. */
  readonly columns: ReadonlyMap<number, Uint8Array>
}

const magic = [0x85, 0x6f, 0x4a, 0x83]
const changeChunk = 1
const hashSize = 32
/** The checksum, the first bytes of the hash. What follows it is hashed. */
const checksumStart = 4
const checksumSize = 4
const checksumEnd = checksumStart + checksumSize
const maxActorSize = 64

/** Most changes that one change may depend on. Rule D2. */
export const maxDependencies = 256

/**
 * Reads the header of an uncompressed change chunk, and accepts only the form in which Automerge would write it
 * again; `hash` is what `hashChange` returns for the chunk. Throws MALFORMED for anything else, compressed chunks
 * (type 2) included: no Swarmpad makes them, and they hide bombs. Rule D2. Format:
 * https://automerge.org/automerge-binary-format-spec/
 */
export function readChangeHeader(bytes: Uint8Array, hash: Uint8Array = hashChange(bytes)): ChangeHeader {
  if (magic.some((byte, index) => bytes[index] !== byte)) throw malformed('no change chunk')
  if (bytes[8] !== changeChunk) throw malformed('a chunk of another type')
  const chunk = new Reader(bytes, 9)
  const length = chunk.unsigned()
  if (chunk.offset + length !== bytes.length) throw malformed('length does not match')
  if (!sameBytes(hash.subarray(0, checksumSize), bytes.subarray(checksumStart, checksumEnd)))
    throw malformed('checksum does not match')

  const { columns, time, message, ...body } = readChangeBody(chunk)
  if (!chunk.ended) throw malformed('bytes behind the operations')
  // A document stores differences of times, which must be safe integers.
  if (time < 0) throw malformed('made before 1970')
  // Automerge returns it with a change's metadata, and a large one deflates to a few bytes.
  if (!isNaming(message)) throw malformed('a message of an unknown form')
  if (body.dependencies.length > maxDependencies) throw malformed('built on too many changes')
  if (!isAscending(body.dependencies)) throw malformed('dependencies are out of order')
  if (!isAscending(body.others) || body.others.includes(body.actor))
    throw malformed('actors are out of order')
  const known = new Map<number, Uint8Array>()
  let last = -1
  for (const { specification, data } of columns) {
    if (specification <= last || data.length === 0) throw malformed('columns are out of order')
    known.set(specification, data)
    last = specification
  }
  return { hash: hex(hash), ...body, columns: known }
}

/** Hashes a change chunk without its magic bytes and checksum; 32 bytes. */
export function hashChange(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes.subarray(checksumEnd)).digest()
}

/** Reads a change chunk from behind its length, columns last. Throws MALFORMED for one that is cut short. */
export function readChangeBody(chunk: Reader): Pick<
  ChangeHeader,
  'dependencies' | 'actor' | 'seq' | 'startOp' | 'others'
> & {
  time: number
  message: Uint8Array
  columns: { specification: number; data: Uint8Array }[]
} {
  const dependencies = Array.from({ length: chunk.count(hashSize) }, () => hex(chunk.take(hashSize)))
  const actor = readActor(chunk)
  const seq = chunk.unsigned()
  const startOp = chunk.unsigned()
  const time = chunk.signed()
  const message = chunk.take(chunk.unsigned())
  const others = Array.from({ length: chunk.count(1) }, () => readActor(chunk))
  const lengths = Array.from({ length: chunk.count(2) }, () => ({
    specification: chunk.unsigned(),
    length: chunk.unsigned(),
  }))
  const columns = lengths.map(({ specification, length }) => ({ specification, data: chunk.take(length) }))
  return { dependencies, actor, seq, startOp, time, message, others, columns }
}

function readActor(chunk: Reader): string {
  const actor = chunk.take(chunk.unsigned())
  if (actor.length === 0 || actor.length > maxActorSize) throw malformed('actor of a wrong size')
  return hex(actor)
}

const isAscending = (names: readonly string[]): boolean =>
  names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name)
