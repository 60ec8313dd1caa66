import c from 'compact-encoding'
import { SwarmpadError } from '../errors'
import { sameBytes } from '../keys/bytes'
import type { DocumentKeys, Role } from '../keys/derive'
import { kdf } from '../keys/hash'
import { nonceSize, open, seal, sealOverhead } from '../keys/seal'
import { signatureSize } from '../keys/signature'
import { boundedBytes, decodeWhole } from '../log/encoding'
import { maxNameSize } from '../log/limits'
import { cleanName } from '../log/name'
import type { Connection } from '../network/network'
import { type Instance, isWarranted, signAs, verifyAs } from './instance'

/** What each side says first, inside the channel's handshake; the same in all versions. Rule W4. */
export interface Hello {
  /** The version of the wire that the sender speaks. */
  readonly version: number
  /** What the sender says that it may do. */
  readonly role: Role
  /** Public key of the sender's instance. */
  readonly instance: Uint8Array
  /** W's signature on the instance, or empty. */
  readonly warrant: Uint8Array
  /** The sender's name, sealed for who can read; empty from who cannot. */
  readonly sealedName: Uint8Array
}

const roles = ['write', 'read', 'keep'] as const
const maxSealedName = nonceSize + maxNameSize + sealOverhead

/** Makes the hello for a connection. */
export function makeHello(options: {
  version: number
  keys: DocumentKeys
  instance: Instance
  name: string
  connection: Connection
  random: (size: number) => Uint8Array
}): Uint8Array {
  const { version, keys, instance, connection } = options
  const { handshakeHash, isInitiator } = connection
  const nonce = options.random(nonceSize)
  const name = Buffer.from(cleanName(options.name))
  const sealedName = keys.presence
    ? Buffer.concat([nonce, seal(keys.presence, name, handshakeHash, nonce)])
    : Buffer.alloc(0)
  return Buffer.concat([
    c.encode(c.uint, version),
    proofOf(keys, isInitiator, handshakeHash),
    Buffer.of(roles.indexOf(instance.role)),
    instance.pair.publicKey,
    signAs(instance, 'hello', handshakeHash),
    sized(instance.warrant),
    sized(sealedName),
  ])
}

/**
 * Reads and checks a peer's hello: it shares the document, on this very connection, and holds the key of
 * the instance that it names. Throws INVALID. What follows the known fields is left to later versions.
 */
export function readHello(bytes: Uint8Array, keys: DocumentKeys, connection: Connection): Hello {
  const { handshakeHash, isInitiator } = connection
  return decodeWhole(bytes, (state) => {
    const version = c.uint.decode(state)
    if (!sameBytes(c.fixed32.decode(state), proofOf(keys, !isInitiator, handshakeHash))) throw invalid()
    const role = roles[c.uint8.decode(state)]
    const publicKey = c.fixed32.decode(state)
    const signature = c.fixed64.decode(state)
    const { documentId } = keys
    if (!role || !verifyAs({ publicKey, use: 'hello', documentId, message: handshakeHash, signature }))
      throw invalid()
    const warrant = boundedBytes(state, signatureSize)
    const sealedName = boundedBytes(state, maxSealedName)
    state.start = state.end
    return { version, role, instance: Uint8Array.from(publicKey), warrant, sealedName }
  })
}

/** What a peer may do, as far as it can be known: a writer is one that W vouches for. Rule W6. */
export function roleOf(hello: Hello, keys: DocumentKeys): Role {
  if (hello.role !== 'write') return hello.role
  const { documentId, verify: verifyKey } = keys
  const { instance: publicKey, warrant } = hello
  return verifyKey && isWarranted({ publicKey, warrant, documentId, verifyKey }) ? 'write' : 'read'
}

/** The name in a hello; '' from a keeper, for a keeper, and when it cannot be opened. */
export function nameIn(hello: Hello, keys: DocumentKeys, connection: Connection): string {
  const { sealedName } = hello
  if (!keys.presence || sealedName.length === 0) return ''
  try {
    const nonce = sealedName.subarray(0, nonceSize)
    const plain = open(keys.presence, sealedName.subarray(nonceSize), connection.handshakeHash, nonce)
    return cleanName(Buffer.from(plain).toString())
  } catch (error) {
    if (error instanceof SwarmpadError) return ''
    throw error
  }
}

// Bound to the side, so that a peer cannot send back the proof that it was sent. Rule W5.
function proofOf(keys: DocumentKeys, isInitiator: boolean, handshakeHash: Uint8Array): Uint8Array {
  return kdf(keys.keep, isInitiator ? 'initiator' : 'responder', handshakeHash)
}

const sized = (bytes: Uint8Array): Uint8Array => c.encode(c.buffer, Buffer.from(bytes))

const invalid = (): SwarmpadError =>
  new SwarmpadError('INVALID', 'A peer does not prove that it shares the document.')
