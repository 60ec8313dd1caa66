import { createHash } from 'node:crypto'
import { hex } from '../base/hex'
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
  /** Hashes of the changes that it builds on, hex, in ascending order. */
  readonly dependencies: readonly string[]
  /** Other actors that its operations refer to, hex, in ascending order: number 1 and up in its columns. */
  readonly others: readonly string[]
  /** Encoded operations, by the columns' specifications. */
  readonly columns: ReadonlyMap<number, Uint8Array>
}

const magic = [0x85, 0x6f, 0x4a, 0x83]
const changeChunk = 1
const hashSize = 32
/** Where the part of a chunk begins that its hash is over. */
const checksumEnd = 8
const maxActorSize = 64

/** The number of changes that one change may build on at most. Rule D2. */
export const maxDependencies = 256

/**
 * Reads the head of an uncompressed change chunk, and takes it only in the form in which Automerge would write it
 * again. Throws MALFORMED on anything else, compressed chunks (type 2) included: no Swarmpad makes them, and they hide
 * bombs. Format: https://automerge.org/automerge-binary-format-spec/. Rule D2.
 */
export function readChangeHeader(bytes: Uint8Array): ChangeHeader {
  if (magic.some((byte, index) => bytes[index] !== byte)) throw malformed('no change chunk')
  if (bytes[8] !== changeChunk) throw malformed('a chunk of another type')
  const chunk = new Reader(bytes, 9)
  const length = chunk.unsigned()
  if (chunk.offset + length !== bytes.length) throw malformed('length does not match')
  const digest = hashChange(bytes)
  if (!digest.subarray(0, 4).equals(bytes.subarray(4, 8))) throw malformed('checksum does not match')

  const { columns, time, message, ...body } = readChangeBody(chunk)
  if (!chunk.ended) throw malformed('something stands behind the operations')
  // Two times may not be farther apart than a whole number tells: a document stores the differences.
  if (time < 0) throw malformed('made before 1970')
  // Automerge gives it out with each look at a change, and a large one deflates to next to nothing.
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
  return { hash: hex(digest), ...body, columns: known }
}

/** The hash of a change chunk, 32 bytes: over all but magic bytes and checksum. */
export function hashChange(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes.subarray(checksumEnd)).digest()
}

/** Reads what stands behind the length of a change chunk, its columns last. Throws MALFORMED when it is cut short. */
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
