import type { Person } from '../../preload/contract'
import { ownDeviceWords } from '../../preload/network-words'

/** Names that two or more people with different fingerprints go by. */
export function sharedNames(people: readonly Pick<Person, 'name' | 'fingerprint'>[]): ReadonlySet<string> {
  const fingerprints = new Map<string, string>()
  const shared = new Set<string>()
  for (const { name, fingerprint } of people) {
    const known = fingerprints.get(name)
    if (known !== undefined && known !== fingerprint) shared.add(name)
    fingerprints.set(name, fingerprint)
  }
  return shared
}

/** What a person is called here: this person themselves are known by where they are. */
export const personWords = ({ name, own }: Pick<Person, 'name' | 'own'>): string =>
  own ? ownDeviceWords : name

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) =>
    firstLetter(word ?? ''),
  )
  return letters.join('') || '?'
}

function firstLetter(word: string): string {
  const [letter] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word)
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
export const countKeepers = (count: number): string => (count === 1 ? '1 keeper' : `${count} keepers`)

/** '1 person', '3 people'. */
export const countPeople = (count: number): string => (count === 1 ? '1 person' : `${count} people`)

/** 'your other computer', '2 other computers of yours'. */
export const countOwn = (count: number): string =>
  count === 1 ? 'your other computer' : `${count} other computers of yours`
