import type { LeftOutDetails } from '../../../preload/contract/quarantine'
import { countWords, sizeWords } from '../../../preload/messages/format'
import { sharedNames } from '../people/people'

/** Left-out edits of one person, or of people whose certificates could not be read. */
export interface LeftOutPerson {
  /** '' for a certificate that gives none, or could not be read. */
  readonly name: string
  readonly fingerprint: string
  /** Another key uses the same name. */
  readonly sharesName: boolean
  readonly entries: readonly LeftOutDetails[]
}

/** Groups left-out edits by person; `others` are the people in the document. */
export function byPerson(
  details: readonly LeftOutDetails[],
  others: readonly { name: string; fingerprint: string }[],
): LeftOutPerson[] {
  const people = new Map<string, LeftOutDetails[]>()
  for (const entry of details)
    people.set(entry.fingerprint, [...(people.get(entry.fingerprint) ?? []), entry])
  const known = [...details, ...others].filter(({ name, fingerprint }) => name && fingerprint)
  const shared = sharedNames(known)
  return [...people].map(([fingerprint, entries]) => {
    const name = entries[0]?.name ?? ''
    return { name, fingerprint, sharesName: shared.has(name), entries }
  })
}

/** How much is left out, in plain words; null for what is not about edits. */
export function lostWords({ lost }: LeftOutDetails, locale?: string): string | null {
  if (!lost) return null
  const { first, edits, size, more } = lost
  const amount = `${countWords(edits, 'edit', 'edits', locale)}, ${more ? 'more than ' : ''}${sizeWords(size, locale)}`
  if (first === 1) return `Nothing of one sitting could be read: ${amount}.`
  const before =
    first === 2
      ? 'The first edit of one sitting is'
      : `The first ${(first - 1).toLocaleString(locale)} edits of one sitting are`
  return `${before} in the text. What follows is not: ${amount}.`
}
