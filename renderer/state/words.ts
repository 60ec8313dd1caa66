import type { DocumentSummary } from '../../preload/contract/library'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** A document's title as it is shown. */
export const titleWords = (title: string): string => title.trim() || 'Untitled'

/** When something was edited, in plain words. `at` and `now` are ms since the epoch. */
export function editedWords(at: number, now: number, locale?: string): string {
  const age = now - at
  // A clock that was set back is no reason to speak of the future.
  if (age < minute) return 'just now'
  if (age < hour) return `${Math.floor(age / minute)} min ago`
  const days = Math.round((startOfDay(now) - startOfDay(at)) / day)
  const date = new Date(at)
  if (days === 0) return `today ${date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' })}`
  if (days === 1) return 'yesterday'
  if (days < 7) return date.toLocaleDateString(locale, { weekday: 'long' })
  const sameYear = date.getFullYear() === new Date(now).getFullYear()
  return date.toLocaleDateString(locale, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  })
}

function startOfDay(at: number): number {
  const date = new Date(at)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}

/** The second line of a document in the library. */
export function documentWords(document: DocumentSummary, now: number, locale?: string): string {
  if (document.waiting) return 'Waiting for someone who has it'
  if (document.editedAt === null) return document.replaced ? 'Links replaced' : 'Nothing written yet'
  const edited = editedWords(document.editedAt, now, locale)
  return document.replaced ? `Links replaced · edited ${edited}` : `Edited ${edited}`
}

/** The documents whose title or people hold every word of `query`, in the order given. */
export function filterDocuments(documents: readonly DocumentSummary[], query: string): DocumentSummary[] {
  const words = fold(query).split(/\s+/u).filter(Boolean)
  return documents.filter((document) => {
    const text = fold([titleWords(document.title), ...document.people].join(' '))
    return words.every((word) => text.includes(word))
  })
}

/** Sorts by last edit, latest first; never edited documents are on top, since they were just added. */
export function sortDocuments(documents: readonly DocumentSummary[]): DocumentSummary[] {
  return [...documents].sort((a, b) => (b.editedAt ?? Infinity) - (a.editedAt ?? Infinity) || 0)
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()
