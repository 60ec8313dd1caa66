import type { DocumentKeys, Role } from '../../keys/derive'
import { type KeyPair, keyPairFromSeed, sign, verify } from '../../keys/signature'

/** One run of one program on one document, as others see it. */
export interface Instance {
  readonly documentId: Uint8Array
  readonly role: Role
  /** Fresh for each run: ties presence and channels together, and nothing to other runs. */
  readonly pair: KeyPair
  /** W's signature on the public key, for an instance that may write; otherwise empty. Rule W6. */
  readonly warrant: Uint8Array
}

/** Kinds of signed messages, each with its prefix byte, so that none can be mistaken for another. */
const uses = { hello: 0, presence: 1, warrant: 2, receipt: 3 } as const

/** Kinds of messages that an instance signs itself. */
type OwnUse = Exclude<keyof typeof uses, 'warrant'>

/** Makes an instance of `role` from a random seed of 32 bytes. */
export function makeInstance(keys: DocumentKeys, role: Role, seed: Uint8Array): Instance {
  const pair = keyPairFromSeed(seed)
  const { documentId, sign: secret } = keys
  const warrant =
    role === 'write' && secret ? signUse('warrant', documentId, pair.publicKey, secret) : Buffer.alloc(0)
  return { documentId, role: warrant.length > 0 || role === 'keep' ? role : 'read', pair, warrant }
}

/** Signs `message` as an instance. */
export function signAs(instance: Instance, use: OwnUse, message: Uint8Array): Uint8Array {
  return signUse(use, instance.documentId, message, instance.pair.secretKey)
}

/** Returns true if the instance with that key signed `message`. */
export function verifyAs(options: {
  publicKey: Uint8Array
  use: OwnUse
  documentId: Uint8Array
  message: Uint8Array
  signature: Uint8Array
}): boolean {
  const { publicKey, use, documentId, message, signature } = options
  return verify('signPresence', [documentId, Buffer.of(uses[use]), message], signature, publicKey)
}

/** Returns true if W (its public key is `verifyKey`) vouches for an instance. Rule W6. */
export function isWarranted(options: {
  publicKey: Uint8Array
  warrant: Uint8Array
  documentId: Uint8Array
  verifyKey: Uint8Array
}): boolean {
  const { publicKey, warrant, documentId, verifyKey } = options
  return verify('signPresence', [documentId, Buffer.of(uses.warrant), publicKey], warrant, verifyKey)
}

function signUse(
  use: keyof typeof uses,
  documentId: Uint8Array,
  message: Uint8Array,
  secretKey: Uint8Array,
): Uint8Array {
  return sign('signPresence', [documentId, Buffer.of(uses[use]), message], secretKey)
}
