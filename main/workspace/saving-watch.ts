import type { Clock, Timer } from '../base/environment'
import { hasCode, SwarmpadError } from '../base/errors'

/** Longest wait of an edit for the disk before it is reported, in ms. */
const lateLimit = 10_000

/** How far saving has come: two versions of a text. */
export interface SavingProgress {
  readonly version: number
  /** Edits up to this version are durable. */
  readonly savedVersion: number
}

/** Everything is durable. All that the program says of saving is made from this. */
export const isSaved = ({ version, savedVersion }: SavingProgress): boolean => savedVersion >= version

/** The error for edits that are not saved: how many, in how many documents. */
export function notSaved(edits: number, documents = 1): SwarmpadError {
  return new SwarmpadError('NOT_SAVED', { edits, documents })
}

/** Returns true for an error about edits that are not saved. */
export const isNotSaved = (error: unknown): boolean => hasCode(error, 'NOT_SAVED')

/** Notices that the oldest edit which is not saved has waited for 10 to 20 s, and nothing tells why. */
export class SavingWatch {
  private readonly clock: Clock
  private readonly progress: () => SavingProgress
  private readonly isExplained: () => boolean
  private readonly onLate: () => void
  private timer: Timer | null = null
  private reached: number | null = null

  constructor(options: {
    clock: Clock
    progress: () => SavingProgress
    isExplained: () => boolean
    onLate: () => void
  }) {
    this.clock = options.clock
    this.progress = options.progress
    this.isExplained = options.isExplained
    this.onLate = options.onLate
  }

  /** The oldest edit that is not saved has waited for long. */
  get isLate(): boolean {
    const progress = this.progress()
    return !isSaved(progress) && progress.savedVersion === this.reached
  }

  /** To be called when the progress may have changed. */
  look(): void {
    const progress = this.progress()
    if (isSaved(progress)) this.stop()
    else if (!this.timer) this.wait(progress.savedVersion)
  }

  stop(): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
    this.reached = null
  }

  private wait(before: number): void {
    this.timer = this.clock.set(lateLimit, () => {
      const progress = this.progress()
      this.timer = null
      if (isSaved(progress)) return
      this.reached = progress.savedVersion === before && !this.isExplained() ? before : null
      if (this.reached !== null) this.onLate()
      this.wait(progress.savedVersion)
    })
  }
}
