import { safeStorage } from 'electron'
import type { Keyring } from '../profile/key-protectors'

/** Prefix of Chromium on Linux for data encrypted with a key hard-coded in its source. */
const sealedByNobody = Buffer.from('v10')

/**
 * Returns the system keyring (Keychain, DPAPI, libsecret, KWallet); null if there is no keyring or it stays
 * locked. Requires a ready app. The system may ask the person to unlock it.
 */
export async function systemKeyring(): Promise<Keyring | null> {
  try {
    if (process.platform === 'linux' && !keepsSecrets.has(safeStorage.getSelectedStorageBackend()))
      return null
    if (!(await isAvailable())) return null
    // Chromium may fall back to a hard-coded key silently.
    await seal('a trial')
    return { seal, open }
  } catch {
    return null
  }
}

/** Backends on Linux that are keyrings; the others seal with a publicly known key. */
const keepsSecrets = new Set<string>(['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'])

/** True if the runtime has the asynchronous calls: up to version 41 it has only the blocking ones. */
const hasAsync = 'encryptStringAsync' in safeStorage

const isAvailable = async (): Promise<boolean> =>
  hasAsync ? safeStorage.isAsyncEncryptionAvailable() : safeStorage.isEncryptionAvailable()

async function seal(text: string): Promise<Uint8Array> {
  const sealed = hasAsync ? await safeStorage.encryptStringAsync(text) : safeStorage.encryptString(text)
  if (process.platform === 'linux' && sealed.subarray(0, sealedByNobody.length).equals(sealedByNobody))
    throw new Error('there is no keyring')
  return sealed
}

async function open(sealed: Uint8Array): Promise<{ text: string; outdated: boolean }> {
  const bytes = Buffer.from(sealed)
  if (!hasAsync) return { text: safeStorage.decryptString(bytes), outdated: false }
  const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(bytes)
  return { text: result, outdated: shouldReEncrypt }
}
