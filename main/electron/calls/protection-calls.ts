import type { Protection } from '../../../preload/contract/protection'
import type { MasterKey } from '../../profile/master-key'
import type { ProtectionHandlers } from './handlers'

/**
 * Returns the handlers for the calls about the protection of the profile's key. `isDue` tells if a passphrase may be
 * suggested by now; `onChange` receives each change.
 */
export function protectionCalls(
  masterKey: MasterKey,
  isDue: () => boolean,
  onChange: (protection: Protection) => void,
): ProtectionHandlers {
  const protection = async (): Promise<Protection> => {
    // A keyring may be about to seal the key.
    await masterKey.idle()
    const offer = masterKey.protection === 'file' && !masterKey.declined && isDue()
    return { way: masterKey.protection, offer }
  }
  const changed = async (): Promise<Protection> => {
    const present = await protection()
    onChange(present)
    return present
  }
  return {
    protection,
    setPassphrase: async (current, next) => {
      await masterKey.setPassphrase(current, next)
      return changed()
    },
    declinePassphrase: async () => {
      await masterKey.decline()
      return changed()
    },
  }
}
