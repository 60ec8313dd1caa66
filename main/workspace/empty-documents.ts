import type { DocumentId } from '../../preload/contract/ids'
import type { Clock } from '../base/environment'
import type { Library } from '../library/library'
import type { KeptDocument } from './kept-document'
import { loadedWithin } from './loaded'
import type { OpenDocuments } from './open-documents'
import type { Removals } from './removals'
import { heldChanges } from './unread-documents'

/** How long an empty document may take to load, in ms; one that takes longer stays. */
const loadLimit = 3_000

/** Parts of the workspace that `dropEmpty` needs. */
export interface EmptyDocumentsOptions {
  readonly clock: Clock
  readonly library: () => Library
  readonly documents: OpenDocuments
  readonly removals: Removals
}

/**
 * Takes a document that the person left out of the library if it is empty, made here and never shared; resolves to true
 * if it did. One that never had a word is deleted; one whose words were deleted can be restored like any other. One that
 * is opened again meanwhile stays. Rejects with STORE_WRITE_FAILED or STORE_DAMAGED.
 */
export async function dropEmpty(id: DocumentId, options: EmptyDocumentsOptions): Promise<boolean> {
  // The document is judged by the log that is open now.
  const release = options.documents.hold()
  try {
    return await dropHeld(id, options)
  } finally {
    release()
  }
}

async function dropHeld(id: DocumentId, options: EmptyDocumentsOptions): Promise<boolean> {
  const { documents, removals } = options
  const entry = options.library().entries.get(id)
  if (entry?.removedAt !== null || entry.keys.role !== 'write' || entry.title.trim() !== '') return false
  const kept = await documents.keep(id)
  // The one who made it may hold it for a moment longer.
  const handles = handlesOf(kept)
  if (kept.isShared || !(await isEmpty(id, options))) return false
  const changes = heldChanges(kept.log)
  return removals.removeEmpty(id, {
    isLeft: async () => {
      if (options.library().entries.get(id)?.removedAt !== null) return false
      // Removed and brought back meanwhile.
      if ((await documents.keep(id)) !== kept) return false
      const { document } = kept
      // Somebody may have written in it and closed it.
      if (!document) return heldChanges(kept.log) === changes && !(await options.library().journals.has(id))
      return handlesOf(kept) <= handles && document.unsavedEdits === 0 && (await document.text()) === ''
    },
    hadWords: async () => kept.log.ownSessions().length > 0 || (await options.library().journals.has(id)),
  })
}

const handlesOf = ({ document }: KeptDocument): number => document?.handles ?? 0

async function isEmpty(id: DocumentId, { clock, documents }: EmptyDocumentsOptions): Promise<boolean> {
  const document = await documents.document(id)
  try {
    const isLoaded = await loadedWithin(clock, loadLimit, document)
    return isLoaded && document.unsavedEdits === 0 && (await document.text()) === ''
  } finally {
    await document.close()
  }
}
