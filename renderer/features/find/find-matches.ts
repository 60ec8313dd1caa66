/** A search by a regular expression in a text. */
export interface ExpressionSearch {
  readonly text: string
  /** A regular expression of JavaScript. */
  readonly expression: string
  readonly caseSensitive: boolean
  readonly wholeWord: boolean
  /** The text in place of each match: `$1` is the first group, `$&` the match, `$$` a dollar sign; `\n`, `\t` and `\\`. */
  readonly replacement: string
}

/** The matches of an expression, in order. */
export interface ExpressionMatches {
  /** Where each begins and ends, one pair after the other, in UTF-16 code units. */
  readonly bounds: Uint32Array
  /** The text in place of each, or one for all. */
  readonly inserts: readonly string[]
  /** There are no matches beyond these. */
  readonly isAll: boolean
}

/** Maximum number of matches. */
export const maxMatches = 100_000
/** Maximum length of all that replaces them, in UTF-16 code units. */
const maxInserted = 4 * 1024 * 1024

/**
 * Returns the matches of an expression; 'invalid' if it cannot be read, 'large' if too much text would replace them. Runs as
 * long as the expression does, which may be for ever.
 */
export function findMatches(search: ExpressionSearch): ExpressionMatches | 'invalid' | 'large' {
  const { text, replacement } = search
  const pattern = patternOf(search)
  if (!pattern) return 'invalid'
  const constant = /\$./.test(replacement) ? null : filled(replacement, [])
  const inserts: string[] = constant === null ? [] : [constant]
  const bounds: number[] = []
  let inserted = 0
  for (const match of text.matchAll(pattern)) {
    if (bounds.length === 2 * maxMatches) return { bounds: Uint32Array.from(bounds), inserts, isAll: false }
    const end = match.index + match[0].length
    const insert = constant ?? filled(replacement, match)
    // Without the flag u an expression may find half a character.
    if (isWhole(text, match.index, end) && insert.isWellFormed()) {
      bounds.push(match.index, end)
      if (constant === null) inserts.push(insert)
      inserted += insert.length
      if (inserted > maxInserted) return 'large'
    }
  }
  return { bounds: Uint32Array.from(bounds), inserts, isAll: true }
}

/** True for a stretch of a text that neither begins nor ends between the two halves of a character. */
const isWhole = (text: string, from: number, to: number): boolean =>
  [from, to].every((offset) => (text.codePointAt(offset - 1) ?? 0) <= 0xffff)

function patternOf({ expression, caseSensitive, wholeWord }: ExpressionSearch): RegExp | null {
  const letter = '[\\p{L}\\p{N}_]'
  // Older expressions have escapes that the stricter syntax refuses.
  for (const syntax of ['u', ''])
    try {
      const flags = `gm${syntax}${caseSensitive ? '' : 'i'}`
      const pattern = new RegExp(expression, flags)
      if (!wholeWord) return pattern
      const [before, after] = syntax === 'u' ? [`(?<!${letter})`, `(?!${letter})`] : ['\\b', '\\b']
      return new RegExp(`${before}(?:${expression})${after}`, flags)
    } catch {}
  return null
}

const escaped: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' }

function filled(replacement: string, match: readonly (string | undefined)[]): string {
  return replacement.replace(
    /\\([nt\\])|\$([$&]|\d\d?)/g,
    (written, letter: string | undefined, group: string | undefined) => {
      if (letter !== undefined) return escaped[letter] ?? ''
      if (group === '$') return '$'
      if (group === '&') return match[0] ?? ''
      const number = Number(group)
      if (number === 0) return written
      if (number < match.length) return match[number] ?? ''
      // `$12` is the first group and a 2 where there is no twelfth.
      const [first, rest] = [Number(group?.[0]), group?.slice(1) ?? '']
      return first > 0 && first < match.length ? (match[first] ?? '') + rest : written
    },
  )
}
