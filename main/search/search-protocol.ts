import type { SearchHit, SearchQuery, SearchState, TextRange } from '../../preload/contract/search'
import type { SealedText } from '../library/cached-text'

/** A document that is searched. */
export interface ListedDocument {
  /** Hex. */
  readonly id: string
  readonly title: string
  /** When its text last changed here, in ms since the Unix epoch; null for never. */
  readonly editedAt: number | null
}

/** Memory that both threads see. */
export interface SharedMemory {
  /** The key of cached texts, 32 bytes. The main thread wipes it when the other one ends, in whatever way. */
  readonly key: Uint8Array
  /**
   * Two elements: a number that is odd while an expression looks through a text, and grows with each; and the number
   * of the search that it belongs to.
   */
  readonly beat: Int32Array
}

/** Facts that were found in a text. */
export interface TextFacts {
  /** Tags, without the number sign, as first written, sorted; at most 100. */
  readonly tags: readonly string[]
  /** Keys of the titles to which it links, each once; at most 1,000. */
  readonly links: readonly string[]
}

/** The first link of a text to some title. */
export interface FoundLink {
  /** Hex id of the document that has it. */
  readonly id: string
  /** The title as it is written there. */
  readonly target: string
  readonly line: string
  readonly at: TextRange
}

/** Messages to the thread that searches. It answers when it has time; the order of answers is not that of messages. */
export type ToSearch =
  /** First of all. */
  | { type: 'open'; memory: SharedMemory }
  /** Documents that are new, or of which title or time changed; and those that are not searched any more (hex). */
  | { type: 'documents'; changed: readonly ListedDocument[]; gone: readonly string[] }
  /** Texts to be held; the thread answers 'taken'. `last`: there are no others. */
  | { type: 'texts'; texts: readonly SealedText[]; last: boolean }
  /** Begins a search; the thread answers 'hits', the last time with `done`. */
  | { type: 'search'; search: number; query: SearchQuery }
  | { type: 'end'; search: number }
  /** Asks what is in a text, which need not be held; the thread answers 'facts'. */
  | { type: 'facts'; request: number; text: SealedText }
  /** Asks for the words of the headings of a text; the thread answers 'headings'. */
  | { type: 'headings'; request: number; text: SealedText }
  /** Asks for the first links in texts to a title with this key; the thread answers 'links'. */
  | { type: 'links'; request: number; key: string; texts: readonly SealedText[] }

/** Messages from that thread. */
export type FromSearch =
  | { type: 'taken' }
  | ({ type: 'hits'; hits: SearchHit[] } & SearchState)
  /** `facts`: null for an unreadable text. */
  | { type: 'facts'; request: number; facts: TextFacts | null }
  /** None for an unreadable text. */
  | { type: 'headings'; request: number; headings: readonly string[] }
  | { type: 'links'; request: number; links: readonly FoundLink[] }
