import type { DocumentId } from '../../../preload/contract/ids'
import type { RemovedDocument } from '../../../preload/contract/library'
import type { Api } from '../../api'
import { valueOrToast } from '../../state/outcomes'
import type { Toasts } from '../toasts/toasts.svelte'
import { documentsWords } from './library-words'

/** The removed documents that can be restored, the latest first. */
export class RemovedState {
  list = $state.raw<readonly RemovedDocument[]>([])

  private readonly api: Api
  private readonly toasts: Toasts

  constructor(api: Api, toasts: Toasts) {
    this.api = api
    this.toasts = toasts
  }

  /** Reads what was removed, and listens from then on; the result stops listening. */
  start(): () => void {
    let heard = false
    const stop = this.api.on('removed', (removed) => {
      heard = true
      this.take(removed)
    })
    void this.api.call('removedDocuments').then((outcome) => {
      // An event received before the answer is newer than the answer.
      if (outcome.ok && !heard) this.take(outcome.value)
    })
    return stop
  }

  /** Puts documents back into the library. */
  async restore(ids: readonly DocumentId[]): Promise<void> {
    const documents = this.list.filter(({ id }) => ids.includes(id))
    const restored = valueOrToast(await this.api.call('restoreDocuments', [...ids]), this.toasts)
    if (!restored) return
    const verb = documents.length === 1 ? 'is' : 'are'
    this.toasts.tell(`${documentsWords(documents)} ${verb} in the library again.`)
  }

  /** Deletes documents, so that they cannot be restored. */
  async deleteNow(ids: readonly DocumentId[]): Promise<void> {
    valueOrToast(await this.api.call('deleteDocuments', [...ids]), this.toasts)
  }

  private take(removed: readonly RemovedDocument[]): void {
    this.list = [...removed].sort((a, b) => b.removedAt - a.removedAt)
  }
}
