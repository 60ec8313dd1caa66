import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { passphraseKey, saltSize, usualCost } from '../keys/passphrase'
import { nonceSize, open, seal } from '../keys/seal'
import { type KeyFile, type PassphraseSeal, passphraseHead } from './key-file'

/** The system's store of secrets, which opens for the person who is logged in. */
export interface Keyring {
  /** Rejects when it is locked or gone. */
  seal(text: string): Promise<Uint8Array>
  /** Returns the text given to `seal`. `outdated`: seal it again. Rejects when it cannot be opened. */
  open(sealed: Uint8Array): Promise<{ text: string; outdated: boolean }>
}

/** A master key under a protection, ready to be written. */
export interface KeyProtector {
  readonly file: KeyFile
  /** Opens the key in a file that was read back, to prove that it opens. Rejects as the protections do. */
  readonly reopen: (file: KeyFile) => Promise<Uint8Array>
}

/** Returns the key in the clear. */
export const inTheClear = (key: Uint8Array, declined: boolean): KeyProtector => ({
  file: { protection: 'file', key, declined },
  reopen: async (file) => (file.protection === 'file' ? file.key : otherProtection()),
})

/** Seals the key with the keyring. Rejects as the keyring does. */
export async function sealedByKeyring(key: Uint8Array, keyring: Keyring): Promise<KeyProtector> {
  return {
    file: { protection: 'keyring', sealed: await keyring.seal(hex(key)) },
    reopen: async (file) =>
      file.protection === 'keyring' ? (await openWithKeyring(file.sealed, keyring)).key : otherProtection(),
  }
}

/** Seals the key with a passphrase. Rejects with PASSPHRASE_LONG or MEMORY_SHORT, as `passphraseKey` does. */
export async function sealedByPassphrase(
  key: Uint8Array,
  passphrase: string,
  random: (size: number) => Buffer,
): Promise<KeyProtector> {
  const opening = { cost: usualCost, salt: random(saltSize), nonce: random(nonceSize) }
  const sealer = await passphraseKey(passphrase, opening.salt, opening.cost)
  const sealed = seal(sealer, key, passphraseHead(opening), opening.nonce)
  return {
    file: { protection: 'passphrase', ...opening, sealed },
    reopen: (file) =>
      file.protection === 'passphrase' ? openWithPassphrase(file, passphrase) : otherProtection(),
  }
}

/** Opens a key that a passphrase sealed. Rejects with PASSPHRASE_WRONG, or MEMORY_SHORT. */
export async function openWithPassphrase(file: PassphraseSeal, passphrase: string): Promise<Uint8Array> {
  const opener = await passphraseKey(passphrase, file.salt, file.cost)
  try {
    return open(opener, file.sealed, passphraseHead(file), file.nonce)
  } catch {
    throw new SwarmpadError('PASSPHRASE_WRONG', { of: 'profile' })
  }
}

/** Opens a key that a keyring sealed. Rejects with KEY_SEALED for any reason of the keyring. */
export async function openWithKeyring(
  sealed: Uint8Array,
  keyring: Keyring | null,
): Promise<{ key: Uint8Array; outdated: boolean }> {
  const opened = await keyring?.open(sealed).catch(() => null)
  // A keyring that seals without a proof may give anything for what it did not seal.
  if (!opened || !/^[0-9a-f]{64}$/.test(opened.text)) throw new SwarmpadError('KEY_SEALED', { by: 'keyring' })
  return { key: fromHex(opened.text), outdated: opened.outdated }
}

const otherProtection = (): never => {
  throw new SwarmpadError('STORE_WRITE_FAILED', { what: 'read-back' })
}
