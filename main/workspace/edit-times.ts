import type { Update } from '../../preload/contract/updates'
import type { Clock } from '../base/environment'
import { peerClient } from '../document/edit-versions'

/** Times of the last edits of a document since it was opened; null for none. */
export class EditTimes {
  /** In ms since the Unix epoch. */
  last: number | null = null
  /** As `last`, of edits that came from other computers. */
  lastOfOthers: number | null = null
  /** As `clock.uptime()`, of edits made here. */
  typed: number | null = null

  /** Notes updates that are applied now. Text that is read from the disk (`isLoading`) is not new. */
  note(clock: Clock, updates: readonly Update[], isLoading: boolean): void {
    this.last = clock.now()
    if (isLoading) return
    for (const { clientID } of updates)
      if (clientID === peerClient) this.lastOfOthers = this.last
      else this.typed = clock.uptime()
  }
}
