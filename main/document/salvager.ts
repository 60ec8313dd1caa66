import type { Clock } from '../base/environment'
import type { Segment } from '../log/format/segment'
import type { SalvagedChange } from '../replica/salvage'
import type { ReplicaThread, StartReplica } from './replica-thread'

/** Longest time for one segment, in ms: a thousand times the usual. */
const timeLimit = 5_000
/** Number of threads that died or hung after which no more are started. */
const maxDeaths = 3

/**
 * Recovers changes from segments that were left out. The segments are hostile, so a separate thread reads them, which
 * has no part in the document: if it dies or hangs, the next segment gets another one.
 */
export class Salvager {
  private readonly options: { contentKey: Uint8Array; startReplica: StartReplica; clock: Clock }
  private thread: ReplicaThread | null = null
  private deaths = 0
  /** Resolves the pending request. */
  private answer: (changes: SalvagedChange[] | null) => void = () => undefined

  constructor(options: { contentKey: Uint8Array; startReplica: StartReplica; clock: Clock }) {
    this.options = options
  }

  /**
   * Resolves to the changes in a segment from sequence number `first` on; null if it does not open, or if reading it
   * ended the thread or took too long. Call it for one segment after the other.
   */
  async salvage(segment: Segment, first: number): Promise<SalvagedChange[] | null> {
    if (this.deaths >= maxDeaths) return null
    const { clock, contentKey } = this.options
    const thread = this.thread ?? this.start()
    this.thread = thread
    return new Promise((resolve) => {
      const timer = clock.set(timeLimit, () => this.died())
      this.answer = (changes) => {
        clock.clear(timer)
        resolve(changes)
      }
      thread.post({ type: 'salvage', contentKey, segment: segment.bytes, first })
    })
  }

  /** Ends the thread and resolves the pending request to null. */
  close(): void {
    this.thread?.stop()
    this.thread = null
    this.answer(null)
  }

  private start(): ReplicaThread {
    const thread = this.options.startReplica({
      onMessage: (message) => {
        if (this.thread === thread && message.type === 'salvaged') this.answer(message.changes)
      },
      onEnd: () => this.thread === thread && this.died(),
    })
    return thread
  }

  private died(): void {
    this.deaths++
    this.close()
  }
}
