import type { Holder, Person } from '../../../preload/contract/document'
import type { Writer } from '../../../preload/contract/sharing'
import { nameWords, ownDeviceWords } from '../../../preload/names'
import { personWords, sharedNames } from '../people/people'

/** Somebody who has a document, or who keeps it. */
export interface HasIt {
  readonly key: string
  readonly name: string
  /** Shown where two people share a name; else ''. */
  readonly fingerprint: string
  readonly about: string
  readonly here: boolean
  /** 0 to 7, for those who are here. */
  readonly color?: number
}

/**
 * Lists those who have a document, each person once: those who are here, then those whose computers have confirmed
 * that they store it, keepers last, then those who wrote in it.
 */
export function whoHasIt(
  people: readonly Person[],
  holders: readonly Holder[],
  writers: readonly Writer[],
): readonly HasIt[] {
  const shared = sharedNames([...people, ...holders.filter(({ kind }) => kind === 'person'), ...writers])
  const fingerprintOf = ({ name, fingerprint }: { name: string; fingerprint: string }): string =>
    shared.has(name) ? fingerprint : ''
  const here = people.map((person) => ({
    person: person.own ? null : person.fingerprint,
    row: {
      key: `here ${person.key}`,
      name: personWords(person),
      fingerprint: person.own ? '' : fingerprintOf(person),
      about: person.role === 'read' ? 'here now · reads only' : 'here now',
      here: true,
      ...(person.own ? {} : { color: person.color }),
    },
  }))
  const isOwnHere = people.some(({ own }) => own)
  const stored = [...holders]
    .sort((a, b) => Number(a.kind === 'keeper') - Number(b.kind === 'keeper'))
    // One of the person's own computers that is here has its row.
    .filter(({ kind, here }) => !(kind === 'own' && here && isOwnHere))
    .map((holder) => ({
      person: holder.kind === 'person' ? holder.fingerprint : null,
      row: {
        key: `holds ${holder.key}`,
        name: holderName(holder),
        fingerprint: holder.kind === 'person' ? fingerprintOf(holder) : '',
        about: aboutHolder(holder),
        here: holder.here,
      },
    }))
  const wrote = writers.map((writer) => ({
    person: writer.fingerprint,
    row: {
      key: `wrote ${writer.key}`,
      name: nameWords(writer.name),
      fingerprint: fingerprintOf(writer),
      about: writer.here ? 'here now' : 'wrote here',
      here: writer.here,
    },
  }))
  const known = new Set<string>()
  return [...here, ...stored, ...wrote].flatMap(({ person, row }) => {
    if (person !== null && known.has(person)) return []
    if (person !== null) known.add(person)
    return row
  })
}

function holderName({ kind, name }: Holder): string {
  if (kind === 'own') return ownDeviceWords
  if (kind === 'keeper') return name ? `Keeper ${name}` : 'A keeper'
  return nameWords(name)
}

function aboutHolder({ hasMine, deniedAt, here }: Holder): string {
  const place = here ? 'here now · ' : ''
  if (deniedAt !== null) return `${place}lost some of your words`
  return `${place}${hasMine ? 'has all your words' : 'does not have your last words yet'}`
}
