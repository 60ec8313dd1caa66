import type { Clock, Timer } from '../environment'
import { SwarmpadError } from '../errors'
import type { DocumentLog } from './document-log'
import { Pace } from './pace'

/** How often it is looked whether a log is due, in ms; the first time so long after the start. */
const lookInterval = 60_000
/** What checking in the background takes of the thread, in ms: a tenth of it, in pieces that no one feels. */
const background = { slice: 4, rest: 36 }

/** Checks in the background what logs have on the disk, one log after the other and each once a week. Rule S15. */
export class LogChecks {
  private readonly clock: Clock
  private readonly logs: () => Iterable<DocumentLog>
  private timer: Timer | null = null
  private running = false
  private stopped = false

  /** `logs`: those that are open now. */
  constructor(options: { clock: Clock; logs: () => Iterable<DocumentLog> }) {
    this.clock = options.clock
    this.logs = options.logs
  }

  /** Begins, a while later. */
  start(): void {
    if (this.stopped) return
    this.timer = this.clock.set(lookInterval, () => {
      this.start()
      if (!this.running) void this.run()
    })
  }

  /** Begins no more checks; one that runs ends with its log. */
  stop(): void {
    this.stopped = true
    if (this.timer) this.clock.clear(this.timer)
  }

  private async run(): Promise<void> {
    this.running = true
    for (const log of [...this.logs()]) {
      if (this.stopped) break
      try {
        if (await log.health.isDue()) await log.health.check(new Pace({ clock: this.clock, ...background }))
      } catch (error) {
        // Closed meanwhile, or the database cannot be read: who uses the document is told of that.
        if (!(error instanceof SwarmpadError)) throw error
      }
    }
    this.running = false
  }
}
