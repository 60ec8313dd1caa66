import type { Clock } from '../base/environment'
import { fromHex } from '../base/hex'
import type { ScrubTarget } from '../log/scrub/scrub-schedule'
import { isCheckDue } from '../log/scrub/scrubber'
import type { TimeSlicer } from '../log/scrub/time-slicer'
import type { Store } from '../storage/store'

/** A document as the scrub sees it, by its id: its log may be opened and closed before its turn comes. */
export class DocumentTarget implements ScrubTarget {
  readonly health: ScrubTarget['health'] = {
    isDue: () => isCheckDue(this.options),
    check: (pace) => this.options.check(pace),
  }
  private readonly options: {
    readonly store: Store
    readonly clock: Clock
    readonly documentId: Uint8Array
    readonly check: (pace: TimeSlicer) => Promise<void>
  }

  /** `check` checks all of the document's data with its log open, and resolves when the findings are on the disk. */
  constructor(options: {
    id: string
    store: Store
    clock: Clock
    check: (pace: TimeSlicer) => Promise<void>
  }) {
    const { id, store, clock, check } = options
    this.options = { store, clock, documentId: fromHex(id), check }
  }

  /** Nothing is left to be waited for after `check`. */
  async idle(): Promise<void> {}
}
