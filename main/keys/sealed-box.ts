import sodium from 'sodium-native'
import { SwarmpadError } from '../base/errors'
import { asBuffer } from './bytes'
import type { Identity } from './identity'

/** Bytes that a sealed box adds. */
export const boxOverhead = 48

/**
 * A sealed box of libsodium (crypto_box_seal: X25519, XSalsa20-Poly1305) to an Ed25519 public key, which only
 * its owner can open and which does not reveal the owner. `seed`: 32 random bytes, used once. Throws MALFORMED
 * for an invalid key.
 */
export function sealFor(publicKey: Uint8Array, plain: Uint8Array, seed: Uint8Array): Uint8Array {
  const receiver = Buffer.alloc(32)
  try {
    sodium.crypto_sign_ed25519_pk_to_curve25519(receiver, asBuffer(publicKey))
  } catch (cause) {
    throw new SwarmpadError('MALFORMED', { why: 'a key that nothing can be sealed for' }, { cause })
  }
  // The library's own call draws the sender's key itself, where nothing could be tried again byte for byte.
  const sender = { publicKey: Buffer.alloc(32), secretKey: Buffer.alloc(32) }
  sodium.crypto_box_seed_keypair(sender.publicKey, sender.secretKey, asBuffer(seed))
  const nonce = Buffer.alloc(24)
  sodium.crypto_generichash_batch(nonce, [sender.publicKey, receiver])
  const box = Buffer.alloc(plain.length + 16)
  sodium.crypto_box_easy(box, asBuffer(plain), nonce, receiver, sender.secretKey)
  return Buffer.concat([sender.publicKey, box])
}

/** Opens a box that was sealed for this identity; null when it was sealed for another, or is broken. */
export function openSealed(identity: Identity, box: Uint8Array): Uint8Array | null {
  if (box.length < boxOverhead) return null
  const publicKey = Buffer.alloc(32)
  const secretKey = Buffer.alloc(32)
  sodium.crypto_sign_ed25519_pk_to_curve25519(publicKey, asBuffer(identity.publicKey))
  sodium.crypto_sign_ed25519_sk_to_curve25519(secretKey, asBuffer(identity.secretKey))
  const plain = Buffer.alloc(box.length - boxOverhead)
  return sodium.crypto_box_seal_open(plain, asBuffer(box), publicKey, secretKey) ? plain : null
}
