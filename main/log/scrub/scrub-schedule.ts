import type { Clock, Timer } from '../../base/environment'
import { SwarmpadError } from '../../base/errors'
import { deleteRanges } from '../../storage/delete-ranges'
import type { Store } from '../../storage/store'
import { allCheckedRange } from '../format/store-keys'
import { TimeSlicer } from './time-slicer'

/** Interval between looks for logs that are due, in ms; also the delay of the first one. */
const lookInterval = 60_000
/** Pace of background checks, in ms: a tenth of the thread's time, in slices too short to be noticed. */
const background = { slice: 4, rest: 36 }

/** Stored data of a document that is scrubbed. */
export interface ScrubTarget {
  readonly health: {
    /** Resolves to true if a full check is due. */
    isDue(): Promise<boolean>
    /** Checks all of the data, in slices. Rejects with CLOSED, or when the store cannot be read. */
    check(pace: TimeSlicer): Promise<void>
  }
  /** Resolves when the findings are on the disk. */
  idle(): Promise<void>
}

/** Scrubs logs and other data of documents in the background, one after the other and each once a week. Rule S15. */
export class ScrubSchedule {
  private readonly clock: Clock
  private readonly targets: () => Iterable<ScrubTarget>
  private timer: Timer | null = null
  private running = false
  private stopped = false

  /** `targets` returns those that are kept. */
  constructor(options: { clock: Clock; targets: () => Iterable<ScrubTarget> }) {
    this.clock = options.clock
    this.targets = options.targets
  }

  /** Begins after a delay. */
  start(): void {
    if (this.stopped) return
    this.timer = this.clock.set(lookInterval, () => {
      this.start()
      if (this.running) return
      this.running = true
      void this.run(({ health }) => health.isDue()).then(() => {
        this.running = false
      })
    })
  }

  /**
   * Scrubs all targets at once if the store is suspect. Notes that in the store if these are all there are (`isAll`) and
   * each could be checked. A refused write is tried again at the next start.
   */
  async scrub(store: Store, isAll: boolean): Promise<void> {
    if (!store.isSuspect) return
    try {
      await deleteRanges(store, [allCheckedRange])
      const isDone = await this.run(async () => true)
      if (isAll && isDone) await store.noteLookedThrough()
    } catch (error) {
      // The store may have been closed meanwhile.
      if (!(error instanceof SwarmpadError)) throw error
    }
  }

  /** Begins no further checks; one that is running ends with its log. */
  stop(): void {
    this.stopped = true
    if (this.timer) this.clock.clear(this.timer)
  }

  /**
   * Checks the targets that `isChosen` selects; true if all of them could be checked and `stop` was not called.
   */
  private async run(isChosen: (target: ScrubTarget) => Promise<boolean>): Promise<boolean> {
    let isAll = true
    for (const target of [...this.targets()]) {
      if (this.stopped) return false
      try {
        if (!(await isChosen(target))) continue
        await target.health.check(new TimeSlicer({ clock: this.clock, ...background }))
        // Waits until the findings are on the disk.
        await target.idle()
      } catch (error) {
        // Closed meanwhile, or the database cannot be read: the document's user gets that error.
        if (!(error instanceof SwarmpadError)) throw error
        isAll = false
      }
    }
    return isAll && !this.stopped
  }
}
