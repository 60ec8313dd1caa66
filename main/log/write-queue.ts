import type { Clock, Timer } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import type { Store, Write } from '../storage/store'
import type { Patience } from './patience'

const firstDelay = 100
const longestDelay = 10_000

/**
 * Makes items durable in their order: one write in flight, and items that are added meanwhile, and until the next one
 * is due, go together in it. A batch that the disk refuses is tried again with the same bytes, after 100 ms, then after
 * twice as long each time, up to 10 s.
 */
export class WriteQueue<Item> {
  private readonly store: Store
  private readonly clock: Clock
  private readonly writesOf: (items: readonly Item[]) => Write[]
  private readonly patience: Pick<Patience, 'rest' | 'begin'>
  private readonly onWritten: (items: readonly Item[]) => void
  private readonly onProblem: (problem: SwarmpadError | null) => void
  private queued: Item[] = []
  private inFlight: Item[] = []
  private running: Promise<void> | null = null
  private closing = false
  private refusal: SwarmpadError | null = null
  private endPause: (() => void) | null = null
  /** The next batch is not due, and may be with each item that is added. */
  private isGathering = false

  /** `onWritten` and `onProblem` (null: the disk works again) must not throw. */
  constructor(options: {
    store: Store
    clock: Clock
    writesOf: (items: readonly Item[]) => Write[]
    /** Says when the next batch is due. It hears of an item before the queue does. */
    patience: Pick<Patience, 'rest' | 'begin'>
    onWritten: (items: readonly Item[]) => void
    onProblem: (problem: SwarmpadError | null) => void
  }) {
    this.store = options.store
    this.clock = options.clock
    this.writesOf = options.writesOf
    this.patience = options.patience
    this.onWritten = options.onWritten
    this.onProblem = options.onProblem
  }

  /** Error of the last write, if it was refused; else null. */
  get problem(): SwarmpadError | null {
    return this.refusal
  }

  /** True while nothing is written or waits for that. */
  get isIdle(): boolean {
    return this.running === null
  }

  /** Items that are not durable yet, oldest first. */
  get items(): readonly Item[] {
    return [...this.inFlight, ...this.queued]
  }

  /** Adds an item to the next batch. */
  add(item: Item): void {
    this.queued.push(item)
    this.running ??= this.run()
    if (this.isGathering && this.patience.rest() === 0) this.endPause?.()
  }

  /**
   * Waits for all items, with one last attempt at once if the disk refuses; returns those that it still
   * refused. Nothing may be added afterwards.
   */
  async close(): Promise<readonly Item[]> {
    this.closing = true
    this.endPause?.()
    await this.running
    return this.items
  }

  private async run(): Promise<void> {
    // Items that are added in one turn go into one batch.
    await Promise.resolve()
    while (this.queued.length > 0) {
      if (this.patience.rest() > 0) await this.gather()
      this.patience.begin()
      this.inFlight = this.queued
      this.queued = []
      if (!(await this.writeBatch(this.inFlight))) break
      const written = this.inFlight
      this.inFlight = []
      this.onWritten(written)
    }
    this.running = null
  }

  private async gather(): Promise<void> {
    this.isGathering = true
    for (let rest = this.patience.rest(); rest > 0 && !this.closing; rest = this.patience.rest())
      await this.pause(rest)
    this.isGathering = false
  }

  /** Resolves to false when the queue is closing and the disk refuses. */
  private async writeBatch(items: readonly Item[]): Promise<boolean> {
    const writes = this.writesOf(items)
    for (let delay = firstDelay; ; delay = Math.min(2 * delay, longestDelay)) {
      // A refusal before the closing does not count: one attempt follows it.
      const last = this.closing
      const problem = await this.write(writes)
      if (!problem) return true
      if (last) return false
      if (!this.closing) await this.pause(delay)
    }
  }

  private async write(writes: readonly Write[]): Promise<SwarmpadError | null> {
    try {
      await this.store.write(writes)
    } catch (error) {
      const problem = asProblem(error)
      const first = this.refusal === null
      this.refusal = problem
      if (first) this.onProblem(problem)
      return problem
    }
    if (this.refusal) {
      this.refusal = null
      this.onProblem(null)
    }
    return null
  }

  private pause(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.clock.clear(timer)
        this.endPause = null
        resolve()
      }
      const timer: Timer = this.clock.set(delay, end)
      this.endPause = end
    })
  }
}

const asProblem = (error: unknown): SwarmpadError =>
  error instanceof SwarmpadError
    ? error
    : new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' }, { cause: error })
