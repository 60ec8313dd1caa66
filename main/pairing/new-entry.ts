import { type LibraryEntry, nothingNoted } from '../library'
import type { PairedDocument } from './pairing-messages'

/** What this computer knows of a document that another one of its person has, before any of its text has come. */
export const newEntryOf = ({ keys, manifest, title, editedAt }: PairedDocument): LibraryEntry => ({
  keys,
  manifest,
  title,
  editedAt,
  waiting: true,
  removed: false,
  ...nothingNoted,
})
