import type { DocumentId } from '../../preload/contract/ids'
import type { DocumentSummary, LibraryChange } from '../../preload/contract/library'
import { Debounce } from '../base/debounce'
import type { Clock } from '../base/environment'
import { sameData } from '../base/same-data'

/** Delay that gathers changes of several documents into one report, in ms. */
const gatherTime = 20

/** Options of `LibraryChanges`. */
export interface LibraryChangesOptions {
  readonly clock: Clock
  /** Returns what the library shows of a document now; null for one that it does not show. */
  readonly summary: (id: DocumentId) => DocumentSummary | null
  /** Takes what changed since the last call: only documents that are shown otherwise than before. */
  readonly onChange: (change: LibraryChange) => void
}

/** Reports what changed in the list of documents, at a cost that does not grow with its length. */
export class LibraryChanges {
  private readonly options: LibraryChangesOptions
  private readonly noted = new Set<DocumentId>()
  /** The last report on each document since the whole list was read last. */
  private readonly reported = new Map<DocumentId, DocumentSummary | null>()
  private readonly gathering: Debounce
  private stopped = false

  constructor(options: LibraryChangesOptions) {
    this.options = options
    this.gathering = new Debounce(options.clock, () => this.report())
  }

  /** Notes that a document may be shown otherwise now. */
  note(id: DocumentId): void {
    if (this.stopped) return
    this.noted.add(id)
    this.gathering.signal(gatherTime)
  }

  /** Notes that the whole list was read: what was reported before tells nothing about what its reader knows. */
  wasRead(): void {
    this.reported.clear()
  }

  /** Reports nothing more. */
  stop(): void {
    this.stopped = true
    this.gathering.cancel()
  }

  private report(): void {
    const changed: DocumentSummary[] = []
    const gone: DocumentId[] = []
    for (const id of this.noted) {
      const summary = this.options.summary(id)
      if (sameData(this.reported.get(id), summary)) continue
      this.reported.set(id, summary)
      if (summary) changed.push(summary)
      else gone.push(id)
    }
    this.noted.clear()
    if (changed.length + gone.length > 0) this.options.onChange({ changed, gone })
  }
}
