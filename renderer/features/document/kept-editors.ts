import type { DocumentId } from '../../../preload/contract/ids'
import type { KeptEditor } from '../../editor/kept-editor'

/** Maximum number of documents whose editors are kept. */
const maxKept = 10

/** What is kept of the editors that left the screen, for the documents that were shown last. */
export class KeptEditors {
  /** The one that left last comes last. */
  private readonly kept = new Map<DocumentId, KeptEditor>()

  /** Returns what is kept for a document; null for nothing. */
  of(id: DocumentId): KeptEditor | null {
    return this.kept.get(id) ?? null
  }

  /** Keeps an editor that leaves the screen, in place of the oldest one. */
  keep(id: DocumentId, editor: KeptEditor): void {
    this.kept.delete(id)
    this.kept.set(id, editor)
    const [oldest] = this.kept.keys()
    if (this.kept.size > maxKept && oldest !== undefined) this.kept.delete(oldest)
  }
}
