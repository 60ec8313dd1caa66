import { SvelteMap } from 'svelte/reactivity'
import type { DocumentId } from '../../../preload/contract/ids'
import type { DocumentSummary, LibraryChange } from '../../../preload/contract/library'
import type { Api } from '../../api'
import type { ShowOptions } from '../../state/navigation.svelte'
import { refusalOf, valueOrToast } from '../../state/outcomes'
import type { Toasts } from '../toasts/toasts.svelte'
import { Arranging } from './arranging'
import { documentsWords } from './library-words'
import { type SortOrder, sortDocuments } from './order'
import { RemovedState } from './removed.svelte'

/** The way between documents, as the library uses it. */
interface Way {
  show(id: DocumentId, options?: ShowOptions): void
  leave(id: DocumentId): Promise<boolean>
}

/** The documents of the profile. */
export class LibraryState {
  /** Sorted. */
  documents = $state.raw<readonly DocumentSummary[]>([])
  /** The library was read. */
  loaded = $state(false)
  /** Now, in ms since the epoch, to the half minute. */
  now = $state(Date.now())
  readonly arranging: Arranging
  readonly removed: RemovedState

  private order: SortOrder = 'edited'
  private readonly api: Api
  private readonly toasts: Toasts
  private readonly way: Way
  /** The same documents by id: a reader of one is notified of changes of that one only. */
  private readonly byId = new SvelteMap<DocumentId, DocumentSummary>()

  constructor(api: Api, toasts: Toasts, way: Way) {
    this.api = api
    this.toasts = toasts
    this.way = way
    this.arranging = new Arranging(api, toasts, (id) => this.find(id))
    this.removed = new RemovedState(api, toasts)
  }

  /** Listens from then on; the result stops listening. */
  start(): () => void {
    const clock = setInterval(() => (this.now = Date.now()), 30_000)
    const stops = [this.api.on('documents', (change) => this.takeChange(change)), this.removed.start()]
    return () => {
      clearInterval(clock)
      for (const stop of stops) stop()
    }
  }

  /** Reads the library; returns why it cannot be read, or null. */
  async read(): Promise<string | null> {
    const outcome = await this.api.call('documents')
    if (outcome.ok) this.take(outcome.value)
    return refusalOf(outcome)
  }

  /** Sorts the documents in another way. */
  sort(order: SortOrder): void {
    if (order === this.order) return
    this.order = order
    this.documents = sortDocuments(this.documents, order)
  }

  /** Returns a document as the library lists it; null for one that it does not have. */
  find(id: DocumentId | null): DocumentSummary | null {
    return (id && this.byId.get(id)) || null
  }

  /** Makes a document, empty or with a title as its heading, in a folder or in none, and shows it in a new tab. */
  async create(title = '', folder = ''): Promise<void> {
    const given = { ...(title && { title }), ...(folder && { folder }) }
    const made = valueOrToast(await this.api.call('createDocument', given), this.toasts)
    if (!made) return
    const { id, length } = made.value
    // The caret goes below the heading, before somebody can type.
    this.way.show(id, { how: 'tab', ...(title && { at: { from: length, to: length } }) })
  }

  /** Takes documents out of the library, with a way back. */
  async remove(...ids: readonly DocumentId[]): Promise<void> {
    const documents = this.summaries(ids)
    const left = await Promise.all(
      documents.map(async (one) => ((await this.way.leave(one.id)) ? [one] : [])),
    )
    // One that could not be left is on screen again, with text that is nowhere else.
    const leaving = left.flat()
    if (leaving.length === 0) return
    const removed = await this.api.call(
      'removeDocuments',
      leaving.map(({ id }) => id),
    )
    if (valueOrToast(removed, this.toasts)) this.tellRemoved(leaving)
  }

  /** Takes a document off the screen that another window removes. */
  async leave(id: DocumentId): Promise<void> {
    const documents = this.summaries([id])
    if (await this.way.leave(id)) this.tellRemoved(documents)
  }

  /** Shows a document in a new window. */
  async showInNewWindow(id: DocumentId): Promise<void> {
    valueOrToast(await this.api.call('showInNewWindow', id), this.toasts)
  }

  private summaries(ids: readonly DocumentId[]): DocumentSummary[] {
    return ids.flatMap((id) => this.find(id) ?? [])
  }

  private tellRemoved(documents: readonly DocumentSummary[]): void {
    const verb = documents.length === 1 ? 'was' : 'were'
    const restore = () => void this.restore(documents)
    this.toasts.tell(`${documentsWords(documents)} ${verb} removed.`, {
      label: 'Undo',
      run: restore,
    })
  }

  private async restore(documents: readonly DocumentSummary[]): Promise<void> {
    const [first, ...others] = documents.map(({ id }) => id)
    if (first === undefined) return
    const restored = valueOrToast(await this.api.call('restoreDocuments', [first, ...others]), this.toasts)
    if (restored && others.length === 0) this.way.show(first, { how: 'tab' })
  }

  private take(documents: readonly DocumentSummary[]): void {
    this.documents = sortDocuments(documents, this.order)
    this.byId.clear()
    for (const document of documents) this.byId.set(document.id, document)
    this.loaded = true
    this.now = Date.now()
  }

  private takeChange({ changed, gone }: LibraryChange): void {
    const others = new Set([...gone, ...changed.map(({ id }) => id)])
    const same = this.documents.filter(({ id }) => !others.has(id))
    this.documents = sortDocuments([...same, ...changed], this.order)
    for (const id of gone) this.byId.delete(id)
    for (const document of changed) this.byId.set(document.id, document)
    this.now = Date.now()
  }
}
