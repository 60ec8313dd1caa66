import type { Clock, Timer } from '../base/environment'

/** Interval at which the disk is asked, in ms. In between, stored bytes are subtracted. */
const interval = 15_000

/** Reports the free space of the disk at intervals. */
export class DiskSpace {
  private readonly clock: Clock
  private readonly freeSpace: (() => Promise<number>) | null
  private readonly onFree: (free: number | null) => void
  private timer: Timer | null = null
  private closed = false

  /** `onFree` receives bytes, or null if the disk does not report them. Without `freeSpace` it is never called. */
  constructor(options: {
    clock: Clock
    freeSpace: (() => Promise<number>) | null
    onFree: (free: number | null) => void
  }) {
    this.clock = options.clock
    this.freeSpace = options.freeSpace
    this.onFree = options.onFree
  }

  /** Resolves once the disk was asked. Never rejects. */
  async open(): Promise<void> {
    if (!this.freeSpace) return
    const free = await this.freeSpace().catch(() => null)
    if (this.closed) return
    this.onFree(free)
    this.timer = this.clock.set(interval, () => void this.open())
  }

  close(): void {
    this.closed = true
    if (this.timer) this.clock.clear(this.timer)
  }
}
