import { isForeignFault } from '../../base/errors'

/** Broken segments, proofs and presences after which a peer is refused. Rule W40. */
const maxStrikes = 3

/** Counts the faults in one peer's bytes, and tells when the peer is to be refused. Rule W40. */
export class Strikes {
  private readonly onLimit: () => void
  private count = 0

  constructor(onLimit: () => void) {
    this.onLimit = onLimit
  }

  /** Runs `work` on a peer's bytes. A fault in them reaches the limit at once. */
  strict(work: () => void): void {
    this.guard(work, this.onLimit)
  }

  /** Runs `work` on a peer's bytes. A fault in them is one strike. */
  lenient(work: () => void): void {
    this.guard(work, () => this.add())
  }

  /** Counts a fault that is tolerated a few times. */
  add(): void {
    if (++this.count >= maxStrikes) this.onLimit()
  }

  private guard(work: () => void, onFault: () => void): void {
    try {
      work()
    } catch (error) {
      if (!isForeignFault(error)) throw error
      onFault()
    }
  }
}
