import type { Outcome } from '../../../preload/contract/bridge'
import type { DocumentId } from '../../../preload/contract/ids'
import type { LeftOutDetails } from '../../../preload/contract/quarantine'
import type { Api } from '../../api'
import { valueOrToast } from '../../state/outcomes'
import type { Toasts } from '../toasts/toasts.svelte'

/** Edits that were left out of a document. */
export class QuarantineState {
  private readonly api: Api
  private readonly toasts: Toasts

  constructor(api: Api, toasts: Toasts) {
    this.api = api
    this.toasts = toasts
  }

  /** Returns the edits left out of a document. */
  details(id: DocumentId): Promise<Outcome<LeftOutDetails[]>> {
    return this.api.call('leftOut', id)
  }

  /** Asks where, and writes the edits left out of a document; returns a message, or null. */
  async save(id: DocumentId): Promise<string | null> {
    const outcome = await this.api.call('saveLeftOut', id)
    if (!outcome.ok) return outcome.message
    const { path, whole } = outcome.value
    if (path === null) return null
    return whole
      ? `Saved as ${path}`
      : `It is too much for one file. Its beginning, about 64 MB, was saved as ${path}`
  }

  /** Puts the notice of the edits left out of a document away. */
  async dismiss(id: DocumentId): Promise<void> {
    valueOrToast(await this.api.call('dismissLeftOut', id), this.toasts)
  }
}
