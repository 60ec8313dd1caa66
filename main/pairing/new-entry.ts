import { type LibraryEntry, nothingNoted } from '../library/library-entry'
import type { PairedDocument } from './pairing-messages'

/** Returns the library entry for a document from the person's other computer, before any of its text has arrived. */
export const newEntryOf = ({ keys, manifest, title, editedAt, shared }: PairedDocument): LibraryEntry => ({
  keys,
  manifest,
  title,
  editedAt,
  createdAt: editedAt,
  waiting: true,
  removedAt: null,
  ...nothingNoted,
  shared,
})
