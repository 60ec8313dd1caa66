import type { SearchQuery, SearchState } from '../../preload/contract/search'
import { Debounce } from '../base/debounce'
import type { Clock } from '../base/environment'
import { hex } from '../base/hex'
import type { SealedText } from '../library/cached-text'
import type { TextRecords } from '../library/text-records'
import { RunningThread } from './running-thread'
import type { FoundLink, FromSearch, ListedDocument, TextFacts, ToSearch } from './search-protocol'
import type { StartSearch } from './search-thread'

/** The thread ends when nothing was looked for in so many ms: it holds all texts. */
const restTime = 5 * 60_000
/** An expression that looks through one text for so long is stopped, in ms. */
const watchTime = 250
/** Most documents in one message, and bytes of texts after which a message is sent. */
const listSize = 500
const batchSize = 64
const batchBytes = 128 * 1024
/** Of so many documents that were edited last, the texts are sent before all others. */
const latestSize = 200

/** Dependencies of `DocumentSearch`. */
export interface DocumentSearchOptions {
  readonly clock: Clock
  readonly startSearch: StartSearch
  /** The documents that are searched now. */
  readonly documents: () => readonly ListedDocument[]
  readonly texts: () => TextRecords
  /** Stores what was typed and is not stored yet. */
  readonly storeTyped: () => Promise<unknown>
}

interface Asked {
  readonly query: SearchQuery
  readonly onState: (state: SearchState) => void
  state: SearchState
}

type Answer = Exclude<FromSearch, { type: 'taken' | 'hits' }>

interface Request {
  readonly message: Extract<ToSearch, { request: number }>
  readonly resolve: (answer: Answer | null) => void
}

/**
 * Searches in the texts of all documents, by a thread that holds them while it is used. Invariants:
 *
 * 1. At most one thread runs; its key is wiped when it ends.
 * 2. Texts stored while the thread loads are sent after all others, so that no old one replaces them.
 * 3. A search ends once: with the last state of the thread, by its caller, or when an expression was stopped.
 */
export class DocumentSearch {
  private readonly options: DocumentSearchOptions
  private running: RunningThread | null = null
  private readonly searches = new Map<number, Asked>()
  private readonly requests = new Map<number, Request>()
  private last = 0
  private readonly rest: Debounce
  private readonly watch: Debounce
  /** The beat at the last look. */
  private beat = 0
  private closed = false

  /** Starts nothing by itself. */
  constructor(options: DocumentSearchOptions) {
    this.options = options
    this.rest = new Debounce(options.clock, () => this.endThread())
    this.watch = new Debounce(options.clock, () => this.lookAtBeat())
  }

  /** Begins a search, which gives its states to `onState`; returns a function that ends it, with no further state. */
  search(query: SearchQuery, onState: (state: SearchState) => void): { search: number; end: () => void } {
    const search = ++this.last
    const state = { search, hits: [], done: false, searched: 0, documents: 0, failure: null }
    this.searches.set(search, { query, onState, state })
    void this.begin(search)
    return { search, end: () => this.end(search) }
  }

  /** Resolves to what is in the stored text of a document (id in hex); null if it has none that can be read. */
  async facts(id: string): Promise<TextFacts | null> {
    const text = await this.options.texts().sealed(id)
    if (!text) return null
    const answer = await this.ask((request) => ({ type: 'facts', request, text }))
    return answer?.type === 'facts' ? answer.facts : null
  }

  /** Resolves to the words of the headings in the stored text of a document (id in hex). */
  async headings(id: string): Promise<readonly string[]> {
    const text = await this.options.texts().sealed(id)
    if (!text) return []
    const answer = await this.ask((request) => ({ type: 'headings', request, text }))
    return answer?.type === 'headings' ? answer.headings : []
  }

  /** Resolves to the first link of each document (ids in hex) to a title with this key. */
  async links(key: string, ids: readonly string[]): Promise<readonly FoundLink[]> {
    const texts: SealedText[] = []
    for (const id of ids) {
      const text = await this.options.texts().sealed(id)
      if (text) texts.push(text)
    }
    if (texts.length === 0) return []
    const answer = await this.ask((request) => ({ type: 'links', request, key, texts }))
    return answer?.type === 'links' ? answer.links : []
  }

  /** Handles that another text of a document was stored. */
  stored(id: string): void {
    this.running?.changed.add(id)
  }

  /** Ends the thread and all that was asked of it. Idempotent. */
  close(): void {
    this.closed = true
    this.searches.clear()
    this.endThread()
  }

  private async begin(search: number): Promise<void> {
    // A refused write is reported by those who store it.
    await this.options.storeTyped().catch(() => undefined)
    const asked = this.searches.get(search)
    if (!asked || this.closed) return
    this.rest.cancel()
    const running = this.thread()
    const post = () => {
      if (this.searches.has(search)) running.post({ type: 'search', search, query: asked.query })
      if (asked.query.kind === 'regexp') this.watch.signal(watchTime)
    }
    if (running.isLoaded) {
      await running.updating.run(() => this.update(running))
      post()
    } else {
      post()
      if (!running.isLoading) void this.load(running)
    }
  }

  private end(search: number): void {
    if (this.searches.delete(search)) this.running?.post({ type: 'end', search })
  }

  private ask(numbered: (request: number) => Request['message']): Promise<Answer | null> {
    if (this.closed) return Promise.resolve(null)
    const request = ++this.last
    const message = numbered(request)
    return new Promise((resolve) => {
      this.requests.set(request, { message, resolve })
      this.thread().post(message)
    })
  }

