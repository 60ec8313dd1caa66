import c from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'
import type { DocumentKeys, Role } from '../../keys/derive'
import { cleanName, maxNameSize } from '../../keys/name'
import { nonceSize, open, seal, sealOverhead } from '../../keys/seal'
import { signatureSize } from '../../keys/signature'
import { boundedBytes, decodeWhole } from '../../log/format/encoding'
import type { Connection } from '../../network/network'
import { type Instance, isWarranted } from './instance'

/**
 * Facts that a side sends about itself once both have proved that they share the document; the same in all
 * versions. Rule W74.
 */
export interface Introduction {
  /** The role that the sender claims. */
  readonly role: Role
  /** W's signature on the sender's instance, or empty. */
  readonly warrant: Uint8Array
  /** The sender's name, sealed for readers; empty from a sender without read access. */
  readonly sealedName: Uint8Array
}

const roles = ['write', 'read', 'keep'] as const
const maxSealedName = nonceSize + maxNameSize + sealOverhead

/** Makes the introduction for a connection. */
export function makeIntroduction(options: {
  keys: DocumentKeys
  instance: Instance
  name: string
  connection: Connection
  random: (size: number) => Uint8Array
}): Uint8Array {
  const { keys, instance, connection } = options
  const nonce = options.random(nonceSize)
  const name = Buffer.from(cleanName(options.name))
  const sealedName = keys.presence
    ? Buffer.concat([nonce, seal(keys.presence, name, connection.handshakeHash, nonce)])
    : Buffer.alloc(0)
  return Buffer.concat([Buffer.of(roles.indexOf(instance.role)), sized(instance.warrant), sized(sealedName)])
}

/** Reads an introduction, unchecked. Throws MALFORMED. Bytes after the known fields are ignored: later versions may add fields. */
export function readIntroduction(bytes: Uint8Array): Introduction {
  return decodeWhole(bytes, (state) => {
    const role = roles[c.uint8.decode(state)]
    if (!role) throw new SwarmpadError('MALFORMED', { why: 'an unknown role' })
    const warrant = boundedBytes(state, signatureSize)
    const sealedName = boundedBytes(state, maxSealedName)
    state.start = state.end
    return { role, warrant, sealedName }
  })
}

/**
 * Returns the role of the peer with that instance (its public key), as far as it can be known: W vouches for a writer,
 * and a peer that could not seal its name for readers can only keep. Rule W6.
 */
export function roleOf(
  introduction: Introduction,
  { instance, keys, connection }: { instance: Uint8Array; keys: DocumentKeys; connection: Connection },
): Role {
  const { role, warrant } = introduction
  if (role === 'keep' || (keys.presence && nameIn(introduction, keys, connection) === null)) return 'keep'
  const { documentId, verify: verifyKey } = keys
  if (role === 'read' || !verifyKey) return 'read'
  return isWarranted({ publicKey: instance, warrant, documentId, verifyKey }) ? 'write' : 'read'
}

/** Returns the name in an introduction; null from a keeper, for a keeper, and when it cannot be opened. */
export function nameIn(
  { sealedName }: Introduction,
  keys: DocumentKeys,
  connection: Connection,
): string | null {
  if (!keys.presence || sealedName.length === 0) return null
  try {
    const nonce = sealedName.subarray(0, nonceSize)
    const plain = open(keys.presence, sealedName.subarray(nonceSize), connection.handshakeHash, nonce)
    return cleanName(Buffer.from(plain).toString())
  } catch (error) {
    if (error instanceof SwarmpadError) return null
    throw error
  }
}

const sized = (bytes: Uint8Array): Uint8Array => c.encode(c.buffer, Buffer.from(bytes))
