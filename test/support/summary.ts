import type { DocumentSummary } from '../../preload/contract/library'

/** A document of the library, with some of its facts. */
export const summary = (facts: Partial<DocumentSummary>): DocumentSummary => ({
  id: 'one',
  title: 'One',
  role: 'write',
  editedAt: 1,
  createdAt: 1,
  people: [],
  waiting: false,
  replaced: false,
  folder: '',
  pinned: false,
  archived: false,
  tags: [],
  ...facts,
})
