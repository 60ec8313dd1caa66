import type { Clock, Timer } from './environment'

/** Gathers signals: one run serves all of them, at the time of the most urgent one. */
export class Debounce {
  private readonly clock: Clock
  private readonly run: () => void
  private timer: Timer | null = null
  /** When the run is due, in ms since the clock's start. */
  private dueAt = 0

  constructor(clock: Clock, run: () => void) {
    this.clock = clock
    this.run = run
  }

  /** True while a run is due. */
  get isPending(): boolean {
    return this.timer !== null
  }

  /** Runs in `delay` ms, or earlier if a run is due earlier. */
  signal(delay: number): void {
    const at = this.clock.uptime() + delay
    if (this.timer && this.dueAt <= at) return
    this.cancel()
    this.dueAt = at
    this.timer = this.clock.set(delay, () => {
      this.timer = null
      this.run()
    })
  }

  /** Runs at once if a run is due. */
  flush(): void {
    if (!this.timer) return
    this.cancel()
    this.run()
  }

  /** Drops the run that is due, if there is one. */
  cancel(): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
  }
}
