import { maxHits, type SearchHit, type SearchState } from '../../preload/contract/search'
import { compareMatches, hitOf, type Match, match, type SearchedDocument } from './match'
import type { ParsedQuery } from './query'

/** Longest that all work for an expression may take, in ms. */
const maxTime = 2_000
/** Pause between two states of a search, in ms. */
const pause = 80

/** Dependencies of a running search. */
export interface RunningSearchOptions {
  readonly search: number
  readonly query: ParsedQuery
  /** The documents to look through at first, the ones that matter most before others. */
  readonly documents: readonly SearchedDocument[]
  /** Milliseconds since some moment, never set back. */
  readonly uptime: () => number
  /** Runs work with an expression, which the other thread watches. */
  readonly watched: <T>(work: () => T) => T
  readonly onState: (state: SearchState) => void
}

/** A search that goes on as long as texts come. Each document is looked through again when its text comes or changes. */
export class RunningSearch {
  private readonly options: RunningSearchOptions
  private queue: SearchedDocument[]
  private next = 0
  private readonly matches = new Map<string, Match>()
  private readonly hits = new WeakMap<Match, SearchHit>()
  private readonly looked = new Set<string>()
  private spent = 0
  private toldAt = Number.NEGATIVE_INFINITY
  private isChanged = false
  /** The expression needs more memory than it may take. */
  private failed = false

  constructor(options: RunningSearchOptions) {
    this.options = options
    this.queue = [...options.documents]
  }

  /** Documents wait to be looked through. */
  get isBusy(): boolean {
    return this.next < this.queue.length
  }

  /** Looks a document through, again if it was before. */
  add(document: SearchedDocument): void {
    this.queue.push(document)
  }

  /** Removes a document from what was found. */
  drop(id: string): void {
    this.queue = this.queue.slice(this.next).filter((document) => document.id !== id)
    this.next = 0
    this.looked.delete(id)
    if (this.matches.delete(id)) this.isChanged = true
  }

  /** Looks through documents until `until` (`uptime`). Returns false if the expression has taken too much time or memory. */
  work(until: number): boolean {
    const { query, uptime } = this.options
    const began = uptime()
    while (this.isBusy && uptime() < until && !this.failed) {
      const document = this.queue[this.next++]
      if (!document) break
      const found = this.look(() => match(document, query))
      if (this.failed) break
      if (found) this.matches.set(document.id, found)
      if (found || this.matches.delete(document.id)) this.isChanged = true
      if (document.text) this.looked.add(document.id)
    }
    if (this.next === this.queue.length) this.queue = []
    if (this.queue.length === 0) this.next = 0
    this.spent += uptime() - began
    return query.kind === 'words' || (this.spent < maxTime && !this.failed)
  }

  /** Reports what was found, if that has changed and the last report was a while ago. */
  report(documents: number): void {
    const { uptime } = this.options
    if (!this.isChanged || uptime() < this.toldAt + pause) return
    this.tell({ searched: this.looked.size, documents, done: false, failure: null })
    this.toldAt = uptime()
  }

  /** Reports the last state. `searched`: how many of all documents were looked through; null for what is known here. */
  end(outcome: { searched: number | null; documents: number; failure: SearchState['failure'] }): void {
    this.tell({ ...outcome, searched: outcome.searched ?? this.looked.size, done: true })
  }

  private tell(state: Omit<SearchState, 'search' | 'hits'>): void {
    this.isChanged = false
    const hits = this.best()
    const failure = this.failed ? 'slow' : state.failure
    this.options.onState({ ...state, failure, search: this.options.search, hits })
  }

  private best(): SearchHit[] {
    const { query } = this.options
    const best = [...this.matches.values()].sort(compareMatches).slice(0, maxHits)
    return best.flatMap((found) => {
      const hit = this.hits.get(found) ?? this.look(() => hitOf(found, query))
      if (hit) this.hits.set(found, hit)
      return hit ?? []
    })
  }

  /** Runs work with the query. Returns null if an expression needs too much memory for it. */
  private look<T>(work: () => T): T | null {
    const { query, watched } = this.options
    if (query.kind === 'words') return work()
    try {
      return watched(work)
    } catch (error) {
      // V8 throws one where the places to go back to do not fit into the memory for them.
      if (!(error instanceof RangeError)) throw error
      this.failed = true
      return null
    }
  }
}
