import type { DocumentId } from '../../preload/contract/ids'
import type { DocumentSummary } from '../../preload/contract/library'
import type { Settings } from '../../preload/contract/settings'
import { type DocumentNews, newsWords } from '../../preload/messages/notifications'
import { Debounce } from '../base/debounce'
import type { Clock } from '../base/environment'
import { hideLinks } from '../keys/link-text'

/** Delay that gathers news, in ms. */
const gatherTime = 2_000
/** Shortest time between two notifications, in ms. */
const leastPause = 10_000
/** Longest text of a notification, in UTF-16 code units. */
const maxText = 240

/** Dependencies of `Notifications`. */
export interface NotificationsOptions {
  readonly clock: Clock
  readonly settings: () => Pick<Settings, 'notify' | 'notifyDetails'>
  /** Returns when other people last changed a document, in ms since the Unix epoch; null for never. */
  readonly othersEditedAt: (id: DocumentId) => number | null
  /** Returns true if other people wrote in a document: the person has other computers too. */
  readonly hasOthersWords: (id: DocumentId) => boolean
  /** Returns true while a window of the program has the focus. */
  readonly isFocused: () => boolean
  /** Shows a notification; `id` is the document that it is about, null for several. */
  readonly show: (text: string, id: DocumentId | null) => void
}

/** Summary of a document, as far as it has news. Its own time of the last edit is also that of the person's words. */
type Watched = Pick<DocumentSummary, 'id' | 'title' | 'people' | 'waiting'>

/** The state of a document as it was last noted. */
interface Known {
  readonly people: readonly string[]
  readonly waiting: boolean
  readonly othersEditedAt: number
}

/**
 * Notifications of the system, for those who chose them: that somebody joined a document, or that there are new
 * words of others in it, while no window has the focus. Of each document one, until a window has the focus again.
 */
export class Notifications {
  private readonly options: NotificationsOptions
  private readonly known = new Map<DocumentId, Known>()
  private readonly waiting = new Map<DocumentId, DocumentNews>()
  /** Documents of which there was a notification since a window had the focus. */
  private readonly told = new Set<DocumentId>()
  private readonly gathering: Debounce
  private shownAt = Number.NEGATIVE_INFINITY

  /** Does nothing before `note`. */
  constructor(options: NotificationsOptions) {
    this.options = options
    this.gathering = new Debounce(options.clock, () => this.report())
  }

  /** Takes the present state of documents; what was never noted before is no news. */
  note(documents: readonly Watched[]): void {
    const { settings, isFocused, clock } = this.options
    if (!settings().notify) {
      this.known.clear()
      return
    }
    const looks = isFocused()
    for (const document of documents) {
      const { id, people, waiting } = document
      const now = { people, waiting, othersEditedAt: this.options.othersEditedAt(id) ?? 0 }
      const news = this.newsOf(document, now)
      this.known.set(id, now)
      if (looks || !news || this.told.has(document.id)) continue
      const joined = [...(this.waiting.get(document.id)?.joined ?? []), ...news.joined]
      this.waiting.set(document.id, { title: document.title, joined: [...new Set(joined)] })
    }
    if (this.waiting.size === 0) return
    this.gathering.signal(Math.max(gatherTime, this.shownAt + leastPause - clock.now()))
  }

  /** Forgets documents that left the library. */
  forget(ids: readonly DocumentId[]): void {
    for (const id of ids) {
      this.known.delete(id)
      this.waiting.delete(id)
    }
  }

  /** A window has the focus: the person sees for themselves. */
  focused(): void {
    this.waiting.clear()
    this.told.clear()
    this.gathering.cancel()
  }

  private newsOf({ id, title }: Watched, now: Known): DocumentNews | null {
    const before = this.known.get(id)
    if (!before) return null
    const joined = now.people.filter((name) => !before.people.includes(name))
    const isEdited = now.othersEditedAt > before.othersEditedAt
    const hasArrived = before.waiting && !now.waiting && this.options.hasOthersWords(id)
    return joined.length > 0 || hasArrived || isEdited ? { title, joined } : null
  }

  private report(): void {
    const { settings, isFocused, show, clock } = this.options
    const news = [...this.waiting]
    this.waiting.clear()
    const { notify, notifyDetails } = settings()
    if (!notify || isFocused() || news.length === 0) return
    for (const [id] of news) this.told.add(id)
    this.shownAt = clock.now()
    const [first, ...more] = news
    const words = newsWords(
      news.map(([, each]) => each),
      notifyDetails,
    )
    show(hideLinks(words).slice(0, maxText).toWellFormed(), first && more.length === 0 ? first[0] : null)
  }
}
