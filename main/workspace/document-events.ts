import type { Events } from '../../preload/contract/bridge'
import type { Person } from '../../preload/contract/document'

/** Events of an open document that are forwarded to its windows. */
export const relayedEvents = ['updates', 'status', 'people', 'carets', 'successors'] as const

/** Events of an open document. */
export interface DocumentEvents extends Pick<Events, (typeof relayedEvents)[number]> {
  /** The text changed, on this computer or elsewhere. */
  change: { version: number }
  /** People, carets and status were looked at, as something about them may have changed. */
  looked: null
  /** The people present changed. */
  peers: Person[]
  /** This number of peers and this computer hold the same, for the first time since they differed. */
  synced: { peers: number }
  /** Something needs attention, in plain words. */
  error: { message: string }
}
