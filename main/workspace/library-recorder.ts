import type { Text } from '@codemirror/state'
import type { DocumentId } from '../../preload/contract/ids'
import { Debounce } from '../base/debounce'
import type { Clock } from '../base/environment'
import { SerialQueue } from '../base/serial-queue'
import type { Library } from '../library/library'
import type { DocumentLog } from '../log/document-log'
import type { SharedDocument } from './shared-document'

/** Delay that gathers changes before they are written and reported, in ms. */
const gatherTime = 500
/** Delay of a retry after the disk refused a write, in ms. */
const retryTime = 10_000
/** Maximum lag of the stored last-seen text and time behind an open document, in ms. */
const textLag = 30_000

/** State of a kept document, for recording. */
export interface RecordedDocument {
  /** The document while it is open. */
  readonly document: SharedDocument | null
  readonly log: Pick<DocumentLog, 'holdsOthers'>
}

/** Options of a library recorder. */
export interface LibraryRecorderOptions {
  readonly clock: Clock
  readonly library: () => Library
  readonly find: (id: DocumentId) => RecordedDocument | null
  /** Called after changed documents were examined, with those that are kept open; `wrote`: something was written. */
  readonly onRecorded: (ids: readonly DocumentId[], wrote: boolean) => void
  readonly onFailure: (error: unknown) => void
  /** Called when the text of a document was stored; null where the stored one is still right. */
  readonly onText: (id: DocumentId, document: SharedDocument, text: Text | null) => void
}

/** Stores title, time and last-seen text of documents in the library, a moment after they changed. */
export class LibraryRecorder {
  private readonly options: LibraryRecorderOptions
  private readonly changed = new Set<DocumentId>()
  /** Documents whose text and time on disk are behind. */
  private readonly behind = new Set<DocumentId>()
  private readonly gathering: Debounce
  private readonly textDelay: Debounce
  private readonly recording = new SerialQueue()
  private stopped = false
  /** The disk refused the last write. */
  private refused = false

  constructor(options: LibraryRecorderOptions) {
    this.options = options
    this.gathering = new Debounce(options.clock, () => void this.recordSoon(this.changed, false))
    this.textDelay = new Debounce(options.clock, () => void this.recordSoon(this.behind, true))
  }

  /** Schedules the record of a document whose title, time or origin may have changed. */
  note(id: DocumentId): void {
    if (this.stopped) return
    this.changed.add(id)
    this.gathering.signal(this.refused ? retryTime : gatherTime)
  }

  /** Schedules the record of a document whose text changed. */
  noteText(id: DocumentId): void {
    this.note(id)
    if (this.stopped) return
    this.behind.add(id)
    this.textDelay.signal(textLag)
  }

  /**
   * Records the present state of a document: title and origin are stored, the time of the last edit with the text.
   * Resolves to true if anything was written. Rejects with STORE_WRITE_FAILED.
   */
  async record(id: DocumentId, document: SharedDocument, withText: boolean): Promise<boolean> {
    const library = this.options.library()
    const entry = library.entries.get(id)
    const { title, loading } = document.summary
    if (!entry || loading) return false
    const waiting = entry.waiting && !this.options.find(id)?.log.holdsOthers
    const editedAt = document.times.last ?? entry.editedAt
    const isNew = title !== entry.title || waiting !== entry.waiting
    if (isNew || editedAt !== entry.editedAt) library.note({ ...entry, title, waiting, editedAt })
    const hasEntry = isNew || (withText && library.isBehind(id))
    const hasText = withText && document.times.last !== null
    if (hasEntry) await library.put(library.entry(id))
    const text = hasText ? await document.storeText() : null
    if (withText) this.options.onText(id, document, text)
    return hasEntry || hasText
  }

  /** Stores at once the texts that are behind, and resolves when no write is under way. Never rejects. */
  storeTexts(): Promise<void> {
    return this.behind.size > 0 ? this.recordSoon(this.behind, true) : this.recording.idle()
  }

  /** Cancels all scheduled records. */
  stop(): void {
    this.stopped = true
    this.gathering.cancel()
    this.textDelay.cancel()
  }

  private recordSoon(ids: Set<DocumentId>, withText: boolean): Promise<void> {
    return this.recording.run(() => this.recordAll(ids, withText))
  }

  private async recordAll(ids: Set<DocumentId>, withText: boolean): Promise<void> {
    // Of a document whose log was closed meanwhile, nothing is shown but its entry.
    const left = new Set([...ids].filter((id) => this.options.find(id)))
    const examined = [...left]
    ids.clear()
    let wrote = false
    try {
      for (const id of left) {
        const found = this.options.find(id)
        if (found?.document) wrote = (await this.record(id, found.document, withText)) || wrote
        else if (found?.log.holdsOthers) wrote = (await this.recordArrival(id)) || wrote
        left.delete(id)
      }
      if (wrote) this.refused = false
    } catch (error) {
      this.refused = true
      wrote = false
      for (const id of left)
        if (withText) this.noteText(id)
        else this.note(id)
      this.options.onFailure(error)
    }
    this.options.onRecorded(examined, wrote)
  }

  /** Records that a document opened by link, and not open now, has arrived. */
  private async recordArrival(id: DocumentId): Promise<boolean> {
    const library = this.options.library()
    const entry = library.entries.get(id)
    if (!entry?.waiting) return false
    // The time that a person's other computer gave is compared with later ones that it gives.
    await library.put({ ...entry, waiting: false, editedAt: entry.editedAt ?? this.options.clock.now() })
    return true
  }
}
