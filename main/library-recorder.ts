import type { DocumentId } from '../preload/contract'
import type { Clock, Timer } from './environment'
import type { Library } from './library'
import type { SharedDocument } from './shared-document'

/** How long changes are gathered before they are written and told, in ms. */
const gatherTime = 500
/** How long the text last seen may lag behind on disk while a document is open, in ms. */
const textLag = 30_000

/** What is known of a document that is kept. */
export interface RecordedDocument {
  /** The document while it is open. */
  readonly document: SharedDocument | null
  /** Something that others made of it is stored here. */
  readonly holdsOthers: boolean
}

/** What a recorder works with. */
export interface LibraryRecorderOptions {
  readonly clock: Clock
  readonly library: () => Library
  readonly find: (id: DocumentId) => RecordedDocument | null
  /** What changed is written down, or could not be. */
  readonly onRecorded: () => void
  readonly onFailure: (error: unknown) => void
}

/** Writes down what the library shows of documents, a moment after they changed: title, time and text. */
export class LibraryRecorder {
  private readonly options: LibraryRecorderOptions
  private readonly changed = new Set<DocumentId>()
  /** Documents whose text on disk is behind. */
  private readonly behind = new Set<DocumentId>()
  private gathering: Timer | null = null
  private textTimer: Timer | null = null
  private stopped = false

  constructor(options: LibraryRecorderOptions) {
    this.options = options
  }

  /** Notes that something about a document changed that the library shows. */
  note(id: DocumentId): void {
    if (this.stopped) return
    const { clock } = this.options
    this.changed.add(id)
    this.gathering ??= clock.set(gatherTime, () => {
      this.gathering = null
      void this.recordAll(this.changed, false)
    })
  }

  /** Notes that a document's text changed. */
  noteText(id: DocumentId): void {
    this.note(id)
    if (this.stopped) return
    this.behind.add(id)
    this.textTimer ??= this.options.clock.set(textLag, () => {
      this.textTimer = null
      void this.recordAll(this.behind, true)
    })
  }

  /** Writes down what a document shows now. Rejects with STORE_WRITE_FAILED. */
  async record(id: DocumentId, document: SharedDocument, withText: boolean): Promise<void> {
    const library = this.options.library()
    const entry = library.entries.get(id)
    const { title, loading } = document.summary
    if (!entry || loading) return
    const waiting = entry.waiting && !this.options.find(id)?.holdsOthers
    const editedAt = document.editedAt ?? entry.editedAt
    if (title !== entry.title || waiting !== entry.waiting || editedAt !== entry.editedAt)
      await library.put({ ...entry, title, waiting, editedAt })
    if (withText && document.editedAt !== null) await library.putText(id, await document.text())
  }

  /** Records nothing more by itself. */
  stop(): void {
    this.stopped = true
    for (const timer of [this.gathering, this.textTimer]) if (timer) this.options.clock.clear(timer)
  }

  private async recordAll(ids: Set<DocumentId>, withText: boolean): Promise<void> {
    const all = [...ids]
    ids.clear()
    try {
      for (const id of all) {
        const found = this.options.find(id)
        if (found?.document) await this.record(id, found.document, withText)
        else if (found?.holdsOthers) await this.recordArrival(id)
      }
    } catch (error) {
      this.options.onFailure(error)
    }
    this.options.onRecorded()
  }

  /** A document that was opened by link, and is not open now, has come. */
  private async recordArrival(id: DocumentId): Promise<void> {
    const library = this.options.library()
    const entry = library.entries.get(id)
    if (entry?.waiting) await library.put({ ...entry, waiting: false, editedAt: this.options.clock.now() })
  }
}
