import type { Clock } from '../base/environment'
import type { Segment } from '../log/format/segment'
import type { SalvagedChange } from '../replica/salvage'
import type { ReplicaThread, StartReplica } from './replica-thread'

/** How long one segment may take, in ms: a thousand times what it should. */
const timeLimit = 5_000
/** After so many threads that died or hung, nothing more is tried. */
const maxDeaths = 3

/**
 * Gets out what is in segments that were left out. They are hostile, so they are read in a thread of its
 * own, which has no part in the document: it may die or hang, and the next segment gets another one.
 */
export class Salvager {
  private readonly options: { contentKey: Uint8Array; startReplica: StartReplica; clock: Clock }
  private thread: ReplicaThread | null = null
  private deaths = 0
  /** Ends the question under way without an answer. */
  private answer: (changes: SalvagedChange[] | null) => void = () => undefined

  constructor(options: { contentKey: Uint8Array; startReplica: StartReplica; clock: Clock }) {
    this.options = options
  }

  /**
   * The changes in a segment from sequence number `first` on; null when it does not open, or reading it
   * ended the thread or took too long. To be asked for one segment after the other.
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

  /** Ends the thread; what was asked for last is answered with null. */
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
