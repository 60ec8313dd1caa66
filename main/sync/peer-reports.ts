import type { Clock } from '../base/environment'
import { calmFrame, FrameBatch } from '../base/frame-batch'
import type { PeerChange } from './presence/peer-change'

/** Reports changes of a document's peers to listeners: carets at most once in 16 ms, all else once in 100 ms. */
export class PeerReports {
  private readonly listeners = new Set<(change: PeerChange) => void>()
  private readonly frames: Readonly<Record<PeerChange, FrameBatch>>
  /** Changes that are to be reported. */
  private readonly pending = new Set<PeerChange>()

  /** `onReport` is called before the listeners. */
  constructor(clock: Clock, onReport: () => void) {
    const report = (change: PeerChange) => () => {
      this.pending.delete(change)
      onReport()
      for (const listener of [...this.listeners]) listener(change)
    }
    this.frames = {
      carets: new FrameBatch(clock, report('carets')),
      any: new FrameBatch(clock, report('any'), () => calmFrame),
    }
  }

  /** Adds a listener, which must not throw; returns its remover. */
  on(listener: (change: PeerChange) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Reports a change soon: what else happens in this turn goes into the same report. */
  signal(change: PeerChange): void {
    if (this.pending.has(change)) return
    this.pending.add(change)
    queueMicrotask(() => this.frames[change].signal())
  }

  /** Reports nothing from now on. */
  close(): void {
    for (const frame of Object.values(this.frames)) frame.close()
  }
}
