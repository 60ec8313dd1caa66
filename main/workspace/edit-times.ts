import type { Update } from '../../preload/contract/updates'
import { peerClient } from '../document/edit-versions'

/** Times of the last edits of a document since it was opened, in ms since the Unix epoch; null for none. */
export class EditTimes {
  last: number | null = null
  lastOfOthers: number | null = null

  /** Notes updates that were applied at a time. Text that is read from the disk (`isLoading`) is not new. */
  note(now: number, updates: readonly Update[], isLoading: boolean): void {
    this.last = now
    if (!isLoading && updates.some(({ clientID }) => clientID === peerClient)) this.lastOfOthers = now
  }
}
