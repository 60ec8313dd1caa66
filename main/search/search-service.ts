import type { SearchQuery } from '../../preload/contract/search'
import { FoldedText } from '../../preload/text/fold'
import { assertNever } from '../base/errors'
import { hex } from '../base/hex'
import { openCachedText, type SealedText } from '../library/cached-text'
import { SearchedDocument } from './match'
import { parseQuery } from './query'
import { findLink, readFacts, readHeadings } from './read-facts'
import { RunningSearch } from './running-search'
import type { FoundLink, FromSearch, ListedDocument, SharedMemory, ToSearch } from './search-protocol'

/** Longest work before messages are taken again, in ms. */
const slice = 8
/** Most of a text that is searched, and of all texts together, in UTF-16 code units. */
const maxText = 8 * 1024 * 1024
const maxTexts = 256 * 1024 * 1024
/** Sealed texts above this many bytes are opened after the others. */
const largeText = 256 * 1024

/** Dependencies of a thread that searches. */
export interface ServeSearchOptions {
  readonly answer: (message: FromSearch) => void
  /** Milliseconds since some moment, never set back. */
  readonly uptime: () => number
  /** Runs work after the messages that came meanwhile. */
  readonly later: (work: () => void) => void
}

/** Takes the messages of the main thread; see `ToSearch`. It works in slices, and begins with searches. */
export class SearchService {
  private readonly options: ServeSearchOptions
  private memory: SharedMemory | null = null
  private readonly documents = new Map<string, SearchedDocument>()
  /** Texts that came and are not opened yet; null tells that a batch is over. */
  private untaken: (SealedText | null)[] = []
  /** Large ones by id (hex). */
  private readonly large = new Map<string, SealedText>()
  /** All texts have come. */
  private isWhole = false
  /** Code units of the texts that are held, and the documents of which there was no room for the text. */
  private size = 0
  private readonly leftOut = new Set<string>()
  private readonly searches = new Map<number, RunningSearch>()
  private readonly jobs: Generator<void, void>[] = []
  private isDue = false

  constructor(options: ServeSearchOptions) {
    this.options = options
  }

  /** Takes the next message. */
  take(message: ToSearch): void {
    switch (message.type) {
      case 'open':
        this.memory = message.memory
        return
      case 'documents':
        for (const document of message.changed) this.list(document)
        for (const id of message.gone) this.forget(id)
        break
      case 'texts':
        for (const text of message.texts) this.receive(text)
        this.untaken.push(null)
        if (message.last) this.isWhole = true
        break
      case 'search':
        this.begin(message.search, message.query)
        break
      case 'end':
        this.searches.delete(message.search)
        return
      case 'facts':
        this.jobs.push(this.facts(message.request, message.text))
        break
      case 'headings':
        this.jobs.push(this.headings(message.request, message.text))
        break
      case 'links':
        this.jobs.push(this.links(message.request, message.key, message.texts))
        break
      default:
        assertNever(message)
    }
    this.workSoon()
  }

  private receive(text: SealedText): void {
    const id = hex(text.id)
    // An older text of the same document must not be opened after this one.
    this.large.delete(id)
    if (text.whole.length > largeText) this.large.set(id, text)
    else this.untaken.push(text)
  }

  private list({ id, title, editedAt }: ListedDocument): void {
    const known = this.documents.get(id)
    const folded = known?.title.original === title ? known.title : new FoldedText(title)
    this.put(new SearchedDocument({ id, title: folded, editedAt, text: known?.text ?? null }))
  }

  private put(document: SearchedDocument): void {
    this.documents.set(document.id, document)
    for (const search of this.searches.values()) search.add(document)
  }

  private forget(id: string): void {
    this.size -= this.documents.get(id)?.text?.original.length ?? 0
    this.documents.delete(id)
    this.leftOut.delete(id)
    for (const search of this.searches.values()) search.drop(id)
  }

