import type { Person } from '../../../preload/contract/document'
import { countWords } from '../../../preload/messages/format'
import { isProgramName, nameSkeleton, nameWords, ownDeviceWords } from '../../../preload/names'

/** Names that look like the name of someone else with another fingerprint, or are the same. */
export function sharedNames(people: readonly Pick<Person, 'name' | 'fingerprint'>[]): ReadonlySet<string> {
  const alike = new Map<string, { names: Set<string>; fingerprints: Set<string> }>()
  for (const { name, fingerprint } of people) {
    if (name === '') continue
    const look = nameSkeleton(name)
    const known = alike.get(look) ?? { names: new Set(), fingerprints: new Set() }
    alike.set(look, known)
    known.names.add(name)
    known.fingerprints.add(fingerprint)
  }
  const shared = [...alike.values()].filter(({ fingerprints }) => fingerprints.size > 1)
  return new Set(shared.flatMap(({ names }) => [...names]))
}

/** Returns the note beside the name of somebody else, given the result of `sharedNames`; null for none. */
export function nameNote(
  { name, own }: Pick<Person, 'name' | 'own'>,
  shared: ReadonlySet<string>,
): string | null {
  if (own) return null
  if (shared.has(name)) return sharedNameWords
  return isProgramName(name) ? 'Somebody else chose this name for themselves.' : null
}

/** Note for people whose names look alike. */
const sharedNameWords =
  'Someone else here goes by the same name, or one that looks like it. The fingerprints tell them apart.'

/** Display name of a person; the local person's other computers are labelled as such. */
export const personWords = ({ name, own }: Pick<Person, 'name' | 'own'>): string =>
  own ? ownDeviceWords : nameWords(name)

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) =>
    firstLetter(word ?? ''),
  )
  return letters.join('') || '?'
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

function firstLetter(word: string): string {
  const [letter] = graphemes.segment(word)
  return letter ? letter.segment.toLocaleUpperCase() : ''
}

/** 'Ada', 'Ada and Ben', 'Ada, Ben and 3 more'. */
export function listNames(names: readonly string[], most = 2): string {
  if (names.length <= 1) return names.join('')
  const more = names.length - most
  if (more > 0) return `${names.slice(0, most).join(', ')} and ${more} more`
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** '1 keeper', '2 keepers'. */
export const countKeepers = (count: number): string => countWords(count, 'keeper', 'keepers')

/** '1 person', '3 people'. */
export const countPeople = (count: number): string => countWords(count, 'person', 'people')

/** 'your other computer', '2 other computers of yours'. */
export const countOwn = (count: number): string =>
  count === 1 ? 'your other computer' : `${count} other computers of yours`
