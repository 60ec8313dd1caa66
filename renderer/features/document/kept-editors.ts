import type { DocumentId } from '../../../preload/contract/ids'
import type { KeptEditor } from '../../editor/kept-editor'

/** Maximum number of documents without a tab whose editors are kept. */
const maxWithoutTab = 10
/** Maximum length of all kept texts, in UTF-16 code units; the newest is kept whatever its length. */
const maxLength = 64 * 1024 * 1024

/**
 * The remains that are kept of the editors that left the screen: for the documents in tabs, and for those of the others
 * that were shown last.
 */
export class KeptEditors {
  private readonly hasTab: (id: DocumentId) => boolean
  /** The one that left last comes last. */
  private readonly kept = new Map<DocumentId, KeptEditor>()

  /** `hasTab` returns true for a document in a tab. */
  constructor(hasTab: (id: DocumentId) => boolean) {
    this.hasTab = hasTab
  }

  /** Returns what is kept for a document; null for nothing. */
  of(id: DocumentId): KeptEditor | null {
    return this.kept.get(id) ?? null
  }

  /** Keeps an editor that leaves the screen, in place of the oldest ones. */
  keep(id: DocumentId, editor: KeptEditor): void {
    this.kept.delete(id)
    this.kept.set(id, editor)
    const others = [...this.kept.keys()].filter((one) => !this.hasTab(one))
    for (const oldest of others.slice(0, -maxWithoutTab)) this.kept.delete(oldest)
    let length = 0
    for (const [one, { text }] of [...this.kept].reverse()) {
      length += text.length
      if (length > maxLength && one !== id) this.kept.delete(one)
    }
  }
}
