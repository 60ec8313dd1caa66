import { FoldedText, fold } from '../../../preload/text/fold'

/** A stretch of a text, in UTF-16 code units. */
export type Mark = readonly [from: number, to: number]

/** A title as it is compared; it is prepared once, since every key compares all of them. */
interface Prepared {
  readonly folded: string
  /** Its words, each after a blank, so that ' the' finds one that begins with it. */
  readonly words: string
  readonly initials: string
}

const prepared = new WeakMap<object, Prepared>()

function prepare(item: object, title: string): Prepared {
  const known = prepared.get(item)
  if (known) return known
  const folded = fold(title)
  const words = folded.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  const made = {
    folded,
    words: words.map((word) => ` ${word}`).join(''),
    initials: words.map((word) => String.fromCodePoint(word.codePointAt(0) ?? 0)).join(''),
  }
  prepared.set(item, made)
  return made
}

/** How well a title answers, best first; further ones follow in the order of the items. */
const ranks = ['same', 'beginning', 'words', 'parts', 'initials'] as const

/**
 * Returns the items whose title has every word of a query, or whose words begin with its letters, best first, at most
 * `most`. Items of the same rank keep their order. An item must keep its title for as long as it lives.
 */
export function rank<Item extends object>(
  items: readonly Item[],
  titleOf: (item: Item) => string,
  query: string,
  most: number,
): Item[] {
  const whole = fold(query).trim().replace(/\s+/g, ' ')
  if (whole === '') return items.slice(0, most)
  const words = whole.split(' ')
  const found = new Map<(typeof ranks)[number], Item[]>(ranks.map((name) => [name, []]))
  for (const item of items) {
    const rank = rankOf(prepare(item, titleOf(item)), whole, words)
    const list = rank && found.get(rank)
    if (list && list.length < most) list.push(item)
  }
  return [...found.values()].flat().slice(0, most)
}

function rankOf(title: Prepared, whole: string, words: readonly string[]): (typeof ranks)[number] | null {
  if (title.folded === whole) return 'same'
  if (title.folded.startsWith(whole)) return 'beginning'
  if (words.every((word) => title.words.includes(` ${word}`))) return 'words'
  if (words.every((word) => title.folded.includes(word))) return 'parts'
  return whole.length > 1 && words.length === 1 && title.initials.startsWith(whole) ? 'initials' : null
}

/** Returns the stretches of a title that the words of a query were found in, in order and apart from each other. */
export function marksIn(title: string, query: string): Mark[] {
  const folded = new FoldedText(title)
  const marks = [...new Set(fold(query).split(/\s+/).filter(Boolean))].flatMap((word): Mark[] => {
    const at = placeOf(folded.folded, word)
    if (at < 0) return []
    const { from, to } = folded.range(at, at + word.length)
    return [[from, to]]
  })
  marks.sort(([a], [b]) => a - b)
  let end = 0
  return marks.filter(([from, to]) => {
    if (from < end) return false
    end = to
    return true
  })
}

/** The first place where a word of the text begins with `word`, else the first where it stands; -1 for none. */
function placeOf(text: string, word: string): number {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '')) return at
  return text.indexOf(word)
}
