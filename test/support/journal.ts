import { hex } from '../../main/base/hex'
import type { JournalKeep } from '../../main/document/edit-journal'
import { JournalRecords, type LeftState } from '../../main/library/journal-records'
import { Vault } from '../../main/profile/vault'
import type { Store } from '../../main/storage/store'
import { toText } from '../../preload/text'

/** The key that the journals of tests are sealed with. */
const key = Buffer.alloc(32, 9)

/** The journal of a document as a profile's store has it. */
export function openJournal(options: {
  store: Store
  documentId: Uint8Array
  random: (size: number) => Buffer
  lastSeen?: string
}): Promise<{ keep: JournalKeep; state: LeftState }> {
  const { store, documentId, random, lastSeen = '' } = options
  const vault = new Vault({ store, key, random })
  return new JournalRecords({ vault, store }).open(hex(documentId), toText(lastSeen))
}
