import type { DocumentId } from '../../../preload/contract/ids'
import type { DocumentSummary } from '../../../preload/contract/library'
import { titleKey, type WikiLink, writable } from '../../../preload/text/markdown/wiki-link'
import { rank } from '../palette/rank'
import type { Toasts } from '../toasts/toasts.svelte'

/** Title and heading that a link leads to. */
export type Target = Pick<WikiLink, 'target' | 'heading'>

/** The document that a link leads to, and the heading in it; '' for its beginning. */
export interface Found {
  readonly document: DocumentSummary
  readonly heading: string
}

/** A heading that a link can lead to. */
export interface Words {
  readonly words: string
}

/** State and services of the window that links between documents use. */
export interface WikiLinkServices {
  documents(): readonly DocumentSummary[]
  /** The document on screen; null without one. */
  current(): DocumentId | null
  /** Shows a document, at a heading unless that is ''. */
  show(id: DocumentId, heading: string, how: 'here' | 'tab' | 'side'): void
  create(title: string): void
  /** Resolves to the words of a document's headings, each once. */
  headings(id: DocumentId): Promise<readonly string[]>
  readonly toasts: Toasts
}

/** Maximum number of titles that are suggested. */
const most = 50

/** Links between the documents of the library. */
export class WikiLinks {
  private readonly services: WikiLinkServices
  private headed: { readonly id: DocumentId; readonly headings: readonly Words[] } | null = null
  private known: { readonly documents: readonly DocumentSummary[]; readonly titles: Titles } | null = null

  constructor(services: WikiLinkServices) {
    this.services = services
  }

  /** Returns where a link leads; null if no document has its title. */
  find({ target, heading }: Target): Found | null {
    const { titles } = this
    if (target === '') {
      const current = this.services.documents().find(({ id }) => id === this.services.current())
      return current ? { document: current, heading } : null
    }
    const document = titles.find(target)
    if (document) return { document, heading }
    // A title may have the sign that parts it from a heading.
    const whole = heading === '' ? null : titles.find(`${target}#${heading}`)
    return whole && { document: whole, heading: '' }
  }

  /** Shows the document that a link leads to; offers to make one that is missing. */
  open(link: Target, how: 'here' | 'tab' | 'side' = 'here'): void {
    const { services } = this
    const found = this.find(link)
    if (found) services.show(found.document.id, found.heading, how)
    else if (link.target !== '')
      services.toasts.tell(`No document is called “${link.target}”.`, {
        label: 'Make it',
        run: () => this.make(link),
      })
  }

  /** Makes the document that a link leads to, unless it came to be meanwhile. */
  make(link: Target): void {
    if (this.find(link)) this.open(link)
    else this.services.create(link.target)
  }

  /** Returns documents whose titles answer a query, apart from the one on screen; of those with one title the first. */
  suggest(query: string): DocumentSummary[] {
    const current = this.services.current()
    const titled = this.titles.linked
    return rank(titled, ({ title }) => title, query, most + 1)
      .filter(({ id }) => id !== current)
      .slice(0, most)
  }

  /** Returns the headings of the document that was asked about last; null for another one. */
  knownHeadings(id: DocumentId): readonly Words[] | null {
    return this.headed?.id === id ? this.headed.headings : null
  }

  /** Reads the headings of a document; `knownHeadings` has them from then on. */
  async readHeadings(id: DocumentId): Promise<void> {
    const headings = (await this.services.headings(id)).map((words) => ({ words }))
    this.headed = { id, headings }
  }

  /** Calls the listener now, and whenever the documents of the library changed; the result ends this. */
  watch(listener: () => void): () => void {
    return $effect.root(() => {
      $effect(() => {
        this.services.documents()
        listener()
      })
    })
  }

  private get titles(): Titles {
    const documents = this.services.documents()
    if (this.known?.documents !== documents) this.known = { documents, titles: new Titles(documents) }
    return this.known.titles
  }
}

/** Titles of the library as links see them. */
class Titles {
  /** The documents that a link can lead to, the last edited first: of several with one title, that one. */
  readonly linked: readonly DocumentSummary[]
  private readonly exact = new Map<string, DocumentSummary>()
  private readonly folded = new Map<string, DocumentSummary>()

  constructor(documents: readonly DocumentSummary[]) {
    const byEdit = [...documents].sort((a, b) => (b.editedAt ?? 0) - (a.editedAt ?? 0))
    this.linked = byEdit.filter((document) => {
      const key = keyOf(document)
      if (key === '' || this.exact.has(document.title)) return false
      this.exact.set(document.title, document)
      if (!this.folded.has(key)) this.folded.set(key, document)
      // Written as a link, it would lead to the other one.
      return this.folded.get(key) === document || writable(document.title) === document.title
    })
  }

  find(target: string): DocumentSummary | null {
    return this.exact.get(target) ?? this.folded.get(titleKey(target)) ?? null
  }
}

const keys = new WeakMap<DocumentSummary, string>()

function keyOf(document: DocumentSummary): string {
  const known = keys.get(document)
  if (known !== undefined) return known
  const key = titleKey(document.title)
  keys.set(document, key)
  return key
}
