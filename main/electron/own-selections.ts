import type { DocumentId } from '../../preload/contract/ids'
import type { SharedDocument } from '../workspace/shared-document'

/** A selection in the text of `version`, in UTF-16 code units. */
export interface Selection {
  readonly version: number
  readonly anchor: number
  readonly head: number
}

/**
 * This person's selection in each document. Others see one caret of a person: that of the window that last had
 * the keyboard in the text. A window that loses the keyboard ends its own selection only.
 */
export class OwnSelections {
  /** The window that each document's selection belongs to. */
  private readonly owners = new Map<DocumentId, object>()

  /** Sets a window's selection in a document; null for none. Throws VERSION_GONE. */
  set(
    document: Pick<SharedDocument, 'id' | 'setSelection'>,
    window: object,
    selection: Selection | null,
  ): void {
    const { id } = document
    if (selection) {
      document.setSelection(selection)
      this.owners.set(id, window)
    } else if (this.owners.get(id) === window) {
      this.owners.delete(id)
      document.setSelection(null)
    }
  }
}
