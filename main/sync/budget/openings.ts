/** Maximum number of channels that wait for the other side's answer on one connection. Rule W8. */
export const maxUnanswered = 256

/**
 * Channels that are still to be opened on one connection, and the number that wait for an answer. Where two sides
 * share many documents that differ, channels opened all at once would take 6 kB each.
 */
export class Openings<Document> {
  private readonly waiting = new Set<Document>()
  private readonly open: (document: Document) => void
  private unanswered = 0

  /** `open` opens the channel of a document, and calls `countOpened` if it did. */
  constructor(open: (document: Document) => void) {
    this.open = open
  }

  /** True if no channel waits to be opened or answered. */
  get isIdle(): boolean {
    return this.waiting.size === 0 && this.unanswered === 0
  }

  /** Opens the channel of a document as soon as there is room. */
  request(document: Document): void {
    this.waiting.add(document)
    this.openNext()
  }

  /** Does not open the channel of a document any more. */
  cancel(document: Document): void {
    this.waiting.delete(document)
  }

  /** Counts an opened channel of any kind. The returned function must be called when it is answered or ended. */
  countOpened(): () => void {
    let answered = false
    this.unanswered++
    return () => {
      if (answered) return
      answered = true
      this.unanswered--
      this.openNext()
    }
  }

  private openNext(): void {
    for (const document of this.waiting) {
      if (this.unanswered >= maxUnanswered) return
      this.waiting.delete(document)
      this.open(document)
    }
  }
}
