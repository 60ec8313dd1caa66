import { logRanges } from '../log/format/store-keys'
import { deleteRanges } from '../storage/delete-ranges'
import type { Store } from '../storage/store'
import { replicaRanges } from '../sync/replicas/replica-records'

/** Deletes a document's log and the records of who stores it. Rejects with STORE_WRITE_FAILED. */
export function forgetDocument(store: Store, documentId: Uint8Array): Promise<void> {
  return deleteRanges(store, [...logRanges(documentId), ...replicaRanges(documentId)])
}
