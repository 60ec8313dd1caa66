import fc from 'fast-check'
import { SwarmpadError } from '../../main/base/errors'
import { randomFrom } from './random'

/** The long form takes twenty times the cases. */
const scale = process.env.SWARMPAD_SOAK === '1' ? 20 : 1

/** The same cases each time; SWARMPAD_SEED tries others. A failure prints it, with the path to the case. */
export const fuzzSeed = Number(process.env.SWARMPAD_SEED ?? 20_261_124)

/** How many cases a run takes of what takes `cases` in the short form. */
export const scaled = (cases: number): number => cases * scale

/** Tries `check` on so many values, and on smaller ones once one fails. Throws with the seed and the case. */
export function fuzz<T>(cases: number, values: fc.Arbitrary<T>, check: (value: T) => void): void {
  fc.assert(fc.property(values, check), { seed: fuzzSeed, numRuns: scaled(cases) })
}

/** The same for what takes its time. */
export async function fuzzSlowly<T>(
  cases: number,
  values: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(values, check), { seed: fuzzSeed, numRuns: scaled(cases) })
}

/** Returns a decoder's result; null if it fails with one of the codes. Rethrows any other error. */
export function answer<T>(decode: () => T, ...codes: SwarmpadError['code'][]): T | null {
  try {
    return decode()
  } catch (error) {
    if (error instanceof SwarmpadError && codes.includes(error.code)) return null
    throw error
  }
}

/** One change of bytes; the numbers are taken modulo what there is. */
interface Mutation {
  readonly kind: Kind
  readonly place: number
  readonly size: number
  readonly value: number
}

type Kind =
  | 'flip'
  | 'byte'
  | 'cut'
  | 'extend'
  | 'splice'
  | 'remove'
  | 'double'
  | 'uint32'
  | 'uint32be'
  | 'uint'
  | 'random'

/** Kinds to draw from; one that stands twice is drawn twice as often. */
const kinds: readonly Kind[] = [
  'flip',
  'flip',
  'byte',
  'cut',
  'extend',
  'splice',
  'remove',
  'double',
  'uint32',
  'uint32be',
  'uint',
  'random',
]

/** Numbers at which sizes and counts go wrong. */
const extremes = [
  0, 1, 2, 63, 64, 65, 127, 128, 252, 253, 255, 256, 999, 1_000, 1_001, 0x7fff, 0xffff, 0x1_0000, 0x10_0000,
  0x10_0001, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff,
]
const uints = [
  ...extremes.map((value) => Buffer.from([0xfe, value, value >>> 8, value >>> 16, value >>> 24])),
  Buffer.from([0xfd, 0xff, 0xff]),
  Buffer.from([0xfc]),
  Buffer.from('ff0000000001000000', 'hex'),
  Buffer.from('ffffffffffffff1f00', 'hex'),
  Buffer.from('ff0000000000002000', 'hex'),
  Buffer.from('ffffffffffffffffff', 'hex'),
  // LEB128, as in Automerge's changes.
  Buffer.from('ffffffff0f', 'hex'),
  Buffer.from('ffffffffffffff0f', 'hex'),
  Buffer.from('8080808080808010', 'hex'),
  Buffer.from('80808080808080808001', 'hex'),
  Buffer.from('ffffffffffffffffff7f', 'hex'),
]

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...kinds),
  place: fc.nat(),
  size: fc.nat(),
  value: fc.nat(),
})

/**
 * Sound bytes that were changed: bits and bytes, cuts, more at the end, parts of others, parts twice or gone,
 * numbers at their extremes at any place; and, less often, bytes that never were sound. Each gives its number in
 * `sound` too.
 */
export function mutated(sound: readonly Uint8Array[]): fc.Arbitrary<{ bytes: Buffer; of: number }> {
  return fc
    .record({ of: fc.nat(sound.length - 1), mutations: fc.array(mutation, { minLength: 1, maxLength: 4 }) })
    .map(({ of, mutations }) => ({ of, bytes: mutate(sound, of, mutations) }))
}

/** Any bytes, most of them few. */
export const anyBytes = (maxLength = 400): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })

/** Where and how bytes are changed. */
interface Spot {
  readonly at: number
  readonly span: number
  readonly size: number
  readonly value: number
  readonly sound: readonly Uint8Array[]
}

const mutators: Readonly<Record<Kind, (bytes: Buffer, spot: Spot) => Buffer>> = {
  flip: (bytes, { at, value }) => setByte(bytes, at, (bytes[at] ?? 0) ^ (1 << (value % 8))),
  byte: (bytes, { at, value }) => setByte(bytes, at, [0, 1, 0x7f, 0x80, 0xfd, 0xfe, 0xff][value % 7] ?? 0),
  cut: (bytes, { at }) => bytes.subarray(0, at),
  extend: (bytes, { span, value }) =>
    Buffer.concat([bytes, value % 3 === 0 ? Buffer.alloc(span) : randomFrom(value).bytes(span % 100)]),
  splice: (bytes, { at, span, size, value, sound }) => {
    const other = sound[value % sound.length] ?? bytes
    const from = other.length === 0 ? 0 : size % other.length
    return replace(bytes, at, other.subarray(from, from + span))
  },
  remove: (bytes, { at, span }) => replace(bytes, at, Buffer.alloc(0), span),
  double: (bytes, { at, span }) => replace(bytes, at, bytes.subarray(at, at + span), 0),
  uint32: (bytes, { at, value }) => replace(bytes, at, extreme(value)),
  uint32be: (bytes, { at, value }) => replace(bytes, at, extreme(value).swap32()),
  uint: (bytes, { at, value }) =>
    replace(bytes, at, uints[value % uints.length] ?? Buffer.alloc(0), value % 3 === 0 ? 1 : undefined),
  // Rarely: most of these fail at the first byte.
  random: (bytes, { size, value }) =>
    value % 4 === 0 ? randomFrom(value).bytes(size % (bytes.length + 70)) : bytes,
}

function mutate(sound: readonly Uint8Array[], of: number, mutations: readonly Mutation[]): Buffer {
  let bytes: Buffer = Buffer.from(sound[of] ?? [])
  for (const { kind, place, size, value } of mutations) {
    const at = bytes.length === 0 ? 0 : place % bytes.length
    const span = 1 + (size % (value % 2 === 0 ? 8 : Math.max(1, bytes.length)))
    bytes = mutators[kind](bytes, { at, span, size, value, sound })
  }
  return bytes
}

function setByte(bytes: Buffer, at: number, value: number): Buffer {
  if (bytes.length > 0) bytes[at] = value
  return bytes
}

/** Puts bytes in place of `gone` bytes at an offset. */
const replace = (bytes: Buffer, at: number, put: Uint8Array, gone = put.length): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + gone)])

function extreme(value: number): Buffer {
  const number = Buffer.alloc(4)
  number.writeUInt32LE(extremes[value % extremes.length] ?? 0)
  return number
}
