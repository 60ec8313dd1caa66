import type { DocumentId } from '../../../preload/contract/ids'
import type { Api } from '../../api'
import { exportWords, importWords } from './folder-words'

/** An import or export: under way, or with what came of it. */
export interface FolderWork {
  readonly kind: 'import' | 'export'
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
  private readonly show: (id: DocumentId) => void
  private asking = false

  /** `show` shows a document that was made. */
  constructor(api: Api, show: (id: DocumentId) => void) {
    this.api = api
    this.show = show
  }

  /** Listens from then on; the result stops listening. */
  start(): () => void {
    return this.api.on('folderProgress', ({ done }) => {
      const { work } = this
      // The first one comes after the person has chosen the folder.
      if (work === null && this.asking) this.work = running(this.asked, done)
      else if (work?.progress != null) this.work = { ...work, progress: Math.max(work.progress, done) }
    })
  }

  private asked: FolderWork['kind'] = 'import'

  /** Asks for a folder and imports the texts in it. */
  async import(): Promise<void> {
    if (!this.begin('import')) return
    const outcome = await this.api.call('importFolder')
    this.asking = false
    if (!outcome.ok) return this.fail('import', outcome)
    const report = outcome.value
    if (report === null) return
    const { problems, failed, first } = report
    this.work = { kind: 'import', progress: null, words: importWords(report), problems, failed }
    if (first !== null) this.show(first)
  }

  /** Asks for a folder and writes all documents into it. */
  async export(): Promise<void> {
    if (!this.begin('export')) return
    const outcome = await this.api.call('exportFolder')
    this.asking = false
    if (!outcome.ok) return this.fail('export', outcome)
    const report = outcome.value
    if (report === null) return
    const { problems, failed } = report
    this.work = { kind: 'export', progress: null, words: exportWords(report), problems, failed }
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
    if (this.asking) return false
    this.asking = true
    this.asked = kind
    return true
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