  private begin(search: number, query: SearchQuery): void {
    const parsed = parseQuery(query)
    const { answer, uptime } = this.options
    const run = new RunningSearch({
      search,
      query: parsed ?? { kind: query.kind, finders: [], whole: '' },
      documents: parsed && parsed.finders.length > 0 ? [...this.documents.values()] : [],
      uptime,
      watched: (work) => this.watched(search, work),
      onState: (state) => answer({ type: 'hits', ...state }),
    })
    if (parsed && parsed.finders.length > 0) this.searches.set(search, run)
    else run.end({ searched: 0, documents: this.documents.size, failure: parsed ? null : 'invalid' })
  }

  private watched<T>(search: number, work: () => T): T {
    const beat = this.memory?.beat
    if (!beat) return work()
    Atomics.store(beat, 1, search)
    Atomics.add(beat, 0, 1)
    try {
      return work()
    } finally {
      Atomics.add(beat, 0, 1)
    }
  }

  private workSoon(): void {
    if (this.isDue) return
    this.isDue = true
    this.options.later(() => {
      this.isDue = false
      this.work()
    })
  }

  private work(): void {
    const { uptime } = this.options
    const until = uptime() + slice
    for (;;) {
      const isBusy = this.search(until) || this.open() || this.runJob()
      if (!isBusy) return
      if (uptime() < until) continue
      this.workSoon()
      return
    }
  }

  /** Goes on with the searches. Returns false if none has anything to do. */
  private search(until: number): boolean {
    let isBusy = false
    const isOver = this.isWhole && this.untaken.length === 0 && this.large.size === 0
    for (const [id, search] of this.searches) {
      const isInTime = search.work(until)
      const documents = this.documents.size
      if (search.isBusy && isInTime) isBusy = true
      else if (isOver || !isInTime) {
        this.searches.delete(id)
        const searched = isInTime ? documents - this.leftOut.size : null
        search.end({ searched, documents, failure: isInTime ? null : 'slow' })
        continue
      }
      search.report(documents)
    }
    return isBusy
  }

  /** Opens the next text that came. Returns false if all are open. */
  private open(): boolean {
    const text = this.untaken.length > 0 ? this.untaken.shift() : this.takeLarge()
    if (text === undefined) return false
    if (text === null) this.options.answer({ type: 'taken' })
    else this.hold(text)
    return true
  }

  private takeLarge(): SealedText | undefined {
    const [first] = this.large
    if (!first) return undefined
    this.large.delete(first[0])
    return first[1]
  }

  private hold(sealed: SealedText): void {
    const id = hex(sealed.id)
    const document = this.documents.get(id)
    if (!document) return
    this.size -= document.text?.original.length ?? 0
    const text = this.opened(sealed)?.slice(0, maxText) ?? null
    const hasRoom = this.size + (text?.length ?? 0) <= maxTexts
    if (hasRoom) this.leftOut.delete(id)
    else this.leftOut.add(id)
    const held = text !== null && hasRoom ? new FoldedText(text) : null
    this.size += held?.original.length ?? 0
    this.put(new SearchedDocument({ ...document, text: held }))
  }

  private opened(text: SealedText): string | null {
    return this.memory && openCachedText(this.memory.key, text)
  }

  /** Goes on with the oldest job. Returns false without one. */
  private runJob(): boolean {
    const [job] = this.jobs
    if (job?.next().done) this.jobs.shift()
    return job !== undefined
  }

  private *facts(request: number, sealed: SealedText): Generator<void, void> {
    const text = this.opened(sealed)
    const facts = text === null ? null : yield* readFacts(text)
    this.options.answer({ type: 'facts', request, facts })
  }

  private *headings(request: number, sealed: SealedText): Generator<void, void> {
    const text = this.opened(sealed)
    const headings = text === null ? [] : yield* readHeadings(text)
    this.options.answer({ type: 'headings', request, headings })
  }

  private *links(request: number, key: string, texts: readonly SealedText[]): Generator<void, void> {
    const links: FoundLink[] = []
    for (const sealed of texts) {
      const text = this.opened(sealed)
      const link = text === null ? null : yield* findLink(hex(sealed.id), text, key)
      if (link) links.push(link)
      yield
    }
    this.options.answer({ type: 'links', request, links })
  }
}
