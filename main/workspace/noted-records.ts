import { fromHex, hex } from '../base/hex'
import { type VaultKind, vaultKinds, vaultRange } from '../profile/vault'
import type { NotedStore } from '../repo/noted-store'
import type { Range } from '../storage/store'

/** Ranges of the records that are noted beside the store: of the person, of documents, and of their journals. */
export const notedRecords: readonly Range[] = (['profile', 'document', 'journal'] as const).map(vaultRange)

/** Returns true if a record of the person is noted. */
export const hadPerson = (store: NotedStore): boolean => store.isNoted(keyOf('profile', new Uint8Array(0)))

/** Returns how many noted documents are not among those `found` (ids in hex), and notes that these are gone. */
export function takeLostDocuments(store: NotedStore, found: ReadonlySet<string>): number {
  const lost = store.notedIn(vaultRange('document')).filter((key) => !found.has(hex(key.subarray(1))))
  store.noteGone(lost)
  return lost.length
}

/**
 * Resolves to true if the journal of a document (its id in hex) is noted and `has` does not find it, and notes that it
 * is gone.
 */
export async function takeLostJournal(
  store: NotedStore,
  id: string,
  has: () => Promise<boolean>,
): Promise<boolean> {
  const key = keyOf('journal', fromHex(id))
  if (!store.isNoted(key) || (await has())) return false
  // Put into the document meanwhile: that is noted before the record is deleted.
  if (!store.isNoted(key)) return false
  store.noteGone([key])
  return true
}

const keyOf = (kind: VaultKind, id: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(vaultKinds[kind], 'latin1'), id])
