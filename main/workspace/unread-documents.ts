import type { DocumentId } from '../../preload/contract/ids'
import { Debounce } from '../base/debounce'
import type { Clock } from '../base/environment'
import type { DocumentLog } from '../log/document-log'

/** Time without typing before a document is read, and after which a busy machine is looked at again, in ms. */
const stillTime = 20_000
/** Pause between two documents, in ms. */
const pause = 200

/** Returns the number of changes that a log holds. It changes with whatever is stored or dropped. */
export function heldChanges(log: Pick<DocumentLog, 'vector'>): number {
  let sum = 0
  for (const { tip } of log.vector.values()) sum += tip
  return sum
}

/** Dependencies of `UnreadDocuments`. */
export interface UnreadDocumentsOptions {
  readonly clock: Clock
  /** The person wants it. */
  readonly isWanted: () => boolean
  /** When the person typed last, as `clock.uptime()`; -Infinity for never. */
  readonly typed: () => number
  /** The machine has other work. */
  readonly isBusy: () => boolean
  /**
   * Returns the number of changes of a document whose stored text is not up to date, if it can be read; else null.
   * `closed` is that number where its log was closed with it; null while the log is open.
   */
  readonly unreadChanges: (id: DocumentId, closed: number | null) => number | null
  /** Reads a document, its log open or not, and stores its text. Resolves to false if it cannot. */
  readonly read: (id: DocumentId) => Promise<boolean>
}

/**
 * Reads documents whose stored text is missing or old, and that nobody opens: one at a time, while nobody types and the
 * machine has nothing else to do. A search finds them then.
 */
export class UnreadDocuments {
  private readonly options: UnreadDocumentsOptions
  /** Documents to look at, with the number of changes of those whose logs were closed since. */
  private readonly waiting = new Map<DocumentId, number | null>()
  /** Documents that could not be read, with the number of changes that they had. */
  private readonly unreadable = new Map<DocumentId, number>()
  private readonly next: Debounce
  private reading = false
  private stopped = false

  /** Starts nothing by itself. */
  constructor(options: UnreadDocumentsOptions) {
    this.options = options
    this.next = new Debounce(options.clock, () => void this.readNext())
  }

  /** Handles that more of a document may be stored than its text shows. */
  note(id: DocumentId): void {
    if (this.stopped) return
    this.waiting.set(id, null)
    if (!this.reading) this.next.signal(stillTime)
  }

  /** Handles that the log of a document is about to be closed, with `held` changes. */
  rested(id: DocumentId, held: number): void {
    if (this.waiting.has(id)) this.waiting.set(id, held)
  }

  /** Goes on, where the person may want it again. */
  resume(): void {
    if (!this.stopped && !this.reading && this.waiting.size > 0) this.next.signal(stillTime)
  }

  /** Reads no more. */
  stop(): void {
    this.stopped = true
    this.next.cancel()
  }

  private async readNext(): Promise<void> {
    const { clock, isWanted, isBusy, typed, read } = this.options
    if (!isWanted()) return
    const untilStill = typed() + stillTime - clock.uptime()
    if (untilStill > 0 || isBusy()) {
      this.next.signal(untilStill > 0 ? untilStill : stillTime)
      return
    }
    const unread = this.nextUnread()
    if (!unread) return
    this.reading = true
    const isRead = await read(unread.id).catch(() => false)
    this.reading = false
    if (!isRead) this.unreadable.set(unread.id, unread.held)
    if (!this.stopped && this.waiting.size > 0) this.next.signal(pause)
  }

  /** Takes the next document that has to be read off the list, with the number of its changes; null without one. */
  private nextUnread(): { id: DocumentId; held: number } | null {
    for (const [id, closed] of this.waiting) {
      this.waiting.delete(id)
      const held = this.options.unreadChanges(id, closed)
      if (held !== null && held > 0 && this.unreadable.get(id) !== held) return { id, held }
    }
    return null
  }
}
