/**
 * Maximum number of parallel snapshot fetches, for all documents: each may take 32 MiB of memory. Rule W62.
 */
export const maxFetches = 4

/** Limits the number of parallel snapshot fetches. */
export class FetchSlots {
  private taken = 0

  /** False when all are taken: try again when one may have been released. */
  take(): boolean {
    if (this.taken >= maxFetches) return false
    this.taken++
    return true
  }

  release(): void {
    this.taken--
  }
}
