import {
  type SearchState as Found,
  maxQuery,
  type SearchHit,
  type SearchQuery,
} from '../../../preload/contract/search'
import type { Api } from '../../api'

/**
 * Returns the query that a person typed: words and "phrases", or a regular expression between slashes; null for nothing
 * to look for.
 */
export function queryOf(typed: string): SearchQuery | null {
  const text = typed.trim().slice(0, maxQuery)
  const expression = /^\/(.+)\/$/.exec(text)?.[1]
  if (expression !== undefined) return { text: expression, kind: 'regexp' }
  return text.replaceAll('"', '').trim() === '' ? null : { text, kind: 'words' }
}

/** A search in the texts of all documents, for one field of the window. A window has one search at a time. */
export class SearchState {
  /** The text that the person typed. */
  query = $state('')
  /** The best hits so far, best first. Until the first answer they are those of the query before. */
  hits = $state.raw<readonly SearchHit[]>([])
  /** The hits are those of the query. */
  isCurrent = $state(true)
  /** All documents were looked through. */
  done = $state(true)
  /** The expression is invalid or takes too long; null for neither. */
  failure = $state<Found['failure']>(null)

  private readonly api: Api
  /** Number of the search; null before the main process has named it. */
  private number: number | null = null
  private begun = 0
  /** The newest state of a search whose number is not known yet. */
  private early: Found | null = null
  private stop: (() => void) | null = null

  constructor(api: Api) {
    this.api = api
  }

  /** Begins a search, and ends the one before. */
  begin(query: SearchQuery): void {
    const begun = ++this.begun
    this.stop ??= this.api.on('searchHits', (found) => this.take(found))
    this.number = null
    this.early = null
    this.isCurrent = false
    this.done = false
    this.failure = null
    void this.api.call('search', query).then((outcome) => {
      if (begun !== this.begun) return
      if (!outcome.ok) {
        this.clear()
        return
      }
      this.number = outcome.value.search
      if (this.early) this.take(this.early)
    })
  }

  /** Ends the search and forgets its hits. */
  end(): void {
    if (this.stop === null) return
    this.begun++
    this.stop()
    this.stop = null
    this.number = null
    this.early = null
    this.clear()
    void this.api.call('endSearch')
  }

  private take(found: Found): void {
    if (this.number === null) this.early = found
    if (found.search !== this.number) return
    this.hits = found.hits
    this.done = found.done
    this.failure = found.failure
    this.isCurrent = true
  }

  private clear(): void {
    this.hits = []
    this.done = true
    this.failure = null
    this.isCurrent = true
  }
}
