import type { Clock, Timer } from '../base/environment'
import { hasCode, SwarmpadError } from '../base/errors'

/** Longest wait of an edit for the disk before it is reported, in ms. */
const lateLimit = 10_000

/** Progress of saving: two versions of a text. */
export interface SavingProgress {
  readonly version: number
  /** Edits up to this version are durable. */
  readonly savedVersion: number
}

/** Returns true if everything is durable. The one source of all that the program says of saving. */
export const isSaved = ({ version, savedVersion }: SavingProgress): boolean => savedVersion >= version

/** Returns the error for a number of edits, in a number of documents, that are not saved. */
export function notSaved(edits: number, documents = 1): SwarmpadError {
  return new SwarmpadError('NOT_SAVED', { edits, documents })
}

/** Returns true for an error about edits that are not saved. */
export const isNotSaved = (error: unknown): boolean => hasCode(error, 'NOT_SAVED')

/** Notices when the oldest unsaved edit has waited for 10 to 20 s without a known reason. */
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

  /** True if the oldest unsaved edit has waited for long. */
  get isLate(): boolean {
    const progress = this.progress()
    return !isSaved(progress) && progress.savedVersion === this.reached
  }

  /** Looks at the progress; to be called when it may have changed. */
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
