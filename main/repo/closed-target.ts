import type { Clock } from '../base/environment'
import { fromHex } from '../base/hex'
import type { ScrubTarget } from '../log/scrub/scrub-schedule'
import { isCheckDue } from '../log/scrub/scrubber'
import type { TimeSlicer } from '../log/scrub/time-slicer'
import type { Store } from '../storage/store'

/** A document whose log is closed, as the scrub sees it: the log is open only while it is checked. */
export class ClosedTarget implements ScrubTarget {
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

  /** `check` opens the log, checks all of the document's data, and closes the log. */
  constructor(options: {
    id: string
    store: Store
    clock: Clock
    check: (pace: TimeSlicer) => Promise<void>
  }) {
    const { id, store, clock, check } = options
    this.options = { store, clock, documentId: fromHex(id), check }
  }

  /** Everything that a check found is on the disk when it ends. */
  async idle(): Promise<void> {}
}
