import c, { type State } from 'compact-encoding'
import { SwarmpadError } from '../errors'
import { fromHex, hex } from '../hex'
import { decodeWhole } from '../log/encoding'
import { bucketCount, bucketDigestSize, type Extent, type SessionId } from '../log/version-vector'

/** The messages of a document's channel, by their place on the wire. Rule W20. */
export const messageTypes = [
  'manifest',
  'have',
  'vector',
  'want',
  'certificate',
  'segment',
  'credit',
  'presence',
  'receipt',
  'fork',
] as const

/** A message's name. */
export type MessageType = (typeof messageTypes)[number]

/** Entries in one vector or receipt at most. Rule W21. */
export const maxEntries = 4_000

/** What each side says first, inside the channel's handshake. Rule W4. */
export interface Hello {
  readonly version: number
  readonly role: 'write' | 'read' | 'keep'
  /** Shows that the sender holds the document's keep secret, on this connection. */
  readonly proof: Uint8Array
  /** The sender's instance: the public key that signs its presence, fresh for each run. */
  readonly instance: Uint8Array
  /** The sender's name, sealed for who can read; empty from who cannot. */
  readonly sealedName: Uint8Array
}

/** A stretch of a session's log that the sender asks for. */
export interface Want {
  readonly session: SessionId
  /** It holds changes up to here. */
  readonly after: number
}

const roles = ['write', 'read', 'keep'] as const
const maxSealedName = 256

/** Encodes a hello. */
export function encodeHello(hello: Hello): Uint8Array {
  return Buffer.concat([
    c.encode(c.uint, hello.version),
    Buffer.of(roles.indexOf(hello.role)),
    hello.proof,
    hello.instance,
    c.encode(c.buffer, Buffer.from(hello.sealedName)),
  ])
}

/** Decodes a hello. Throws INVALID. What follows the known fields is left to later versions. */
export function decodeHello(bytes: Uint8Array): Hello {
  return decodeWhole(bytes, (state) => {
    const version = c.uint.decode(state)
    const role = roles[c.uint8.decode(state)]
    if (!role) throw invalid()
    const hello = { version, role, proof: c.fixed32.decode(state), instance: c.fixed32.decode(state) }
    const sealedName = bounded(state, maxSealedName)
    state.start = state.end
    return { ...hello, sealedName }
  })
}

/** Checks the digests of a HAVE. Throws INVALID. */
export function decodeHave(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== bucketCount * bucketDigestSize) throw invalid()
  return bytes
}

/** Encodes vector entries; cut them into pages of `maxEntries` first. */
export function encodeEntries(entries: readonly (readonly [SessionId, Extent])[]): Uint8Array {
  return Buffer.concat([
    c.encode(c.uint, entries.length),
    ...entries.flatMap(([session, { base, tip }]) => [
      fromHex(session),
      c.encode(c.uint, base),
      c.encode(c.uint, tip),
    ]),
  ])
}

/** Decodes what `encodeEntries` made. Throws INVALID. */
export function decodeEntries(bytes: Uint8Array): [SessionId, Extent][] {
  return decodeWhole(bytes, (state) => {
    const count = c.uint.decode(state)
    if (count > maxEntries) throw invalid()
    return Array.from({ length: count }, () => {
      const session = hex(c.fixed32.decode(state))
      const base = seq(state)
      const tip = seq(state)
      if (base > tip) throw invalid()
      return [session, { base, tip }] as [SessionId, Extent]
    })
  })
}

/** Encodes a want. */
export function encodeWant({ session, after }: Want): Uint8Array {
  return Buffer.concat([fromHex(session), c.encode(c.uint, after)])
}

/** Decodes a want. Throws INVALID. */
export function decodeWant(bytes: Uint8Array): Want {
  return decodeWhole(bytes, (state) => ({ session: hex(c.fixed32.decode(state)), after: seq(state) }))
}

/** Encodes a number of bytes that may be sent. */
export function encodeCredit(size: number): Uint8Array {
  return c.encode(c.uint, size)
}

/** Decodes a credit. Throws INVALID above 2^31. */
export function decodeCredit(bytes: Uint8Array): number {
  return decodeWhole(bytes, (state) => {
    const size = c.uint.decode(state)
    if (size > 2 ** 31) throw invalid()
    return size
  })
}

function seq(state: State): number {
  const value = c.uint.decode(state)
  if (value > 0xffff_ffff) throw invalid()
  return value
}

function bounded(state: State, limit: number): Uint8Array {
  const length = c.uint.decode(state)
  if (length > limit || length > state.end - state.start) throw invalid()
  const bytes = (state.buffer as Uint8Array).subarray(state.start, state.start + length)
  state.start += length
  return bytes
}

const invalid = (): SwarmpadError =>
  new SwarmpadError('INVALID', 'A peer sent a message that cannot be read.')
