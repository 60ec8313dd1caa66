import type { KeyedRecord } from '../replica/parts/part'

/** Connects a part's owner with the records of the part in one open document. */
export interface PartChannel {
  /**
   * Calls `listener` with all records of the part, once they are known and whenever they changed; returns a function
   * that stops. Anyone who may write can have made them: their content is not checked. The listener must not throw.
   */
  onRecords(listener: (records: readonly KeyedRecord[]) => void): () => void
  /** Puts a record beside the text; resolves when it is durable. Rejects with ROLE_TOO_LOW or NOT_SAVED. */
  put(record: KeyedRecord): Promise<void>
}
