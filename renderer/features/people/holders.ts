import type { Holder } from '../../../preload/contract/document'
import { dateWords } from '../../../preload/messages/format'
import { nameWords, ownDeviceWords } from '../../../preload/names'
import { countKeepers, countOwn, countPeople, listNames } from './people'

/** A row of the list of holders. */
export interface HolderWords {
  readonly key: string
  readonly name: string
  /** '' for the person's own computer, which needs no fingerprint. */
  readonly fingerprint: string
  readonly about: string
  /** 'all': it has everything; 'some': not the last words; 'broken': it lost what it had confirmed. */
  readonly has: 'all' | 'some' | 'broken'
}

/** Maximum number of rows shown; the rest are given as a count. */
export const mostHolders = 8

/** 'Also with 2 people and 1 keeper': those who have all that was written here; '' for nobody. */
export function alsoWith(holders: readonly Holder[]): string {
  const all = holders.filter(({ hasMine }) => hasMine)
  const count = (kind: Holder['kind']) => all.filter((holder) => holder.kind === kind).length
  const [own, keepers] = [count('own'), count('keeper')]
  const people = onePerPerson(all).filter(({ kind }) => kind === 'person').length
  const parts = [
    ...(people > 0 ? [countPeople(people)] : []),
    ...(own > 0 ? [countOwn(own)] : []),
    ...(keepers > 0 ? [countKeepers(keepers)] : []),
  ]
  return parts.length === 0 ? '' : `Also with ${listNames(parts, parts.length)}`
}

/** Names the holders of all edits made here, for a tooltip; '' without any. */
export function holderNames(holders: readonly Holder[]): string {
  const all = onePerPerson(holders.filter(({ hasMine }) => hasMine))
  const others = all.filter(({ kind }) => kind !== 'own')
  const own = all.length - others.length
  const names = [...others.map(holderName), ...(own > 0 ? [countOwn(own)] : [])]
  return names.length === 0 ? '' : `Also with ${listNames(names, mostHolders)}`
}

/** The rows, in the order given. `now` in ms since the epoch. */
export function holderRows(holders: readonly Holder[], now: number, locale?: string): HolderWords[] {
  return holders.map((holder) => {
    const { key, kind, fingerprint, here, hasMine, confirmedAt, deniedAt } = holder
    const place = here ? ' · here now' : ''
    const when = dateWords(confirmedAt, now, locale)
    const shared = { key, name: holderName(holder), fingerprint: kind === 'own' ? '' : fingerprint }
    if (deniedAt !== null)
      return {
        ...shared,
        has: 'broken',
        about: `no longer has all that it confirmed ${when} · told ${dateWords(deniedAt, now, locale)}`,
      }
    return {
      ...shared,
      has: hasMine ? 'all' : 'some',
      about: `${storedWords(holder)} · confirmed ${when}${place}`,
    }
  })
}

/** Of a person with several computers the first. */
function onePerPerson(holders: readonly Holder[]): Holder[] {
  const known = new Set<string>()
  return holders.filter(({ kind, fingerprint }) => {
    if (kind !== 'person') return true
    const isNew = !known.has(fingerprint)
    known.add(fingerprint)
    return isNew
  })
}

/** Says how much of what was written here a holder that lost nothing has confirmed. */
export const storedWords = ({ hasMine }: Pick<Holder, 'hasMine'>): string =>
  hasMine ? 'has all your words' : 'has not confirmed your last words'

/** Returns the displayed name of a holder. */
export function holderName({ kind, name }: Pick<Holder, 'kind' | 'name'>): string {
  if (kind === 'own') return ownDeviceWords
  if (kind === 'keeper') return name ? `Keeper ${name}` : 'A keeper'
  return nameWords(name)
}
