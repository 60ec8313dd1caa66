import type { DocumentId } from './ids'
import { type NetworkChoice, networkChoice } from './network'
import { call, event, flag, text } from './shapes'

/** This person and the settings of this profile. */
export interface Profile {
  /** '' until the person has chosen one. */
  name: string
  fingerprint: string
  /** The person has been informed that people they share with see their IP address. */
  knowsAddressIsSeen: boolean
  offline: boolean
  network: NetworkChoice
}

/** Calls about this person and the settings. */
export const profileCalls = {
  profile: call().returns<Profile>(),
  setName: call(text).returns<Profile>(),
  /** Makes the document that welcomes a new person; null where there is something else to begin with. */
  welcome: call().returns<{ id: DocumentId | null }>(),
  acknowledgeAddress: call().returns<Profile>(),
  setOffline: call(flag).returns<Profile>(),
  setNetwork: call(networkChoice).returns<Profile>(),
}

/** Events about this person and the settings. */
export const profileEvents = {
  profile: event<Profile>(),
}
