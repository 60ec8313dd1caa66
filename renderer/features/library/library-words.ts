import { type DocumentSummary, type RemovedDocument, removalDays } from '../../../preload/contract/library'
import { countWords, dateWords, timeWords, titleWords } from '../../../preload/messages/format'
import { nameWords } from '../../../preload/names'
import { fold } from '../../../preload/text/fold'
import { listNames } from '../people/people'

const minute = 60_000
const day = 24 * 60 * minute

/** Returns when a document was last edited, short enough to stand beside its title; '' for never. */
export function rowDate(editedAt: number | null, now: number, locale?: string): string {
  if (editedAt === null) return ''
  const age = now - editedAt
  if (age < minute) return 'now'
  if (age < 60 * minute) return `${Math.floor(age / minute)} min`
  const isToday = new Date(editedAt).toDateString() === new Date(now).toDateString()
  return isToday ? timeWords(editedAt, locale) : dateWords(editedAt, now, locale)
}

/** The news of a document, which a second line of its row tells; null for a document without news. */
export type News =
  | { readonly kind: 'people'; readonly words: string }
  | { readonly kind: 'waiting'; readonly words: string }
  | { readonly kind: 'replaced'; readonly words: string }

/** Returns the news of a document. */
export function newsOf({ people, waiting, replaced }: DocumentSummary): News | null {
  const names = listNames(people.map(nameWords))
  // The document that took its place has the same title, and often the same people.
  if (replaced && !waiting)
    return { kind: 'replaced', words: ['Links replaced', names].filter(Boolean).join(' · ') }
  if (names) return { kind: 'people', words: names }
  return waiting ? { kind: 'waiting', words: 'Waiting for someone who has it' } : null
}

/** Returns how long a removed document can still be restored, in words. `now` is in ms since the epoch. */
export function removedWords({ removedAt }: RemovedDocument, now: number): string {
  const days = Math.ceil(removalDays + (removedAt - now) / day)
  return days <= 1 ? 'Deleted within a day' : `Deleted in ${days} days`
}

/** Names one document by its title, and several by their number. */
export const documentsWords = (documents: readonly { readonly title: string }[]): string =>
  documents.length === 1 && documents[0]
    ? `“${titleWords(documents[0].title)}”`
    : countWords(documents.length, 'document', 'documents')

/** Folded words by which a document is found. A summary is never changed, only replaced. */
const folded = new WeakMap<DocumentSummary, string>()

function wordsOf(document: DocumentSummary): string {
  const known = folded.get(document)
  if (known !== undefined) return known
  const words = fold([titleWords(document.title), ...document.people].join(' '))
  folded.set(document, words)
  return words
}

/** Folded tags of a document, in the order of its tags. */
const foldedTags = new WeakMap<DocumentSummary, readonly string[]>()

function tagsOf(document: DocumentSummary): readonly string[] {
  const known = foldedTags.get(document)
  if (known !== undefined) return known
  const tags = document.tags.map(fold)
  foldedTags.set(document, tags)
  return tags
}

/**
 * Returns the documents whose title or people contain every word of `query`, in the order given. Words in quotation
 * marks stay together; a word that begins with '#' means a tag that begins so.
 */
export function filterDocuments(documents: readonly DocumentSummary[], query: string): DocumentSummary[] {
  const all = [...fold(query).matchAll(/"([^"]+)"?|[^\s"]+/gu)].map(([word, phrase]) => phrase ?? word)
  const words = all.filter((word) => !isTag(word))
  const tags = all.filter(isTag).map((word) => word.slice(1))
  return documents.filter(
    (document) =>
      words.every((word) => wordsOf(document).includes(word)) &&
      tags.every((tag) => tagsOf(document).some((own) => own.startsWith(tag))),
  )
}

const isTag = (word: string): boolean => word.length > 1 && word.startsWith('#')

/** Returns the documents that have all of `tags`, which are folded. */
export function withTags(
  documents: readonly DocumentSummary[],
  tags: ReadonlySet<string>,
): readonly DocumentSummary[] {
  if (tags.size === 0) return documents
  return documents.filter((document) => {
    const own = tagsOf(document)
    return [...tags].every((tag) => own.includes(tag))
  })
}

/** A tag as the library offers it. */
export interface TagCount {
  /** Folded: spellings that differ in case or accents are one tag. */
  readonly tag: string
  /** As it was first written. */
  readonly words: string
  readonly count: number
}

/** Returns the tags of documents, the most frequent first. */
export function countTags(documents: readonly DocumentSummary[]): TagCount[] {
  const counts = new Map<string, TagCount>()
  for (const document of documents)
    tagsOf(document).forEach((tag, index) => {
      const before = counts.get(tag)
      const words = before?.words ?? document.tags[index] ?? tag
      counts.set(tag, { tag, words, count: (before?.count ?? 0) + 1 })
    })
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1))
}
