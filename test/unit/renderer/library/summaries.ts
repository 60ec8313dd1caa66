import type { DocumentSummary } from '../../../../preload/contract/library'

/** Returns a document as the library lists it; its id is its title unless given. */
export const documentOf = (title: string, more: Partial<DocumentSummary> = {}): DocumentSummary => ({
  ...{ id: title, title, role: 'write', editedAt: 0, createdAt: 0, people: [], waiting: false },
  ...{ replaced: false, folder: '', pinned: false, archived: false, tags: [], ...more },
})
