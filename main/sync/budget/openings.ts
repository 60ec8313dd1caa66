/** Maximum number of channels that wait for the other side's answer on one connection. Rule W8. */
export const maxUnanswered = 256

/**
 * Channels that are still to be opened on one connection, and the number that wait for an answer. Where one
 * side keeps many documents, the other rejects most of them: opened all at once they take 6 kB each, on each
 * connection.
 */
export class Openings {
  private readonly waiting: string[]
  private readonly open: (document: string) => void
  private unanswered = 0

  /** `open` opens the channel of a document, and calls `countOpened` for each that it opens. */
  constructor(documents: Iterable<string>, open: (document: string) => void) {
    this.waiting = [...documents].reverse()
    this.open = open
  }

  /**
   * Counts an opened channel of any kind. The returned function must be called when it is answered, and
   * returns true when more should be opened: not for each one, since channels that are opened together go in
   * one frame.
   */
  countOpened(): () => boolean {
    let answered = false
    this.unanswered++
    return () => {
      if (answered) return false
      answered = true
      this.unanswered--
      return this.waiting.length > 0 && this.unanswered <= maxUnanswered / 2
    }
  }

  /** Opens channels until as many wait for an answer as may. */
  openNext(): void {
    while (this.unanswered < maxUnanswered) {
      const next = this.waiting.pop()
      if (next === undefined) return
      this.open(next)
    }
  }
}
