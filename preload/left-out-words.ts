import type { LeftOut } from './contract/quarantine'
import { nameWords } from './names'

/** Number of names listed before the rest is given as a count. */
const mostNames = 3

/** A person as others tell them apart: name and fingerprint. */
export function authorWords({ name, fingerprint }: Pick<LeftOut, 'name' | 'fingerprint'>): string {
  if (!fingerprint) return 'someone whose name could not be read'
  return name ? `${nameWords(name)} (${fingerprint})` : `someone without a name (${fingerprint})`
}

/** Describes left-out edits in plain words: a paragraph for each kind, empty without any. */
export function leftOutWords(leftOut: readonly LeftOut[]): string[] {
  const words: string[] = []
  const unreadable = authorsOf(leftOut, 'unreadable')
  const nameless = leftOut.some(({ kind, fingerprint }) => kind === 'unreadable' && !fingerprint)
  // Not twice in one sentence that something could not be read.
  const why = nameless ? '' : 'could not be read and '
  if (unreadable) words.push(`Edits by ${unreadable} ${why}were left out.`)
  const doubled = authorsOf(leftOut, 'two-histories')
  if (doubled)
    words.push(
      `Two copies of one running Swarmpad wrote here as ${doubled}. Everyone goes on with one of the two; what you wrote is put in again where it went missing. If the copy is yours, close one of the two.`,
    )
  return words
}

// Making one takes as long as everything else that a key does to the status.
const lists = new Intl.ListFormat('en-GB')

function authorsOf(leftOut: readonly LeftOut[], kind: LeftOut['kind']): string {
  const all = [...new Set(leftOut.filter((entry) => entry.kind === kind).map(authorWords))]
  const told = all.slice(0, mostNames)
  const more = all.length - told.length
  if (more > 0) told.push(more === 1 ? '1 more person' : `${more} more people`)
  return lists.format(told)
}
