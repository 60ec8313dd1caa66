import { taskBox } from '../../../../preload/text/markdown/grammar/tasks'

/** Where a text stands in Markdown. */
export interface TextPlace {
  /** The character before it; '' or a line break at the start of a line. */
  readonly before: string
  /** The character after it; '' at the end. */
  readonly after: string
  readonly inTable: boolean
  /** It is the text of a link. */
  readonly inLink: boolean
}

const isSpace = (character: string): boolean => character === '' || /\s/u.test(character)
const isWord = (character: string): boolean => /[\p{L}\p{N}]/u.test(character)

/** Beginnings of a line that start a block; the group is put before a backslash. */
const blockStarts = [
  /^()#{1,6}(?:\s|$)/,
  /^()>/,
  /^()[-+*](?:\s|$)/,
  /^()[-=]+\s*$/,
  /^()(?:[-*_]\s*){3,}$/,
  /^(\d{1,9})[.)](?:\s|$)/,
  new RegExp(`^()${taskBox}(?:\\s|$)`),
  /^()\[[^\]]+\]:/,
  /^()~{3}/,
] as const

/**
 * Returns text that Markdown shows as it is. Escapes only what would be read otherwise, in CommonMark, GitHub's
 * additions and Swarmpad's: `a_b`, `5 * 3` and `#tag` stay.
 */
export function escapeText(value: string, place: TextPlace): string {
  const start = isLineStart(place.before) ? startOf(value) : -1
  const addresses = addressesIn(value)
  let result = ''
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at)
    const needed = at === start || isRead(value, at, place, addresses)
    result += needed ? `\\${character}` : character
  }
  return result
}

const isLineStart = (before: string): boolean => before === '' || before === '\n'

function startOf(value: string): number {
  for (const pattern of blockStarts) {
    const match = pattern.exec(value)
    if (match) return match[1]?.length ?? 0
  }
  return -1
}

/** The places of bare addresses, within which a backslash would be a part of the address. */
function addressesIn(value: string): [from: number, to: number][] {
  return [...value.matchAll(/(?:https?:\/\/|www\.)[^\s<]+/g)].map(({ index, 0: { length } }) => [
    index,
    index + length,
  ])
}

/** True if Markdown would read the character at a place as something else. */
function isRead(
  value: string,
  at: number,
  place: TextPlace,
  addresses: readonly [number, number][],
): boolean {
  const character = value.charAt(at)
  if (/[\p{L}\p{N}\s]/u.test(character)) return false
  if (character === '|') return place.inTable
  const isAddress = addresses.some(([from, to]) => at >= from && at < to)
  if (isAddress && !place.inLink) return false
  const rest = value.slice(at, at + 200)
  const before = at === 0 ? place.before : value.charAt(at - 1)
  const after = at + 1 === value.length ? place.after : value.charAt(at + 1)
  switch (character) {
    case '\\':
      return after === '' || /[!-/:-@[-`{-~\n]/.test(after)
    case '`':
      return true
    case '*':
      return !(isSpace(before) && isSpace(after))
    case '~':
      return /~[^\s~](?:.*[^\s~])?~/s.test(value)
    case '_':
      return !(isSpace(before) && isSpace(after)) && !(isWord(before) && isWord(after))
    case '^':
      return /^\^(?:\\.|\S)+\^/.test(rest)
    case '=':
      return before !== '=' && /^==[^\s=]/.test(rest)
    case '$':
      return before === '$' || /^\$(?:\$|\S(?:.*\S)?\$(?!\d))/s.test(rest)
    case '<':
      return /[a-z/!?]/i.test(after)
    case '&':
      return /^&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{0,31});/i.test(rest)
    case '!':
      return at + 1 === value.length && place.after === '['
    case ']':
      return place.inLink
    case '[':
      return (
        place.inLink ||
        after === '^' ||
        /^\[\[[^\]\n]+\]\]/.test(rest) ||
        /^\[[^\]]*\][([]/.test(rest) ||
        (/^\[[^\]]*\]$/.test(rest) && place.after === '[')
      )
    default:
      return false
  }
}
