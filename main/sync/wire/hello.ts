import c from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'
import { sameBytes } from '../../keys/bytes'
import type { DocumentKeys } from '../../keys/derive'
import { kdf } from '../../keys/hash'
import { decodeWhole } from '../../log/format/encoding'
import type { Connection } from '../../network/network'
import { type Instance, signAs, verifyAs } from './instance'

/**
 * First message of each side, inside the channel's handshake, before the other side has proved that it shares the
 * document: it has no more than is needed to prove that. The same in all versions. Rule W4.
 */
export interface Hello {
  /** The version of the wire that the sender speaks. */
  readonly version: number
  /** Public key of the sender's instance. */
  readonly instance: Uint8Array
}

/** Makes the hello for a connection. */
export function makeHello(options: {
  version: number
  keys: DocumentKeys
  instance: Instance
  connection: Connection
}): Uint8Array {
  const { version, keys, instance, connection } = options
  const { handshakeHash, isInitiator } = connection
  return Buffer.concat([
    c.encode(c.uint, version),
    proofOf(keys, isInitiator, handshakeHash),
    instance.pair.publicKey,
    signAs(instance, 'hello', handshakeHash),
  ])
}

/**
 * Reads a peer's hello and checks that the peer shares the document, on this very connection, and has the secret key
 * of the instance. Throws MALFORMED. Bytes after the known fields are ignored: later versions may add fields.
 */
export function readHello(bytes: Uint8Array, keys: DocumentKeys, connection: Connection): Hello {
  const { handshakeHash, isInitiator } = connection
  return decodeWhole(bytes, (state) => {
    const version = c.uint.decode(state)
    if (!sameBytes(c.fixed32.decode(state), proofOf(keys, !isInitiator, handshakeHash))) throw invalid()
    const publicKey = c.fixed32.decode(state)
    const signature = c.fixed64.decode(state)
    const { documentId } = keys
    if (!verifyAs({ publicKey, use: 'hello', documentId, message: handshakeHash, signature })) throw invalid()
    state.start = state.end
    return { version, instance: Uint8Array.from(publicKey) }
  })
}

// Bound to the side, so that a peer cannot send back the proof that it received. Rule W5.
function proofOf(keys: DocumentKeys, isInitiator: boolean, handshakeHash: Uint8Array): Uint8Array {
  return kdf(keys.keep, isInitiator ? 'initiator' : 'responder', handshakeHash)
}

const invalid = (): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: 'no proof that it shares the document' })
