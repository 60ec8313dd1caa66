import type { Protection } from '../../../preload/contract/protection'
import type { MasterKey } from '../../profile/master-key'
import type { ProtectionHandlers } from './handlers'

/** Returns the handlers for the calls about the protection of the profile's key. */
export function protectionCalls(masterKey: MasterKey): ProtectionHandlers {
  const protection = async (): Promise<Protection> => {
    // A keyring may be about to seal the key.
    await masterKey.idle()
    return { way: masterKey.protection, offer: masterKey.protection === 'file' && !masterKey.declined }
  }
  return {
    protection,
    setPassphrase: async (current, next) => {
      await masterKey.setPassphrase(current, next)
      return protection()
    },
    declinePassphrase: async () => {
      await masterKey.decline()
      return protection()
    },
  }
}
