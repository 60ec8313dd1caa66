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
 * An ordered map from bytes to bytes that survives kill -9. It knows nothing of documents.
 * `open` rejects with PROFILE_BUSY when another process holds it and STORE_DAMAGED when it cannot
 * be read.
 */
export interface Store {
  /** Idempotent. */
  open(): Promise<void>
  /**
   * Whether a damaged part of it was mended and not all of it was looked through since: entries may lack, or have
   * come back as they were before they were last written. False before `open`.
   */
  readonly isDoubtful: boolean
  /** Notes that all of it was looked through. Rejects with STORE_WRITE_FAILED. */
  noteLookedThrough(): Promise<void>
  /** The value at `key`, or null. */
  get(key: Uint8Array): Promise<Uint8Array | null>
  /** The entries of a range, in key order, as they were when the iteration began. */
  entries(range: Range): AsyncIterable<[key: Uint8Array, value: Uint8Array]>
  /**
   * Applies all writes or none. Resolves when they are durable: on disk, not in a cache. Rejects
   * with STORE_WRITE_FAILED when the disk refused, and then none was applied.
   */
  write(writes: readonly Write[]): Promise<void>
  /** Writes a range anew, so that nothing else is left of it in the store's files. Rejects with STORE_DAMAGED. */
  compact(range: Range): Promise<void>
  /** Waits for writes under way. Idempotent. */
  close(): Promise<void>
}
