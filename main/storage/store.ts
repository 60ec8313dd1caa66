/** One change to the store: `value` null deletes the key. */
export interface Write {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** A range of keys in byte order: `gte` inclusive, `lt` exclusive. */
export interface Range {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
  /** From the last key backwards. */
  readonly reverse?: boolean
  /** At most so many entries. */
  readonly limit?: number
}

/**
 * A file beside the database, which no loss of the database takes away. Nothing written to it is synced to the disk:
 * after a power cut it may be as it was before, or cut short.
 */
export interface NotesFile {
  /** All bytes; empty when there is no file. Rejects with the system's error. */
  read(): Promise<Uint8Array>
  /** Adds bytes at the end. Rejects with the system's error; a part of the bytes may be in the file then. */
  append(bytes: Uint8Array): Promise<void>
  /** Puts a file with these bytes in the place of what is there, whole or not at all. Rejects as `append`. */
  replace(bytes: Uint8Array): Promise<void>
  /** Releases the file. Idempotent. */
  close(): Promise<void>
}

/**
 * An ordered map from bytes to bytes that survives kill -9. It knows nothing of documents.
 * `open` rejects with PROFILE_BUSY when another process holds it and STORE_DAMAGED when it cannot
 * be read.
 */
export interface Store {
  /** Idempotent. */
  open(): Promise<void>
  /**
   * True if a damaged part of it was mended and not all of it was looked through since: entries may be
   * missing, or may be back in an older version. False before `open`.
   */
  readonly isSuspect: boolean
  /** Notes that all of it was looked through. Rejects with STORE_WRITE_FAILED. */
  noteLookedThrough(): Promise<void>
  /** Notes beside the database. Their user closes them. */
  readonly notes: NotesFile
  /**
   * Files of a database lay in the folder when it was opened that its list does not name. They were moved to a place
   * where the database does not delete them. False before `open`.
   */
  readonly hasUnknownFiles: boolean
  /**
   * Makes the database again with these files in it, which stay where they are; it is suspect from then on. To be
   * called before anything is written. Rejects with STORE_DAMAGED or STORE_WRITE_FAILED.
   */
  includeUnknownFiles(): Promise<void>
  /** Deletes these files, because the database has everything without them. Never rejects. */
  deleteUnknownFiles(): Promise<void>
  /** The value at `key`, or null. */
  get(key: Uint8Array): Promise<Uint8Array | null>
  /** The entries of a range, in key order, as they were when the iteration began. */
  entries(range: Range): AsyncIterable<[key: Uint8Array, value: Uint8Array]>
  /**
   * Applies all writes or none. Resolves when they are durable: on disk, not in a cache. Rejects
   * with STORE_WRITE_FAILED when the disk refused, and then none was applied.
   */
  write(writes: readonly Write[]): Promise<void>
  /** Rewrites a range, so that no old data of it is left in the store's files. Rejects with STORE_DAMAGED. */
  compact(range: Range): Promise<void>
  /** Waits for writes under way. Idempotent. */
  close(): Promise<void>
}
