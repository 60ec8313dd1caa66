import type { DocumentId } from '../../preload/contract/ids'
import type { Clock } from '../base/environment'
import { within } from '../base/timeout'
import type { Library } from '../library/library'
import type { OpenDocuments } from './open-documents'
import type { Removals } from './removals'
import type { SharedDocument } from './shared-document'

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
 * if it did. One that never had a word is deleted; one whose words were deleted can be restored like any other. Rejects
 * with STORE_WRITE_FAILED or STORE_DAMAGED.
 */
export async function dropEmpty(id: DocumentId, options: EmptyDocumentsOptions): Promise<boolean> {
  const { documents, removals } = options
  const entry = options.library().entries.get(id)
  if (entry?.removedAt !== null || entry.keys.role !== 'write' || entry.title.trim() !== '') return false
  const kept = await documents.keep(id)
  if (kept.isShared || !(await isEmpty(id, options))) return false
  const hadNoWord = kept.log.ownSessions().length === 0
  await removals.remove([id])
  if (hadNoWord) await removals.delete([id])
  return true
}

async function isEmpty(id: DocumentId, { clock, documents }: EmptyDocumentsOptions): Promise<boolean> {
  const document = await documents.document(id)
  try {
    const isLoaded = await within(clock, loadLimit, loaded(document))
    return isLoaded && document.unsavedEdits === 0 && (await document.text()) === ''
  } finally {
    await document.close()
  }
}

function loaded(document: SharedDocument): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.summary.loading) return
      stop()
      resolve()
    }
    const stop = document.on('status', look)
    look()
  })
}
