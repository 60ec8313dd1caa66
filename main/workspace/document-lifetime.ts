import type { Clock } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { within } from '../base/timeout'
import type { OpenDocument } from '../document/open-document'
import { isNotSaved, isSaved, notSaved } from './saving-watch'

/** How long closing waits for edits to become durable, in ms. */
const closeLimit = 10_000

/** Dependencies and callbacks of `DocumentLifetime`. */
export interface DocumentLifetimeOptions {
  readonly clock: Clock
  readonly document: Pick<OpenDocument, 'version' | 'savedVersion' | 'unsavedEdits' | 'isWriting' | 'drained'>
  /** Called when the last handle is released; another one may follow. */
  readonly onRelease: () => void
  /** Called once, when the end begins: edits are still being saved. */
  readonly onEnding: () => void
  /** Called once, when saving is over: ends the document. Resolves when nothing is left to do. */
  readonly onEnd: () => Promise<void>
}

/**
 * The time for which a document is open. Handles are counted: each `retain` needs one `release`, and the last one
 * ends the document as soon as its edits are saved.
 */
export class DocumentLifetime {
  private readonly options: DocumentLifetimeOptions
  private held = 0
  private ending: Promise<void> | null = null

  constructor(options: DocumentLifetimeOptions) {
    this.options = options
  }

  /** Settles when the document has ended; null while its end has not begun. Until then its log is written to. */
  get ended(): Promise<void> | null {
    return this.ending
  }

  /** Number of handles that are not released. */
  get handles(): number {
    return this.held
  }

  /** Throws CLOSED once the end has begun. */
  check(): void {
    if (this.ending) throw new SwarmpadError('CLOSED')
  }

  /** Adds a handle. Throws CLOSED. */
  retain(): void {
    this.check()
    this.held++
  }

  /**
   * Releases a handle; with the last one, saves and ends. Rejects with NOT_SAVED if edits cannot be saved, or not in
   * 10 s: the document then stays open with its text, and ends by itself once it is saved. So it does, without an
   * error, while edits that the journal has are on their way to the log: the next document would put them in again.
   */
  async release(): Promise<void> {
    this.held = Math.max(0, this.held - 1)
    if (this.held > 0) return
    const { clock, document, onRelease } = this.options
    onRelease()
    const ending = document.drained().then(() => (this.held === 0 ? this.end() : undefined))
    if (await within(clock, closeLimit, ending).catch(notSavedAsFalse)) return
    if (!isSaved(document)) throw notSaved(document.unsavedEdits)
    // Edits in the journal wait until the document is opened again.
    if (this.held === 0 && !document.isWriting) await this.end(0)
  }

  /**
   * Saves for at most `limit` ms and ends at most 10 s later, regardless of handles. Rejects with NOT_SAVED if edits
   * were lost by it. Idempotent.
   */
  end(limit = closeLimit): Promise<void> {
    this.ending ??= this.finish(limit)
    return this.ending
  }

  /**
   * Waits for at most `limit` ms until all edits so far are in segments, or durable here with nothing that could be
   * expected to take them. Resolves to true if they are durable here.
   */
  async savedWithin(limit: number): Promise<boolean> {
    const { clock, document } = this.options
    await within(clock, limit, document.drained()).catch(notSavedAsFalse)
    return isSaved(document)
  }

  private async finish(limit: number): Promise<void> {
    const { clock, document, onEnding, onEnd } = this.options
    onEnding()
    await this.savedWithin(limit)
    await within(clock, closeLimit, onEnd())
    if (!isSaved(document)) throw notSaved(document.unsavedEdits)
  }
}

function notSavedAsFalse(error: unknown): false {
  if (isNotSaved(error)) return false
  throw error
}
