/** Maximum number of parallel snapshot fetches, for all documents: each may take 32 MiB of memory. Rule W62. */
const maxFetches = 4

/** Limits the number of parallel snapshot fetches. */
export class FetchSlots {
  private taken = 0

  /** Takes a slot; returns false when all are taken. */
  take(): boolean {
    if (this.taken >= maxFetches) return false
    this.taken++
    return true
  }

  /** Gives a slot back. */
  release(): void {
    this.taken--
  }
}
