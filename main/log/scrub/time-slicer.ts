import type { Clock } from '../../base/environment'

/** Interrupts long work for other work: a slice of work, then a rest. */
export class TimeSlicer {
  private readonly clock: Clock
  private slice: number
  private rest: number
  private began: number

  /** `slice` and `rest` in ms. */
  constructor({ clock, slice, rest }: { clock: Clock; slice: number; rest: number }) {
    this.clock = clock
    this.slice = slice
    this.rest = rest
    this.began = clock.uptime()
  }

  /** True when the slice is used up. */
  get isOver(): boolean {
    return this.clock.uptime() - this.began >= this.slice
  }

  /** Works at least as fast as another from here on. */
  hasten({ slice, rest }: TimeSlicer): void {
    this.slice = Math.max(this.slice, slice)
    this.rest = Math.min(this.rest, rest)
  }

  /** Resolves after the rest. */
  async pause(): Promise<void> {
    await new Promise<void>((resolve) => this.clock.set(this.rest, resolve))
    this.began = this.clock.uptime()
  }
}
