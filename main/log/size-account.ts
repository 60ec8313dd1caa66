import type { Write } from '../storage/store'
import { sizeWrite } from './log-records'
import type { DocumentQuota } from './quota'

/** Bytes of others' segments that may wait for the disk. */
const maxQueuedSize = 4 * 1024 * 1024

/**
 * Counts the bytes of others' segments in one log: those on the disk, as its size record states, and those that wait
 * for the disk. The quota counts both. Rule S14.
 */
export class SizeAccount {
  private readonly documentId: Uint8Array
  private readonly quota: DocumentQuota
  private stored = 0
  private queued = 0

  /** The quota is ended by `end`. */
  constructor(documentId: Uint8Array, quota: DocumentQuota) {
    this.documentId = documentId
    this.quota = quota
  }

  /** Too much waits for the disk. */
  get isQueueFull(): boolean {
    return this.queued >= maxQueuedSize
  }

  /** Begins with what lies on the disk: bytes, and sessions of others. */
  begin(size: number, sessions: number): void {
    this.stored = size
    this.quota.take(size, sessions)
  }

  /** Counts bytes that are queued for the disk, and sessions of others that are new. */
  take(size: number, sessions: number): void {
    this.queued += size
    this.quota.take(size, sessions)
  }

  /** Returns the size record for a batch with so many queued bytes. */
  writesFor(size: number): Write[] {
    return size === 0 ? [] : [sizeWrite(this.documentId, this.stored + size)]
  }

  /** Notes that queued bytes are on the disk. */
  written(size: number): void {
    this.queued -= size
    this.stored += size
  }

  /** Counts bytes that were found on the disk; returns the size record. */
  found(size: number): Write {
    this.quota.take(size, 0)
    this.stored += size
    return sizeWrite(this.documentId, this.stored)
  }

  /** Notes that so many bytes are no longer held; returns the size record if there were any. */
  release(size: number): Write[] {
    const before = this.stored
    this.stored = Math.max(0, before - size)
    this.quota.release(before - this.stored)
    return size > 0 ? [sizeWrite(this.documentId, this.stored)] : []
  }

  /** Ends the document's part in the quota. */
  end(): void {
    this.quota.end()
  }
}
