import type { DocumentId } from '../../../preload/contract/ids'
import type { Backlink } from '../../../preload/contract/search'
import type { Api } from '../../api'

/** Time between two searches for links to the document on screen, in ms. */
const interval = 2_000

/** The documents whose texts link to the one on screen. */
export class Backlinks {
  /** The last edited first; null until they were looked for. */
  list = $state.raw<readonly Backlink[] | null>(null)
  private id: DocumentId | null = null
  private readonly api: Api
  private timer: ReturnType<typeof setTimeout> | undefined
  private isDue = false

  constructor(api: Api) {
    this.api = api
  }

  /** Looks for links to a document, at once for another one, else at most every 2 s. */
  look(id: DocumentId): void {
    if (id !== this.id) {
      this.stop()
      this.id = id
    }
    this.isDue = true
    if (this.timer === undefined) this.ask(id)
  }

  /** Forgets what was found. */
  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.isDue = false
    this.id = null
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
