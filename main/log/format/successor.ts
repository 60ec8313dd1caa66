import c from 'compact-encoding'
import type { Environment } from '../../base/environment'
import { SwarmpadError } from '../../base/errors'
import { sameBytes } from '../../keys/bytes'
import { type DocumentKeys, keysFromWrite } from '../../keys/derive'
import type { Identity } from '../../keys/identity'
import { boxOverhead, openSealed, sealFor } from '../../keys/sealed-box'
import { sign, signatureSize, verify } from '../../keys/signature'
import { decodeWhole } from './encoding'

/** Most people to whom one record gives the new link. The contract has the same limit. Rule R1. */
export const maxReceivers = 255

const version = 1
const headSize = 1 + 32 + 32 + 1
const sealedSize = 32 + 32 + boxOverhead

/** Size in bytes of the longest record. */
export const maxSuccessorSize = headSize + maxReceivers * sealedSize + signatureSize

/** Says that another document takes the place of this one. Its signature was checked. */
export interface SuccessorRecord {
  /** Key of the author, 32 bytes. The reader checks that this author may write in this document. */
  readonly author: Uint8Array
  /** The document that takes its place. */
  readonly documentId: Uint8Array
  /** One for each person whom its write secret is sealed for. */
  readonly seals: readonly Uint8Array[]
}

/**
 * Makes the record, signed by `identity`, that tells people in the document `from` of the document whose
 * write keys are `to`, with the write secret sealed for each author key of `receivers`. Throws
 * ROLE_TOO_LOW without that secret, MALFORMED for too many receivers or an invalid key. Rules R1, R2.
 */
export function makeSuccessor(options: {
  from: Uint8Array
  to: DocumentKeys
  identity: Identity
  receivers: readonly Uint8Array[]
  random: Environment['random']
}): Uint8Array {
  const { from, to, identity, receivers, random } = options
  if (!to.write) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'write' })
  if (receivers.length > maxReceivers) throw new SwarmpadError('RECEIVERS_TOO_MANY', { most: maxReceivers })
  const plain = Buffer.concat([identity.publicKey, to.write])
  const body = Buffer.concat([
    Buffer.of(version),
    identity.publicKey,
    to.documentId,
    Buffer.of(receivers.length),
    ...receivers.map((receiver) => sealFor(receiver, plain, random(32))),
  ])
  return Buffer.concat([body, sign('signSuccessor', [from, body], identity.secretKey)])
}

/** Takes a record apart that stands in the document `from`, and checks its signature. Throws MALFORMED. */
export function readSuccessor(bytes: Uint8Array, from: Uint8Array): SuccessorRecord {
  return decodeWhole(bytes, (state) => {
    if (c.uint8.decode(state) !== version) throw unsound('of an unknown version')
    const author = Uint8Array.from(c.fixed32.decode(state))
    const documentId = Uint8Array.from(c.fixed32.decode(state))
    const count = c.uint8.decode(state)
    const seals = Array.from({ length: count }, () => Uint8Array.from(c.fixed(sealedSize).decode(state)))
    const body = bytes.subarray(0, state.start)
    const signature = c.fixed64.decode(state)
    if (sameBytes(documentId, from)) throw unsound('a document does not follow itself')
    if (!verify('signSuccessor', [from, body], signature, author)) throw unsound('not signed by its author')
    return { author, documentId, seals }
  })
}

/** The write secret (32 bytes) that a record holds for this person; null when it holds none. Rule R3. */
export function openSuccessor(record: SuccessorRecord, identity: Identity): Uint8Array | null {
  for (const seal of record.seals) {
    const plain = openSealed(identity, seal)
    // One that was copied out of another's record names that other.
    if (!plain || !sameBytes(plain.subarray(0, 32), record.author)) continue
    const secret = Uint8Array.from(plain.subarray(32))
    if (sameBytes(keysFromWrite(secret).documentId, record.documentId)) return secret
  }
  return null
}

const unsound = (reason: string): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: `record: ${reason}` })
