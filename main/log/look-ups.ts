import type { Segment } from './format/segment'
import type { SessionHistories } from './session-histories'

/** Looks into the store that may be under way at once. */
const maxLookups = 16

/** Compares segments that lie behind the tip with those that are held at their place. Rule S8. */
export class LookUps {
  private readonly histories: SessionHistories
  private readonly found: (segment: Segment, proof: Uint8Array) => void
  private readonly running = new Set<Promise<void>>()

  /** `found` is told of a proof that the session wrote two histories. */
  constructor(histories: SessionHistories, found: (segment: Segment, proof: Uint8Array) => void) {
    this.histories = histories
    this.found = found
  }

  /** Compares one; not at all when many are under way. */
  begin(segment: Segment): void {
    if (this.running.size >= maxLookups) return
    const lookup = this.histories
      .lookUp(segment)
      .then((proof) => {
        if (proof) this.found(segment, proof)
      })
      // A store that cannot be read is told to whoever reads it for the document itself.
      .catch(() => undefined)
      .finally(() => this.running.delete(lookup))
    this.running.add(lookup)
  }

  /** Resolves when all that were begun are done. */
  async idle(): Promise<void> {
    await Promise.all(this.running)
  }
}
