import type { DocumentId } from '../../../preload/contract/ids'
import type { DocumentSummary } from '../../../preload/contract/library'
import { titleWords } from '../../../preload/messages/format'
import type { Api } from '../../api'
import type { ShowOptions } from '../../state/navigation.svelte'
import { refusalOf, valueOrToast } from '../../state/outcomes'
import type { Toasts } from '../toasts/toasts.svelte'
import { sortDocuments } from './library-words'

/** The end of any text. */
const end = { from: Number.MAX_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER }

/** The way between documents, as the library uses it. */
interface Way {
  show(id: DocumentId, options?: ShowOptions): void
  leave(id: DocumentId): Promise<boolean>
}

/** The documents of the profile. */
export class LibraryState {
  documents = $state.raw<readonly DocumentSummary[]>([])
  /** The library was read. */
  loaded = $state(false)
  /** Now, in ms since the epoch, to the half minute. */
  now = $state(Date.now())

  private readonly api: Api
  private readonly toasts: Toasts
  private readonly way: Way

  constructor(api: Api, toasts: Toasts, way: Way) {
    this.api = api
    this.toasts = toasts
    this.way = way
  }

  /** Listens from then on; the result stops listening. */
  start(): () => void {
    const clock = setInterval(() => (this.now = Date.now()), 30_000)
    const stop = this.api.on('documents', (documents) => this.take(documents))
    return () => {
      clearInterval(clock)
      stop()
    }
  }

  /** Reads the library; returns why it cannot be read, or null. */
  async read(): Promise<string | null> {
    const outcome = await this.api.call('documents')
    if (outcome.ok) this.take(outcome.value)
    return refusalOf(outcome)
  }

  /** Returns a document as the library lists it; null for one that it does not have. */
  find(id: DocumentId | null): DocumentSummary | null {
    return this.documents.find((document) => document.id === id) ?? null
  }

  /** Makes a document, empty or with a title as its heading, and shows it in a new tab. */
  async create(title = ''): Promise<void> {
    const made = valueOrToast(await this.api.call('createDocument', title ? { title } : {}), this.toasts)
    // The caret goes below the heading.
    if (made) this.way.show(made.value.id, title ? { how: 'tab', at: end } : { how: 'tab' })
  }

  /** Takes a document out of the library, with a way back. */
  async remove(id: DocumentId): Promise<void> {
    const title = titleWords(this.find(id)?.title ?? '')
    // Else it is on screen again, with text that is nowhere else.
    if (!(await this.way.leave(id))) return
    if (valueOrToast(await this.api.call('removeDocument', id), this.toasts)) this.tellRemoved(id, title)
  }

  /** Takes a document off the screen that another window removes. */
  async leave(id: DocumentId): Promise<void> {
    const title = titleWords(this.find(id)?.title ?? '')
    if (await this.way.leave(id)) this.tellRemoved(id, title)
  }

  /** Shows a document in a new window. */
  async showInNewWindow(id: DocumentId): Promise<void> {
    valueOrToast(await this.api.call('showInNewWindow', id), this.toasts)
  }

  private tellRemoved(id: DocumentId, title: string): void {
    const restore = () => void this.restore(id)
    this.toasts.tell(`“${title}” was removed from this computer.`, { label: 'Undo', run: restore })
  }

  private async restore(id: DocumentId): Promise<void> {
    if (valueOrToast(await this.api.call('restoreDocument', id), this.toasts))
      this.way.show(id, { how: 'tab' })
  }

  private take(documents: readonly DocumentSummary[]): void {
    this.documents = sortDocuments(documents)
    this.loaded = true
    this.now = Date.now()
  }
}
