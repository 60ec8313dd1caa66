import sodium from 'sodium-native'
import { SwarmpadError } from '../base/errors'
import { asBuffer } from './bytes'
import { namespaces, type Purpose } from './namespaces'

/** An Ed25519 key pair: 32 bytes public, 64 bytes secret. */
export interface KeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** Size of a signature in bytes. */
export const signatureSize = 64

type Signing = Extract<Purpose, `sign${string}`>

/** The Ed25519 key pair of a seed of 32 bytes. Throws MALFORMED on another size. */
export function keyPairFromSeed(seed: Uint8Array): KeyPair {
  if (seed.length !== 32)
    throw new SwarmpadError('MALFORMED', { why: 'a seed of another length than 32 bytes' })
  // Slow allocations: keys live long and should not share a pool with other data.
  const publicKey = Buffer.allocUnsafeSlow(32)
  const secretKey = Buffer.allocUnsafeSlow(64)
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, asBuffer(seed))
  return { publicKey, secretKey }
}

/** A 64-byte Ed25519 signature over the purpose's namespace and the parts, in one piece. */
export function sign(purpose: Signing, parts: readonly Uint8Array[], secretKey: Uint8Array): Buffer {
  const signature = Buffer.alloc(signatureSize)
  sodium.crypto_sign_detached(signature, Buffer.concat([namespaces[purpose], ...parts]), asBuffer(secretKey))
  return signature
}

/** True if `signature` was made by `sign` with the same purpose and parts. False for wrong sizes too. */
export function verify(
  purpose: Signing,
  parts: readonly Uint8Array[],
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== signatureSize || publicKey.length !== 32) return false
  const message = Buffer.concat([namespaces[purpose], ...parts])
  return sodium.crypto_sign_verify_detached(asBuffer(signature), message, asBuffer(publicKey))
}
