import type { DocumentSummary } from '../../../preload/contract/library'
import type { Settings } from '../../../preload/contract/settings'
import { titleWords } from '../../../preload/messages/format'

/** Compares two documents: negative if `a` stands before `b`. No two different documents are equal. */
type Comparison = (a: DocumentSummary, b: DocumentSummary) => number

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
const byId: Comparison = (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** A document with new links stands in its place: the old one goes below the others. */
const byReplaced: Comparison = (a, b) => Number(a.replaced) - Number(b.replaced)

/** Documents that were never edited come first: they were just added. Documents of unknown age come last. */
const comparisons: { readonly [Order in Settings['librarySort']]: Comparison } = {
  edited: (a, b) => byReplaced(a, b) || (b.editedAt ?? Infinity) - (a.editedAt ?? Infinity) || byId(a, b),
  created: (a, b) => byReplaced(a, b) || (b.createdAt ?? 0) - (a.createdAt ?? 0) || byId(a, b),
  title: (a, b) =>
    byReplaced(a, b) || collator.compare(titleWords(a.title), titleWords(b.title)) || byId(a, b),
}

/** Compares names as people sort them. */
export const compareNames = (a: string, b: string): number => collator.compare(a, b) || (a < b ? -1 : 1)

/** Returns the documents in an order. Those that are in order but for a few take one pass. */
export const sortDocuments = (
  documents: readonly DocumentSummary[],
  order: Settings['librarySort'],
): DocumentSummary[] => [...documents].sort(comparisons[order])
