import sodium from 'sodium-native'
import { SwarmpadError } from '../base/errors'
import { asBuffer } from './bytes'
import { kdf } from './hash'

/** Size of a nonce in bytes. */
export const nonceSize = 24

/** Bytes that a seal adds, besides the nonce. */
export const sealOverhead = 16

/**
 * XChaCha20-Poly1305 (IETF, libsodium): `plain` sealed with `key` (32 bytes) and bound to `associated`.
 * The result is 16 bytes longer than `plain` and does not hold the nonce (24 random bytes, used once).
 */
export function seal(
  key: Uint8Array,
  plain: Uint8Array,
  associated: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  const sealed = Buffer.alloc(plain.length + sealOverhead)
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    sealed,
    asBuffer(plain),
    asBuffer(associated),
    null,
    asBuffer(nonce),
    asBuffer(key),
  )
  return sealed
}

/** Inverse of `seal`. Throws MALFORMED when the key, the nonce, `associated` or a byte differs. */
export function open(
  key: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  if (sealed.length < sealOverhead || nonce.length !== nonceSize) throw broken()
  const plain = Buffer.alloc(sealed.length - sealOverhead)
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      plain,
      null,
      asBuffer(sealed),
      asBuffer(associated),
      asBuffer(nonce),
      asBuffer(key),
    )
  } catch (cause) {
    throw broken(cause)
  }
  return plain
}

/**
 * Seals with a nonce derived from the key, `associated` and `plain`, and puts it in front: the same
 * input gives the same bytes, on every device. It reveals when two plain texts are equal.
 */
export function sealDeterministic(key: Uint8Array, plain: Uint8Array, associated: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(associated.length)
  const nonce = kdf(key, 'derivedNonce', size, associated, plain).subarray(0, nonceSize)
  return Buffer.concat([nonce, seal(key, plain, associated, nonce)])
}

/** Inverse of `sealDeterministic`. Throws MALFORMED as `open` does. */
export function openDeterministic(key: Uint8Array, bytes: Uint8Array, associated: Uint8Array): Uint8Array {
  return open(key, bytes.subarray(nonceSize), associated, bytes.subarray(0, nonceSize))
}

const broken = (cause?: unknown): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: 'a seal that does not open', fault: 'SEALED_OTHERWISE' }, { cause })
