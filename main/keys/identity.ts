import { hashFor, kdf } from './hash'
import { lettersOf } from './letters'
import { type KeyPair, keyPairFromSeed } from './signature'

/** The long-lived key of a person, and in this version of the person's device too. */
export type Identity = KeyPair

/** The identity of a seed of 32 bytes. Throws MALFORMED on another size. */
export function identityFromSeed(seed: Uint8Array): Identity {
  return keyPairFromSeed(seed)
}

/**
 * Eight letters and digits such as `k7qm-2xdp` to stand beside a name, which anyone can claim: 40 bits
 * of a hash of the author's public key.
 */
export function fingerprint(publicKey: Uint8Array): string {
  const text = lettersOf(hashFor('fingerprint', publicKey).readUIntBE(0, 5), 8)
  return `${text.slice(0, 4)}-${text.slice(4)}`
}

/**
 * The key under which a computer confirms what it stores of one document: the same each time, and another for each
 * document, so that nobody learns from it what else is stored there. `seed` is the computer's own, 32 secret bytes.
 */
export function holderFor(seed: Uint8Array, documentId: Uint8Array): KeyPair {
  return keyPairFromSeed(kdf(seed, 'holder', documentId))
}
