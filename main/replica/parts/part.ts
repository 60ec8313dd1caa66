import type { Handle, ObjectId, PartRoot } from '../genesis'

/** A record of a part: bytes at a key that follows from them. The replica does not read its content. */
export interface KeyedRecord {
  readonly key: string
  readonly bytes: Uint8Array
}

/**
 * Data that a document carries beside its text inside Automerge, as records in a map that the first change makes. A
 * record is never changed and never deleted: its state is a function of the set of records.
 */
export interface Part {
  /** Names the part in the messages between the replica and the part's owner on the main thread. */
  readonly name: string
  /** The map that holds the records. No two parts have the same. */
  readonly root: PartRoot
  /**
   * Throws MALFORMED unless a change may put `bytes` at `key`. The result follows from both alone, so that all peers
   * admit the same changes. Rule D3.
   */
  check(key: string, bytes: Uint8Array): void
  /** Puts a record into the map, unless it is in it. */
  put(handle: Handle, map: ObjectId, record: KeyedRecord): void
  /** Returns the records of a document within the part's bounds, in the order of their keys. */
  read(handle: Handle, map: ObjectId): KeyedRecord[]
}
