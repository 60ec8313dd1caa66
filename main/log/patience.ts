import type { Clock } from '../base/environment'
import { RecentNames } from '../base/recent-names'
import type { SessionId } from './format/version-vector'

/** Span in which a session counts as written in after a segment of it, in ms. */
const writingSpan = 2_000
/** Time between two batches of others' segments for each writer but the first, in ms, and at most. */
const share = { each: 10, most: 100 }
/** Bytes of others' segments that never wait: a log is being transferred, not written in. */
const transferSize = 64 * 1024

/**
 * Decides how long others' segments wait for more of them, so that one batch on the disk, and all that follows from
 * it, serves several. With one other writer nothing waits; with nine, batches are 80 ms apart. Own segments never wait,
 * and take with them what does.
 */
export class Patience {
  private readonly clock: Clock
  private readonly writers: RecentNames
  private batchAt = Number.NEGATIVE_INFINITY
  private size = 0
  private isUrgent = false

  constructor(clock: Clock) {
    this.clock = clock
    this.writers = new RecentNames(clock, writingSpan)
  }

  /** Notes a segment of somebody else, of so many bytes, for the next batch. */
  add(session: SessionId, size: number): void {
    this.writers.note(session)
    this.size += size
  }

  /** Notes something for the next batch that cannot wait. */
  hurry(): void {
    this.isUrgent = true
  }

  /** Returns the ms until the next batch is due. */
  rest(): number {
    if (this.isUrgent || this.size >= transferSize) return 0
    const span = Math.min(share.most, (this.writers.count() - 1) * share.each)
    return Math.max(0, this.batchAt + span - this.clock.uptime())
  }

  /** Notes that a batch begins, with all that waits. */
  begin(): void {
    this.batchAt = this.clock.uptime()
    this.size = 0
    this.isUrgent = false
  }
}
