import * as v from 'valibot'
import type { DocumentId } from './ids'
import { call, documentId, event } from './shapes'

/** Longest query, in UTF-16 code units. */
export const maxQuery = 500
/** Most hits that a search gives. */
export const maxHits = 200
/** The number of hits in one document is counted up to this. */
export const maxCount = 1_000

/** Most tags of a text. */
export const maxTags = 100

/** The shape of a query. */
export const queryShape = v.object({
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(maxQuery)),
  /** 'words': every word and every "phrase" has to occur; 'regexp': a regular expression of JavaScript. */
  kind: v.picklist(['words', 'regexp']),
})

/** A query for documents. */
export type SearchQuery = v.InferOutput<typeof queryShape>

/** A range of a text, in UTF-16 code units. */
export interface TextRange {
  from: number
  to: number
}

/** A document that a search found. */
export interface SearchHit {
  id: DocumentId
  title: string
  /** 'title': all that was looked for is in the title; 'heading': in one heading; 'text': anywhere. */
  where: 'title' | 'heading' | 'text'
  /**
   * The line of the best hit in the text, cut to about 120 code units around it, without marks of Markdown at its
   * beginning; the title where the hit is in that alone.
   */
  line: string
  /** The hits in `line`, in order, in UTF-16 code units. */
  marks: readonly (readonly [from: number, to: number])[]
  /** The best hit in the text; null for a hit in the title alone. */
  at: TextRange | null
  /** Number of hits in title and text; 1,000 stands for at least so many. */
  count: number
}

/** State of a search, which replaces the states before. */
export interface SearchState {
  search: number
  /** The best hits so far, best first; at most 200. */
  hits: SearchHit[]
  /** True for the last state of a search. */
  done: boolean
  /** Number of documents that were looked through, and that there are. */
  searched: number
  documents: number
  /** The regular expression is invalid, or takes too long; 'stopped': the search broke off; null for none of these. */
  failure: 'invalid' | 'slow' | 'stopped' | null
}

/** A place in another document that links to a document by its title. */
export interface Backlink {
  id: DocumentId
  title: string
  /** The line of the first link, cut to about 120 code units around it. */
  line: string
  /** The first link in the text. */
  at: TextRange
}

/** Calls about searching in all documents. */
export const searchCalls = {
  /** Begins a search in this window, and ends the one before it. */
  search: call(queryShape).returns<{ search: number }>(),
  /** Ends the search of this window. */
  endSearch: call().returns<null>(),
  /** Documents whose text links to a document by its title, last edited first. */
  backlinks: call(documentId).returns<Backlink[]>(),
  /** Reads the tags of what was typed; an event has documents whose tags changed. */
  readTags: call().returns<null>(),
  /** The words of a document's headings, each once, at most 1,000. */
  headings: call(documentId).returns<readonly string[]>(),
}

/** Events about searching in all documents. */
export const searchEvents = {
  searchHits: event<SearchState>(),
}
