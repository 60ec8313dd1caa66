import { SwarmpadError } from '../../base/errors'
import type { FolderRun } from '../../files/import-folder'

/** Minimum interval between progress events to the window, in ms. */
const progressInterval = 100

/** Lets one sealed file or folder be read or written at a time, whichever window asks. */
export class FileTurn {
  private taken = false

  /** Does the work. Rejects with REQUEST_LATE while other work is under way. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.taken) throw new SwarmpadError('REQUEST_LATE', { of: 'backup' })
    this.taken = true
    try {
      return await work()
    } finally {
      this.taken = false
    }
  }
}

/** Long work that one window asks for, one after the other. */
export class StoppableRun {
  private readonly turn: FileTurn
  private readonly onProgress: (done: number) => void
  private running: AbortController | null = null

  /**
   * `turn` belongs to all windows together; `onProgress` receives the progress, from 0 to 1, at most ten times a
   * second.
   */
  constructor(turn: FileTurn, onProgress: (done: number) => void) {
    this.turn = turn
    this.onProgress = onProgress
  }

  /** Aborts the work under way, if any. */
  stop(): void {
    this.running?.abort()
  }

  /** Does the work. Rejects with REQUEST_LATE while a window has other work under way, and as the work does. */
  do<T>(work: (run: FolderRun) => Promise<T>): Promise<T> {
    let reportedAt = 0
    const onProgress = (done: number, total: number) => {
      const now = performance.now()
      if (now - reportedAt < progressInterval) return
      reportedAt = now
      this.onProgress(total === 0 ? 1 : done / total)
    }
    return this.turn.take(async () => {
      const running = new AbortController()
      this.running = running
      try {
        return await work({ onProgress, signal: running.signal })
      } finally {
        this.running = null
      }
    })
  }
}
