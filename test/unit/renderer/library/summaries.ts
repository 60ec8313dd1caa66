import type { DocumentSummary } from '../../../../preload/contract/library'
import { summary } from '../../../support/summary'

/** Returns a document as the library lists it; its id is its title unless given. */
export const documentOf = (title: string, more: Partial<DocumentSummary> = {}): DocumentSummary =>
  summary({ id: title, title, editedAt: 0, ...more })
