import * as v from 'valibot'
import type { SpellingLanguage } from './settings'
import { call, event } from './shapes'

/** Limits of a person's own words: their number, and the length of each in UTF-16 code units. */
export const ownWordLimits = { number: 10_000, length: 64 } as const

/** A word that a person added: no white space, no control characters. */
export const ownWord = v.pipe(v.string(), v.maxLength(ownWordLimits.length), v.regex(/^[^\s\p{C}]+$/u))

/** The present state of the spelling check. */
export interface Spelling {
  /** Languages in which it checks now. */
  readonly languages: readonly SpellingLanguage[]
  /** False if the word lists that came with the program do not work here. */
  readonly works: boolean
}

/** Calls about spelling. Those about words return all words of the person, sorted. */
export const spellingCalls = {
  spelling: call().returns<Spelling>(),
  ownWords: call().returns<readonly string[]>(),
  addOwnWord: call(ownWord).returns<readonly string[]>(),
  removeOwnWord: call(ownWord).returns<readonly string[]>(),
}

/** Events about spelling. */
export const spellingEvents = {
  spelling: event<Spelling>(),
  ownWords: event<readonly string[]>(),
}