  /** Returns the thread, which is started if none runs. */
  private thread(): RunningThread {
    this.rest.signal(restTime)
    this.running ??= this.start()
    return this.running
  }

  private start(): RunningThread {
    const running: RunningThread = new RunningThread(this.options.texts().key, this.options.startSearch, {
      onMessage: (message) => this.running === running && this.receive(message),
      onEnd: () => this.running === running && this.crashed(),
    })
    return running
  }

  private receive(message: Exclude<FromSearch, { type: 'taken' }>): void {
    if (message.type === 'hits') {
      const { type: _, ...state } = message
      this.tell(state)
      return
    }
    this.requests.get(message.request)?.resolve(message)
    this.requests.delete(message.request)
  }

  private tell(state: SearchState): void {
    const asked = this.searches.get(state.search)
    if (!asked) return
    asked.state = state
    if (state.done) this.searches.delete(state.search)
    asked.onState(state)
  }

  /** Sends the list and all texts to a thread. Never rejects. */
  private async load(running: RunningThread): Promise<void> {
    running.isLoading = true
    const documents = await this.sendList(running)
    const latest = new Set(latestOf(documents))
    await this.sendTexts(running, this.textsOf([...latest]))
    try {
      await this.sendTexts(running, allBut(latest, this.options.texts().allSealed()))
    } catch {
      // Texts that the disk does not give are not found. The scrub reports damage.
    }
    if (running !== this.running) return
    running.isLoading = false
    running.isLoaded = true
    await running.updating.run(() => this.update(running))
  }

  /** Sends what changed since the thread was loaded. Never rejects. */
  private async update(running: RunningThread): Promise<void> {
    await this.sendList(running)
    const ids = [...running.changed]
    running.changed.clear()
    await this.sendTexts(running, this.textsOf(ids))
    running.post({ type: 'texts', texts: [], last: true })
  }

  private async *textsOf(ids: readonly string[]): AsyncGenerator<SealedText, void> {
    for (const id of ids) {
      const text = await this.options
        .texts()
        .sealed(id)
        .catch(() => null)
      if (text) yield text
    }
  }

  /** Sends what changed in the list, which it resolves to. */
  private async sendList(running: RunningThread): Promise<readonly ListedDocument[]> {
    const documents = this.options.documents()
    const { changed, gone } = running.listChanges(documents)
    if (gone.length > 0) running.post({ type: 'documents', changed: [], gone })
    // Of those that match alike, the latest are shown first.
    changed.sort((a, b) => (b.editedAt ?? 0) - (a.editedAt ?? 0))
    for (let from = 0; from < changed.length; from += listSize) {
      running.post({ type: 'documents', changed: changed.slice(from, from + listSize), gone: [] })
      await nextTurn()
    }
    return documents
  }

  /** Sends texts of listed documents in messages that the thread can take, as long as it runs. */
  private async sendTexts(running: RunningThread, texts: AsyncIterable<SealedText>): Promise<void> {
    let batch: SealedText[] = []
    let size = 0
    for await (const text of texts) {
      if (!running.isListed(hex(text.id))) continue
      batch.push(text)
      size += text.edits.reduce((sum, edit) => sum + edit.length, text.whole.length)
      if (batch.length < batchSize && size < batchBytes) continue
      await running.postTexts(batch)
      if (running !== this.running) return
      await nextTurn()
      batch = []
      size = 0
    }
    if (batch.length > 0) await running.postTexts(batch)
  }

  /** Stops an expression that has looked through one text since the last look. */
  private lookAtBeat(): void {
    const { running } = this
    if (!running || ![...this.searches.values()].some(({ query }) => query.kind === 'regexp')) return
    const [beat, search] = [Atomics.load(running.beat, 0), Atomics.load(running.beat, 1)]
    const isStuck = beat % 2 !== 0 && beat === this.beat
    this.beat = beat
    if (!isStuck) {
      this.watch.signal(watchTime)
      return
    }
    const culprit = this.searches.get(search)
    this.stopThread()
    if (culprit) this.tell({ ...culprit.state, done: true, failure: 'slow' })
    // The others begin again.
    for (const other of [...this.searches.keys()]) void this.begin(other)
    for (const { message } of this.requests.values()) this.thread().post(message)
  }

  private crashed(): void {
    this.stopThread()
    for (const { state } of [...this.searches.values()])
      this.tell({ ...state, done: true, failure: 'stopped' })
    this.endRequests()
  }

  private endThread(): void {
    // Asked meanwhile: it takes long on a slow machine.
    if (this.searches.size + this.requests.size > 0 && !this.closed) {
      this.rest.signal(restTime)
      return
    }
    this.stopThread()
    this.endRequests()
  }

  private stopThread(): void {
    this.rest.cancel()
    this.watch.cancel()
    this.running?.stop()
    this.running = null
  }

  private endRequests(): void {
    for (const { resolve } of this.requests.values()) resolve(null)
    this.requests.clear()
  }
}

/** Ids of the documents that were edited last, the very last one first. */
const latestOf = (documents: readonly ListedDocument[]): string[] =>
  [...documents]
    .sort((a, b) => (b.editedAt ?? 0) - (a.editedAt ?? 0))
    .slice(0, latestSize)
    .map(({ id }) => id)

async function* allBut(
  ids: ReadonlySet<string>,
  texts: AsyncIterable<SealedText>,
): AsyncGenerator<SealedText, void> {
  for await (const text of texts) if (!ids.has(hex(text.id))) yield text
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
