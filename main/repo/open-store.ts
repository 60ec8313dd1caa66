import { checkStoreVersion } from '../storage/store-version'
import type { NotedStore } from './noted-store'

/**
 * Opens a store and its notes; resolves to the key that `secret` gives, 32 bytes. `begun` is true if an earlier run
 * may have left data. Rejects with PROFILE_BUSY, PROFILE_NEWER, STORE_DAMAGED, STORE_WRITE_FAILED or as `secret`
 * does, and the store is closed then.
 */
export async function openStore(
  store: NotedStore,
  secret: (begun: boolean) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  await store.open()
  try {
    await checkStoreVersion(store)
    const key = await secret(store.isSuspect || (await store.hasNotes()))
    await store.openNotes(key)
    return key
  } catch (error) {
    await store.close()
    throw error
  }
}
