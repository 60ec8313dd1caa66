import confusables from './confusables.json'

/** Name shown for this person on another computer of theirs. */
export const ownDeviceWords = 'You, on another computer'
/** Name shown for a person without a name. */
const namelessWords = 'Someone without a name'

/** Confusable characters and their prototypes, from Unicode's table. Built on first use. */
let prototypes: ReadonlyMap<string, string> | null = null

function readTable(): ReadonlyMap<string, string> {
  const table = new Map<string, string>()
  for (const line of confusables.prototypes.split('\n')) {
    const [characters = '', ...prototype] = line.split('\t')
    for (const character of characters) table.set(character, prototype.join('\t'))
  }
  return table
}

/** Cache of skeletons: a window compares the same names at each move of a caret. */
const known = new Map<string, string>()
const maxKnown = 2_000

/** Times that a skeleton is looked at again, for what its own letters look like. */
const maxTurns = 4

/**
 * Returns the skeleton of a name: names with the same one can be taken for each other. It is that of UTS 39,
 * section 4, in its compatibility form (NFKC) and in lower case, repeated until it is stable. Blanks at the
 * ends do not count, and several count as one. For comparison, not for display.
 */
export function nameSkeleton(name: string): string {
  const before = known.get(name)
  if (before !== undefined) return before
  if (known.size >= maxKnown) known.clear()
  const look = skeletonOf(name)
  known.set(name, look)
  return look
}

function skeletonOf(name: string): string {
  let look = name
  for (let turn = 0; turn < maxTurns; turn++) {
    const next = skeleton(look).normalize('NFKC').toLowerCase()
    if (next === look) break
    look = next
  }
  return look.replace(/[\s\p{Z}\u2800]+/gu, ' ').trim()
}

function skeleton(text: string): string {
  prototypes ??= readTable()
  let look = ''
  for (const character of text.normalize('NFD'))
    if (!/\p{Default_Ignorable_Code_Point}/u.test(character)) look += prototypes.get(character) ?? character
  return look.normalize('NFD')
}

/** First words by which the program names this person's computers, and keepers. */
const firstWords = ['you', 'your', 'yours', 'keeper', 'swarmpad']
/** Other names by which the program calls somebody. */
const phrases = [namelessWords, 'A keeper', 'Somebody', 'Someone', 'Someone else', 'Nobody']
/** How what it says of several computers ends. */
const ending = 'other computers of yours'

function lettersOf(name: string): string[] {
  return nameSkeleton(name)
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter(Boolean)
}

/** Returns true for a name that looks like one that the program gives this person or a keeper. */
export function isProgramName(name: string): boolean {
  const [first, ...more] = lettersOf(name)
  if (first === undefined) return false
  const letters = [first, ...more].join('')
  return (
    firstWords.some((word) => nameSkeleton(word) === first) ||
    phrases.some((phrase) => lettersOf(phrase).join('') === letters) ||
    letters.endsWith(lettersOf(ending).join(''))
  )
}

/** Returns the displayed name of somebody else: in quotation marks if it looks like the program's own. */
export function nameWords(name: string): string {
  if (name === '') return namelessWords
  return isProgramName(name) ? `“${name}”` : name
}
