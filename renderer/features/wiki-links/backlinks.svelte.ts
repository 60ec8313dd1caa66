import type { DocumentId } from '../../../preload/contract/ids'
import type { DocumentSummary } from '../../../preload/contract/library'
import type { Backlink } from '../../../preload/contract/search'
import type { Api } from '../../api'

/** Time between two searches for links to the document on screen, in ms. */
const interval = 2_000

/** The documents whose texts link to the one on screen. */
export class Backlinks {
  /** The last edited first; null until they were looked for. */
  list = $state.raw<readonly Backlink[] | null>(null)
  private id: DocumentId | null = null
  /** Its title, and the other documents of the library, when links were last looked for. */
  private title = ''
  private others: readonly DocumentSummary[] = []
  private readonly api: Api
  private timer: ReturnType<typeof setTimeout> | undefined
  private isDue = false

  constructor(api: Api) {
    this.api = api
  }

  /**
   * Looks for links to a document: at once for another one, else at most every 2 s, and only if its title or another of
   * `documents`, the library, changed. Words that are typed in it lead to no more links to it.
   */
  look(id: DocumentId, documents: readonly DocumentSummary[]): void {
    const others = documents.filter((one) => one.id !== id)
    const title = documents.find((one) => one.id === id)?.title ?? ''
    if (id !== this.id) {
      this.stop()
      this.id = id
    } else if (title === this.title && isSame(others, this.others)) return
    this.title = title
    this.others = others
    this.isDue = true
    if (this.timer === undefined) this.ask(id)
  }

  /** Forgets what was found. */
  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.isDue = false
    this.id = null
    this.others = []
    this.list = null
  }

  private ask(id: DocumentId): void {
    this.isDue = false
    this.timer = setTimeout(() => {
      this.timer = undefined
      if (this.isDue) this.ask(id)
    }, interval)
    void this.api.call('backlinks', id).then((outcome) => {
      if (this.id === id) this.list = outcome.ok ? outcome.value : []
    })
  }
}

/** A summary is never changed, only replaced. */
const isSame = (a: readonly DocumentSummary[], b: readonly DocumentSummary[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index])
