import type { DocumentSummary } from '../../../preload/contract/library'
import { dateWords, titleWords } from '../../../preload/messages/format'

/** The second line of a document in the library. */
export function documentWords(document: DocumentSummary, now: number, locale?: string): string {
  if (document.waiting) return 'Waiting for someone who has it'
  if (document.editedAt === null) return document.replaced ? 'Links replaced' : 'Nothing written yet'
  const edited = dateWords(document.editedAt, now, locale)
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
