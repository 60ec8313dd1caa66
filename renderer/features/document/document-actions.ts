import type { DocumentId } from '../../../preload/contract/ids'
import type { Api } from '../../api'
import { valueOrToast } from '../../state/outcomes'
import type { Toasts } from '../toasts/toasts.svelte'

/** Requests about a document that need no state of their own. */
export class DocumentActions {
  private readonly api: Api
  private readonly toasts: Toasts

  constructor(api: Api, toasts: Toasts) {
    this.api = api
    this.toasts = toasts
  }

  /** Asks where to, and writes a document as Markdown. */
  async saveCopy(id: DocumentId): Promise<void> {
    const saved = valueOrToast(await this.api.call('saveCopy', id), this.toasts)
    if (saved && saved.value.path !== null) this.toasts.tell(`A copy was saved as ${saved.value.path}`)
  }

  /** Goes on with the readable part of a damaged document. */
  async goOnWithout(id: DocumentId): Promise<void> {
    valueOrToast(await this.api.call('goOnWithout', id), this.toasts)
  }

  /** Lets others' edits take more of this computer. */
  async takeMore(id: DocumentId): Promise<void> {
    valueOrToast(await this.api.call('takeMore', id), this.toasts)
  }

  /** Opens a web or mail address of a document outside Swarmpad. */
  async openExternal(id: DocumentId, url: string): Promise<void> {
    valueOrToast(await this.api.call('openExternal', id, url), this.toasts)
  }
}
