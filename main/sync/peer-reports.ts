import type { Clock } from '../base/environment'
import { FrameBatch } from '../base/frame-batch'
import type { PeerChange } from './presence/peer-change'

/** Reports changes of a document's peers to listeners, at most once a frame. */
export class PeerReports {
  private readonly listeners = new Set<(change: PeerChange) => void>()
  private readonly frame: FrameBatch
  private readonly onReport: () => void
  private pending: PeerChange | null = null

  /** `onReport` is called before the listeners. */
  constructor(clock: Clock, onReport: () => void) {
    this.onReport = onReport
    this.frame = new FrameBatch(clock, () => this.report())
  }

  /** Adds a listener, which must not throw; returns its remover. */
  on(listener: (change: PeerChange) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Reports a change soon: what else happens in this turn goes into the same report. */
  signal(change: PeerChange): void {
    const isPending = this.pending !== null
    if (!isPending || change === 'any') this.pending = change
    if (!isPending) queueMicrotask(() => this.frame.signal())
  }

  /** Reports nothing from now on. */
  close(): void {
    this.frame.close()
  }

  private report(): void {
    const change = this.pending ?? 'any'
    this.pending = null
    this.onReport()
    for (const listener of [...this.listeners]) listener(change)
  }
}
