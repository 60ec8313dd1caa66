import type { Outcome } from '../../../preload/contract/bridge'
import type { ExportedFolder } from '../../../preload/contract/folders'
import type { DocumentId } from '../../../preload/contract/ids'
import { maxArranged } from '../../../preload/contract/library'
import type { Api } from '../../api'
import type { Toasts } from '../toasts/toasts.svelte'
import { exportWords, importWords } from './folder-words'

/** An import, an export or copies: under way, or with what came of it. */
export interface FolderWork {
  readonly kind: 'import' | 'export' | 'copies'
  /** From 0 to 1 while it runs, null afterwards. */
  readonly progress: number | null
  readonly words: readonly string[]
  /** Sentences about files that were left out, and their number, which may be larger. */
  readonly problems: readonly string[]
  readonly failed: number
}

/** Folders of files that are imported, and the export of all documents. */
export class FoldersState {
  /** Shown in a dialog; null for none. */
  work = $state.raw<FolderWork | null>(null)

  private readonly api: Api
  private readonly toasts: Toasts
  private readonly show: (id: DocumentId) => void
  /** The call under way; null for none. */
  private asking: FolderWork['kind'] | null = null

  /** `show` shows a document that was made. */
  constructor(api: Api, toasts: Toasts, show: (id: DocumentId) => void) {
    this.api = api
    this.toasts = toasts
    this.show = show
  }

  /** Listens from then on; the result stops listening. */
  start(): () => void {
    return this.api.on('folderProgress', ({ done }) => {
      const { work } = this
      // The first one comes after the person has chosen the folder.
      if (work === null && this.asking !== null) this.work = running(this.asking, done)
      else if (work?.progress != null) this.work = { ...work, progress: Math.max(work.progress, done) }
    })
  }

  /** Asks for a folder and imports the texts in it. */
  async import(): Promise<void> {
    if (!this.begin('import')) return
    const outcome = await this.api.call('importFolder')
    this.asking = null
    if (!outcome.ok) return this.fail('import', outcome)
    const report = outcome.value
    if (report === null) return
    const { problems, failed, first } = report
    this.work = { kind: 'import', progress: null, words: importWords(report), problems, failed }
    if (first !== null) this.show(first)
  }

  /** Asks for a folder and writes all documents into it. */
  async export(): Promise<void> {
    if (this.begin('export')) this.written('export', await this.api.call('exportFolder'))
  }

  /** Asks for a folder and writes copies of documents into it. */
  async saveCopies(ids: readonly DocumentId[]): Promise<void> {
    if (ids.length === 0) this.toasts.tell('Select documents in the library first.')
    else if (ids.length > maxArranged)
      this.toasts.fail(`Copies of at most ${maxArranged.toLocaleString()} documents are saved at once.`)
    else if (this.begin('copies')) this.written('copies', await this.api.call('saveCopies', [...ids]))
  }

  /** Stops what runs; what was done until then stays. */
  stop(): void {
    void this.api.call('stopFolder')
  }

  /** Hides the dialog, and stops what runs. */
  close(): void {
    if (this.work?.progress != null) this.stop()
    else this.work = null
  }

  private begin(kind: FolderWork['kind']): boolean {
    if (this.asking !== null) return false
    this.asking = kind
    // The result of the one before would hide the progress.
    this.work = null
    return true
  }

  private written(kind: 'export' | 'copies', outcome: Outcome<ExportedFolder | null>): void {
    this.asking = null
    if (!outcome.ok) {
      this.fail(kind, outcome)
      return
    }
    const report = outcome.value
    if (report === null) return
    const { problems, failed } = report
    this.work = { kind, progress: null, words: exportWords(report, kind), problems, failed }
  }

  private fail(kind: FolderWork['kind'], { code, message }: { code: string; message: string }): void {
    const words = [code === 'CLOSED' ? 'It was stopped before anything was done.' : message]
    this.work = { kind, progress: null, words, problems: [], failed: 0 }
  }
}

const running = (kind: FolderWork['kind'], progress: number): FolderWork => ({
  kind,
  progress,
  words: [],
  problems: [],
  failed: 0,
})
