import type { SearchQuery } from '../../preload/contract/search'
import { fold } from '../../preload/text/fold'

/** A range of a text, in UTF-16 code units. */
export type Range = readonly [from: number, to: number]

/** Something that a query looks for. */
export interface Finder {
  isIn(text: string): boolean
  /** Returns how often it is in a text, up to `limit`. */
  count(text: string, limit: number): number
  /** Returns the places where it is in a text, in order, at most `limit`. */
  ranges(text: string, limit: number): Range[]
}

/** A query that was read. All of its finders have to find something. */
export interface ParsedQuery {
  readonly kind: SearchQuery['kind']
  readonly finders: readonly Finder[]
  /** The words in a row, folded; '' for an expression. */
  readonly whole: string
}

/**
 * Reads a query. Words are folded, and look through folded texts; an expression looks through texts as they are,
 * without regard to case. Returns null for an invalid expression.
 */
export function parseQuery({ kind, text }: SearchQuery): ParsedQuery | null {
  if (kind === 'regexp') {
    const pattern = patternOf(text)
    return pattern && { kind, finders: [patternFinder(pattern, plainPattern(pattern))], whole: '' }
  }
  const terms = [...text.replace(/[“”„]/g, '"').matchAll(/"([^"]*)"?|\S+/g)]
    .map(([word, phrase]) =>
      fold(phrase ?? word)
        .trim()
        .split(/\s+/),
    )
    .filter(([first]) => first)
  const finders = terms.map((words) =>
    words.length === 1 ? wordFinder(words.join('')) : patternFinder(phrasePattern(words)),
  )
  return { kind, finders, whole: terms.flat().join(' ') }
}

function patternOf(text: string): RegExp | null {
  // Older expressions have escapes that the stricter syntax refuses.
  for (const flags of ['gimu', 'gim'])
    try {
      return new RegExp(text, flags)
    } catch {}
  return null
}

/**
 * Returns an expression without the flag u that finds the same in plain texts; null where it might not, or is not
 * quicker. With the flags i and u, V8 takes ten times as long for `\b` and `\B`. The flag u changes the meaning of
 * `\p` and `\u`, and which letters beyond ASCII are the same: with flags i and u, U+017F matches s and U+212A matches k.
 */
function plainPattern({ source, flags }: RegExp): RegExp | null {
  const isSlow = flags.includes('u') && /\\[bB]/.test(source)
  const isAlike = /^[\0-\x7f]*$/.test(source) && !/\\[pPuxk1-9]/.test(source)
  return isSlow && isAlike ? new RegExp(source, flags.replace('u', '')) : null
}

/** True for a text without surrogates and the two letters. */
const isPlain = (text: string): boolean => !/[\u017f\u212a\ud800-\udfff]/.test(text)

/** Matches words in a row, with any blanks and line breaks between them. */
const phrasePattern = (words: readonly string[]): RegExp =>
  new RegExp(words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('\\s+'), 'g')

function wordFinder(word: string): Finder {
  return {
    isIn: (text) => text.includes(word),
    count: (text, limit) => {
      let count = 0
      for (let at = text.indexOf(word); at >= 0 && count < limit; at = text.indexOf(word, at + word.length))
        count++
      return count
    },
    ranges: (text, limit) => {
      const found: Range[] = []
      for (
        let at = text.indexOf(word);
        at >= 0 && found.length < limit;
        at = text.indexOf(word, at + word.length)
      )
        found.push([at, at + word.length])
      return found
    },
  }
}

/** Returns the number of UTF-16 code units of the character at an offset. */
const sizeAt = (text: string, offset: number): 1 | 2 => ((text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1)

/** Finds what an expression matches; in plain texts by the other one, if there is one. */
function patternFinder(all: RegExp, plain: RegExp | null = null): Finder {
  const ranges = (text: string, limit: number): Range[] => {
    const pattern = plain && isPlain(text) ? plain : all
    const found: Range[] = []
    pattern.lastIndex = 0
    while (found.length < limit) {
      const match = pattern.exec(text)
      if (!match) break
      const [words] = match
      // With the flag u an expression never matches from within a character: it would step back to its beginning.
      if (words === '') pattern.lastIndex = match.index + sizeAt(text, match.index)
      else found.push([match.index, match.index + words.length])
      if (pattern.lastIndex > text.length) break
    }
    return found
  }
  return {
    isIn: (text) => ranges(text, 1).length > 0,
    count: (text, limit) => ranges(text, limit).length,
    ranges,
  }
}
