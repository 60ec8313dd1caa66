/** Maximum number of channels that wait for the other side's answer on one connection. Rule W8. */
export const maxUnanswered = 256
/** Maximum number of open channels at which one more is opened, so that both sides stay below W13. Rule W8. */
export const maxOpened = 2048

/** An opened channel as it is counted. Both functions may be called more than once. */
export interface CountedChannel {
  /** The other side answered. */
  answered(): void
  /** The channel ended, answered or not. */
  ended(): void
}

/**
 * Channels that are still to be opened on one connection, and the numbers of those that are open, and that wait for an
 * answer. Where two sides share many documents that differ, channels opened all at once would take 6 kB each.
 */
export class Openings<Document> {
  private readonly waiting = new Set<Document>()
  private readonly open: (document: Document) => boolean
  private unanswered = 0
  private opened = 0
  private isOpening = false
  private isEnded = false

  /**
   * `open` opens the channel of a document, and calls `countOpened` if it did; it returns false for want of room, where
   * the document has to wait until a channel ends.
   */
  constructor(open: (document: Document) => boolean) {
    this.open = open
  }

  /** True if no channel waits to be opened or answered. */
  get isIdle(): boolean {
    return this.waiting.size === 0 && this.unanswered === 0
  }

  /** Opens the channel of a document as soon as there is room. */
  request(document: Document): void {
    if (this.isEnded) return
    this.waiting.add(document)
    this.openNext()
  }

  /** Does not open the channel of a document any more. */
  cancel(document: Document): void {
    this.waiting.delete(document)
  }

  /** Counts an opened channel of any kind. */
  countOpened(): CountedChannel {
    let isAnswered = false
    let isEnded = false
    this.unanswered++
    this.opened++
    const answered = () => {
      if (isAnswered) return
      isAnswered = true
      this.unanswered--
      this.openNext()
    }
    const ended = () => {
      if (isEnded) return
      isEnded = true
      this.opened--
      answered()
      this.openNext()
    }
    return { answered, ended }
  }

  /** Opens nothing more. */
  end(): void {
    this.isEnded = true
    this.waiting.clear()
  }

  /** Channels that end while one is opened make room for the same loop: a call for each would overflow the stack. */
  private openNext(): void {
    if (this.isOpening) return
    this.isOpening = true
    try {
      for (const document of this.waiting) {
        if (this.unanswered >= maxUnanswered || this.opened >= maxOpened) return
        this.waiting.delete(document)
        if (this.open(document)) continue
        this.waiting.add(document)
        return
      }
    } finally {
      this.isOpening = false
    }
  }
}
