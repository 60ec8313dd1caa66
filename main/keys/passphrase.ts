import sodium from 'sodium-native'
import { SwarmpadError } from '../base/errors'
import { asBuffer } from './bytes'

/** Longest passphrase, in UTF-16 code units. The contract has the same limit. */
export const maxPassphrase = 1_024

/** Cost parameters of Argon2id. */
export interface PassphraseCost {
  /** Passes over the memory. */
  readonly operations: number
  /** Bytes. */
  readonly memory: number
}

/** Size of the salt in bytes. */
export const saltSize = 16

/** libsodium's MODERATE, what a new passphrase costs: about half a second on a machine of today. */
export const usualCost: PassphraseCost = { operations: 3, memory: 256 << 20 }

/** The most that a file may ask for: it is not trusted, and must not stop the machine. */
const greatestCost: PassphraseCost = { operations: 16, memory: 1 << 30 }

/** True for a cost that this program accepts: neither too low nor excessive. */
export const isSoundCost = ({ operations, memory }: PassphraseCost): boolean =>
  operations >= usualCost.operations &&
  operations <= greatestCost.operations &&
  memory >= usualCost.memory &&
  memory <= greatestCost.memory

/**
 * 32 bytes from a passphrase by Argon2id 1.3 (RFC 9106, libsodium's crypto_pwhash), computed on another
 * thread. The passphrase is brought to NFKC, so that keyboards of different systems agree. Rejects with
 * MALFORMED when it is too long or the cost is unsound, and when the machine has not that much memory.
 */
export async function passphraseKey(
  passphrase: string,
  salt: Uint8Array,
  cost: PassphraseCost,
): Promise<Uint8Array> {
  if (passphrase.length > maxPassphrase) throw new SwarmpadError('PASSPHRASE_LONG')
  if (!isSoundCost(cost))
    throw new SwarmpadError('MALFORMED', { why: 'a passphrase that takes too much or too little to check' })
  const words = Buffer.from(passphrase.normalize('NFKC'))
  const key = Buffer.alloc(32)
  try {
    await new Promise<void>((resolve, reject) =>
      sodium.crypto_pwhash_async(
        key,
        words,
        asBuffer(salt),
        cost.operations,
        cost.memory,
        sodium.crypto_pwhash_ALG_ARGON2ID13,
        (error: Error | null) => (error ? reject(error) : resolve()),
      ),
    )
  } catch {
    throw new SwarmpadError('MEMORY_SHORT', { megabytes: cost.memory >> 20 })
  } finally {
    words.fill(0)
  }
  return key
}
