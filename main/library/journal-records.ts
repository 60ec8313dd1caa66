import type { Text } from '@codemirror/state'
import { fromHex } from '../base/hex'
import type { JournalKeep } from '../document/edit-journal'
import { readJournal } from '../document/journal-record'
import type { Vault } from '../profile/vault'
import { deleteRanges } from '../storage/delete-ranges'
import type { Store, Write } from '../storage/store'

/**
 * State of the edits that an earlier run left. 'sound': intact, or absent; 'near': the text that they fit is
 * lost; 'unreadable': the record is set aside unchanged.
 */
export type LeftState = 'sound' | 'near' | 'unreadable'

/** Stores the journals of documents, sealed with the profile's key. */
export class JournalRecords {
  private readonly vault: Vault
  private readonly store: Store

  constructor(options: { vault: Vault; store: Store }) {
    this.vault = options.vault
    this.store = options.store
  }

  /** Resolves to true if a document (id in hex) has local edits that are in no segment. */
  async has(id: string): Promise<boolean> {
    const { record, isUnreadable } = await this.vault.find('journal', fromHex(id))
    return record !== null || isUnreadable
  }

  /**
   * Opens the journal of a document (id in hex) whose text was last seen as `lastSeen`. Sets an unreadable record
   * aside, at the latest when another one replaces it.
   */
  async open(id: string, lastSeen: Text): Promise<{ keep: JournalKeep; state: LeftState }> {
    const documentId = fromHex(id)
    const { vault } = this
    const found = await vault.find('journal', documentId)
    const base = await vault.find('journalBase', documentId)
    const left = found.record === null ? null : readJournal(found.record, base.record, lastSeen)
    // Left by an earlier run, all of whose edits are in segments; if the disk refuses, the next opening tries again.
    if (found.record === null && base.record !== null)
      await this.store.write([vault.removal('journalBase', documentId)]).catch(() => undefined)
    const isUnreadable = found.isUnreadable || (found.record !== null && !left)
    const aside = isUnreadable ? await this.setAside(documentId) : []
    const keep: JournalKeep = {
      random: (size) => vault.random(size),
      left,
      store: (record, text) => [
        ...aside,
        vault.sealed('journal', documentId, record),
        ...(text === null ? [] : [vault.sealed('journalBase', documentId, text)]),
      ],
      remove: () => [...aside, vault.removal('journal', documentId)],
    }
    return { keep, state: isUnreadable ? 'unreadable' : left?.isNear ? 'near' : 'sound' }
  }

  /** Deletes a document's journal and the records set aside. Rejects with STORE_WRITE_FAILED. */
  async forget(documentId: Uint8Array): Promise<void> {
    await this.store.write(this.removals(documentId))
    await deleteRanges(this.store, [this.vault.asideRange('journal', documentId)])
  }

  private removals(documentId: Uint8Array): Write[] {
    return [this.vault.removal('journal', documentId), this.vault.removal('journalBase', documentId)]
  }

  /** Sets an unreadable record aside; returns the writes that are still needed for that. */
  private async setAside(documentId: Uint8Array): Promise<Write[]> {
    const aside = await this.vault.aside('journal', documentId, { each: true })
    try {
      await this.store.write([...aside, this.vault.removal('journal', documentId)])
      return []
    } catch {
      // Written together with each change of the record: the disk may refuse the first ones too.
      return aside
    }
  }
}
