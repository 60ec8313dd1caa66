import type { Clock, Timer } from './environment'

/** Gathers signals: the first one starts a timer, later ones join it, and one run serves all of them. */
export class Debounce {
  private readonly clock: Clock
  private readonly run: () => void
  private timer: Timer | null = null

  constructor(clock: Clock, run: () => void) {
    this.clock = clock
    this.run = run
  }

  /** True while a run is due. */
  get isPending(): boolean {
    return this.timer !== null
  }

  /** Runs in `delay` ms, unless a run is due already: that one keeps its time. */
  signal(delay: number): void {
    this.timer ??= this.clock.set(delay, () => {
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
