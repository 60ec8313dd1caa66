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
 * A file beside the database, which survives the loss of the database. Writes to it are not synced to the disk: after
 * a power cut it may have its old content, or be cut short.
 */
export interface NotesFile {
  /** Resolves to all bytes; empty without a file. Rejects with the system's error. */
  read(): Promise<Uint8Array>
  /** Adds bytes at the end. Rejects with the system's error; a part of the bytes may be in the file then. */
  append(bytes: Uint8Array): Promise<void>
  /** Replaces the file's bytes, all or none. Rejects as `append`. */
  replace(bytes: Uint8Array): Promise<void>
  /** Releases the file. Idempotent. */
  close(): Promise<void>
}

/**
 * An ordered map from bytes to bytes that survives kill -9. It knows nothing of documents.
 * `open` rejects with PROFILE_BUSY while another process has it open, and STORE_DAMAGED if it cannot be read.
 */
export interface Store {
  /** Idempotent. */
  open(): Promise<void>
  /**
   * True if a damaged part of it was repaired and not all of it was scrubbed since: entries may be missing, or old
   * ones may be back. False before `open`.
   */
  readonly isSuspect: boolean
  /** Notes that all of it was scrubbed. Rejects with STORE_WRITE_FAILED. */
  noteLookedThrough(): Promise<void>
  /** Notes beside the database. Their user closes them. */
  readonly notes: NotesFile
  /**
   * True if the database's folder held files, when it was opened, that its list does not name. They were moved aside,
   * so that the database does not delete them. False before `open`.
   */
  readonly hasUnknownFiles: boolean
  /**
   * Rebuilds the database with copies of these files; it is suspect from then on. Call it before anything is written.
   * Rejects with STORE_DAMAGED or STORE_WRITE_FAILED.
   */
  includeUnknownFiles(): Promise<void>
  /** Deletes these files, when the database is complete without them. Never rejects. */
  deleteUnknownFiles(): Promise<void>
  /** Resolves to the value at `key`, or null. */
  get(key: Uint8Array): Promise<Uint8Array | null>
  /** Iterates over the entries of a range, in key order, as they were when the iteration began. */
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
