import * as v from 'valibot'
import { call, event, passphrase } from './shapes'

/** Storage of the key that decrypts this profile's data on this computer. */
export interface Protection {
  /** 'file': in the clear, where the system has no keyring and the person no passphrase. */
  way: 'keyring' | 'passphrase' | 'file'
  /** True to suggest setting a passphrase: not before a link was copied here, or the third day of use. */
  offer: boolean
}

/** Calls about the lock and the passphrase. */
export const protectionCalls = {
  /** Reports if the profile waits for its passphrase. Answered at once, like `unlock` and no other call. */
  lock: call().returns<{ locked: boolean }>(),
  /** Tries a passphrase while the profile is locked; PASSPHRASE_WRONG if it does not match. */
  unlock: call(passphrase).returns<null>(),
  protection: call().returns<Protection>(),
  /** Sets, changes or (`next` null) removes the passphrase; `current` is the one that is set, or null. */
  setPassphrase: call(v.nullable(passphrase), v.nullable(passphrase)).returns<Protection>(),
  /** Records that the person declined a passphrase. */
  declinePassphrase: call().returns<Protection>(),
}

/** Events about the lock. */
export const protectionEvents = {
  /** The profile was locked or unlocked. */
  lock: event<{ locked: boolean }>(),
  /** The protection was changed, here or in another window. */
  protection: event<Protection>(),
}
