import c from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'
import type { DocumentKeys, Role } from '../../keys/derive'
import { cleanName, maxNameSize } from '../../keys/name'
import { nonceSize, open, seal } from '../../keys/seal'
import { type KeyPair, sign, signatureSize, verify } from '../../keys/signature'
import { decodeWhole } from '../../log/format/encoding'
import type { Instance } from '../wire/instance'

/** The computer behind an instance, by the key under which it confirms what it stores of the document. */
export interface ReplicaProof {
  /** 32 bytes. */
  readonly key: Uint8Array
  /** That key's signature on the instance. */
  readonly signature: Uint8Array
  /** A keeper's name, set by its operator; '' for all others. */
  readonly name: string
}

const forms = { open: 0, sealed: 1 } as const
/** Largest proof in bytes: a keeper's, with the longest name. */
const maxReplicaProofSize = 1 + 32 + signatureSize + maxNameSize

/**
 * Makes the proof of the computer that an instance runs on. Readers seal it for other readers, bound to the
 * instance; keepers send it in the clear. Rule W70.
 */
export function makeReplicaProof(options: {
  replica: KeyPair
  name: string
  keys: DocumentKeys
  instance: Instance
  random: (size: number) => Uint8Array
}): Uint8Array {
  const { replica, keys, instance, random } = options
  const { publicKey } = instance.pair
  const signature = sign('signInstance', [keys.documentId, publicKey], replica.secretKey)
  const known = Buffer.concat([replica.publicKey, signature])
  if (!keys.presence)
    return Buffer.concat([Buffer.of(forms.open), known, Buffer.from(cleanName(options.name))])
  const nonce = random(nonceSize)
  return Buffer.concat([Buffer.of(forms.sealed), nonce, seal(keys.presence, known, publicKey, nonce)])
}

/**
 * Reads the proof of the computer that a peer's instance (given by its public key) runs on. Returns null
 * without read access to a sealed one. Throws MALFORMED for an unsound one, also if the fault is inside, since
 * only its maker sends it; and for a form that does not match the peer's role, since only keepers name
 * themselves.
 */
export function readReplicaProof(
  bytes: Uint8Array,
  keys: DocumentKeys,
  instance: Uint8Array,
  role: Role,
): ReplicaProof | null {
  const form = role === 'keep' ? forms.open : forms.sealed
  if (bytes.length > maxReplicaProofSize || bytes[0] !== form) throw invalid()
  if (form === forms.open) return checked(bytes.subarray(1), keys, instance, true)
  if (!keys.presence) return null
  const nonce = bytes.subarray(1, 1 + nonceSize)
  return checked(open(keys.presence, bytes.subarray(1 + nonceSize), instance, nonce), keys, instance, false)
}

function checked(plain: Uint8Array, keys: DocumentKeys, instance: Uint8Array, named: boolean): ReplicaProof {
  const proof = decodeWhole(plain, (state) => {
    const key = Uint8Array.from(c.fixed32.decode(state))
    const signature = Uint8Array.from(c.fixed64.decode(state))
    const name = named ? cleanName(Buffer.from(plain.subarray(state.start)).toString()) : ''
    if (named) state.start = state.end
    return { key, signature, name }
  })
  if (!verify('signInstance', [keys.documentId, instance], proof.signature, proof.key)) throw invalid()
  return proof
}

const invalid = (): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: 'no proof of the computer that it runs on' })
