import type { Clock, Timer } from '../base/environment'

/** How often the disk is asked, in ms. In between, what was taken in is counted off. */
const interval = 15_000

/** Asks again and again how much of the disk is free. */
export class DiskSpace {
  private readonly clock: Clock
  private readonly freeSpace: (() => Promise<number>) | null
  private readonly onFree: (free: number | null) => void
  private timer: Timer | null = null
  private closed = false

  /** `onFree` gets null while the disk does not say. Without `freeSpace` nothing is asked. */
  constructor(options: {
    clock: Clock
    freeSpace: (() => Promise<number>) | null
    onFree: (free: number | null) => void
  }) {
    this.clock = options.clock
    this.freeSpace = options.freeSpace
    this.onFree = options.onFree
  }

  /** Resolves when the disk was asked once. Never rejects. */
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
