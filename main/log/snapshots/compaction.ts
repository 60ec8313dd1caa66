import type { Store, Write } from '../../storage/store'
import { segmentPlace, segmentRange } from '../format/store-keys'
import type { Session } from '../session'

/** Records that are deleted in one write. */
const batchSize = 500

/**
 * Deletes the segments that the bases of sessions replace; returns the bytes of others' segments among them. What a
 * crash or a disk that refuses leaves is deleted the next time.
 */
export async function deleteReplaced(
  store: Store,
  documentId: Uint8Array,
  sessions: readonly { readonly session: Session; readonly seq: number }[],
): Promise<number> {
  let deletions: Write[] = []
  let freed = 0
  const flush = async () => {
    if (deletions.length > 0) await store.write(deletions).catch(() => undefined)
    deletions = []
  }
  for (const { session, seq } of sessions)
    for await (const [key, value] of store.entries(segmentRange(documentId, session.key, 0))) {
      if (segmentPlace(key).seqTo > seq) break
      deletions.push({ key, value: null })
      if (!session.own) freed += value.length
      if (deletions.length >= batchSize) await flush()
    }
  await flush()
  return freed
}
