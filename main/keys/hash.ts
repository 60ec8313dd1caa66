import sodium from 'sodium-native'
import { asBuffer } from './bytes'
import { namespaces, type Purpose } from './namespaces'

/** 32 bytes, BLAKE2b-256 keyed with `key` (32 bytes) over the purpose's namespace and the parts. */
export function kdf(key: Uint8Array, purpose: Purpose, ...parts: Uint8Array[]): Buffer {
  const out = Buffer.alloc(32)
  sodium.crypto_generichash_batch(out, [namespaces[purpose], ...parts.map(asBuffer)], asBuffer(key))
  return out
}

/**
 * 32 bytes, BLAKE2b-256 over the purpose's namespace and the parts. The parts are not told apart: all
 * but one of them must be of a fixed size.
 */
export function hashFor(purpose: Purpose, ...parts: Uint8Array[]): Buffer {
  const out = Buffer.alloc(32)
  sodium.crypto_generichash_batch(out, [namespaces[purpose], ...parts.map(asBuffer)])
  return out
}
