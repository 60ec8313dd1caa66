import { logRanges } from '../log/format/store-keys'
import { deleteRanges } from '../storage/delete-ranges'
import type { Store } from '../storage/store'
import type { LowerPart } from './lower-part'
import { lowerParts } from './lower-parts'

/** Deletes a document's log and all its lower parts. Rejects with STORE_WRITE_FAILED. */
export function forgetDocument(
  store: Store,
  documentId: Uint8Array,
  parts: readonly LowerPart[] = lowerParts,
): Promise<void> {
  const ofParts = parts.flatMap(({ ranges }) => ranges(documentId))
  return deleteRanges(store, [...logRanges(documentId), ...ofParts])
}
