import type { Clock } from '../../base/environment'
import { hasCode } from '../../base/errors'
import { sameBytes } from '../../keys/bytes'
import type { Store, Write } from '../../storage/store'
import { snapshotPartSize } from '../format/limits'
import { decodeSnapshot, type Snapshot } from '../format/snapshot'
import { snapshotKey, snapshotPartKey } from '../format/store-keys'
import { damaged, readStored } from '../segment-reader'
import { partWrites, readSummary, type SnapshotSummary, summaryOf, summaryWrite } from './snapshot-summary'

/** The one snapshot that a log has on the disk, or none: a summary, and the snapshot in parts. Rule T6. */
export class StoredSnapshot {
  private readonly store: Store
  private readonly documentId: Uint8Array
  private readonly clock: Clock
  private readonly onChanged: () => void
  private summary: SnapshotSummary | null = null
  /** The one that is being written. */
  private pending: SnapshotSummary | null = null
  /** The one that was found intact on the disk. */
  private intact: SnapshotSummary | null = null
  /** Bytes of an unreadable one, which lies on the disk until another replaces it. */
  private lostSize = 0
  private removals = 0

  /** Calls `onChanged` when another snapshot is held, or none. */
  constructor(options: {
    store: Store
    documentId: Uint8Array
    clock: Clock
    onChanged: () => void
  }) {
    this.store = options.store
    this.documentId = options.documentId
    this.clock = options.clock
    this.onChanged = options.onChanged
  }

  /** Summary of the held one; null for none. */
  get held(): SnapshotSummary | null {
    return this.summary
  }

  /** Number that rises whenever the snapshot was removed, or would have been if there were one. */
  get revision(): number {
    return this.removals
  }

  /** Reads the summary; where that is damaged, makes it again from the snapshot. */
  async open(): Promise<void> {
    const noted = await this.store.get(snapshotKey(this.documentId))
    this.summary = noted && (readSummary(noted) ?? (await this.summarise(async () => true)))
  }

  /** Reads all of it; null for none. Rejects with STORE_DAMAGED. */
  async read(): Promise<Snapshot | null> {
    const { summary } = this
    if (!summary) return null
    const parts: Uint8Array[] = []
    for (let index = 0; index * snapshotPartSize < summary.size; index++) {
      const part = await this.part(index)
      // Another one replaced it meanwhile.
      if (this.summary !== summary) return this.read()
      if (!part) throw damaged()
      parts.push(part)
    }
    const snapshot = readStored(() => decodeSnapshot(Buffer.concat(parts)))
    if (!sameBytes(snapshot.id, summary.id)) throw damaged()
    return snapshot
  }

  /** Reads all of it; null for none, and where it is damaged. */
  async readable(): Promise<Snapshot | null> {
    try {
      return await this.read()
    } catch (error) {
      if (hasCode(error, 'STORE_DAMAGED')) return null
      throw error
    }
  }

  /**
   * Resolves to true if it is what its maker signed, down to its last byte, as far as can be checked without keys.
   * Once found intact, it is not read again.
   */
  async isIntact(): Promise<boolean> {
    const { summary } = this
    if (!summary || this.intact === summary) return summary !== null
    const isIntact = (await this.readable()) !== null
    if (isIntact && this.summary === summary) this.intact = summary
    return isIntact
  }

  /** Reads a part, by its place from 0 on; null past its end. */
  part(index: number): Promise<Uint8Array | null> {
    return this.store.get(snapshotPartKey(this.documentId, index))
  }

  /**
   * Puts a snapshot in the place of the held one: `write` has to write the records. Rejects as `write` does, and then
   * the one before is held.
   */
  async replace(
    snapshot: Snapshot,
    since: number,
    write: (records: readonly Write[]) => Promise<void>,
  ): Promise<void> {
    const summary = summaryOf(snapshot, since)
    const sizeBefore = Math.max(this.lostSize, this.summary?.size ?? 0)
    this.pending = summary
    const records = partWrites(this.documentId, snapshot.bytes, sizeBefore)
    await write([summaryWrite(this.documentId, summary), ...records]).catch((error: unknown) => {
      this.pending = null
      throw error
    })
    // Else forgotten meanwhile: its records were deleted right after they were written.
    if (this.pending !== summary) return
    this.pending = null
    this.lostSize = 0
    this.hold(summary)
  }

  /** Forgets the snapshot, also one that is being written; returns the records for that. */
  forget(): Write[] {
    this.removals++
    const known = [this.summary, this.pending].filter((summary) => summary !== null)
    if (known.length === 0) return []
    this.pending = null
    this.hold(null)
    const size = Math.max(...known.map((summary) => summary.size))
    return [summaryWrite(this.documentId, null), ...partWrites(this.documentId, new Uint8Array(0), size)]
  }

  /** Notes that something that the snapshot may hold was removed, though the snapshot stays. */
  noteRemoval(): void {
    this.removals++
  }

  /** Holds none, as it cannot be read; its records stay. */
  lose(): void {
    this.removals++
    this.lostSize = Math.max(this.lostSize, this.summary?.size ?? 0)
    this.pending = null
    this.hold(null)
  }

  /**
   * Makes the summary again from the snapshot and returns the record for that; null when the snapshot cannot be read.
   * For a summary that does not match; `isSigned` checks the signatures.
   */
  async restoreSummary(isSigned: (snapshot: Snapshot) => Promise<boolean>): Promise<Write[] | null> {
    const before = this.summary
    const summary = await this.summarise(isSigned)
    if (!summary || this.summary !== before) return null
    this.hold(summary)
    return [summaryWrite(this.documentId, summary)]
  }

  private hold(summary: SnapshotSummary | null): void {
    this.summary = summary
    this.onChanged()
  }

  private async summarise(
    isSigned: (snapshot: Snapshot) => Promise<boolean>,
  ): Promise<SnapshotSummary | null> {
    const parts: Uint8Array[] = []
    for (let part = await this.part(0); part; part = await this.part(parts.length)) parts.push(part)
    try {
      const snapshot = decodeSnapshot(Buffer.concat(parts))
      return (await isSigned(snapshot)) ? summaryOf(snapshot, this.clock.now()) : null
    } catch (error) {
      if (!hasCode(error, 'MALFORMED')) throw error
      this.lostSize = parts.length * snapshotPartSize
      return null
    }
  }
}
