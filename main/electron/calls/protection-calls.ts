import type { Protection } from '../../../preload/contract'
import type { MasterKey } from '../../profile/master-key'
import type { CallHandlers } from './calls'

/** The calls about how the profile's key is kept. */
export type ProtectionHandlers = Pick<CallHandlers, 'protection' | 'setPassphrase' | 'declinePassphrase'>

/** Answers them. */
export function protectionCalls(masterKey: MasterKey): ProtectionHandlers {
  const protection = async (): Promise<Protection> => {
    // A keyring may be about to take the key in.
    await masterKey.idle()
    return { way: masterKey.way, offer: masterKey.way === 'file' && !masterKey.declined }
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
