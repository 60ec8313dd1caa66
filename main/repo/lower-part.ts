import type { Environment } from '../base/environment'
import type { DocumentQuota, QuotaLimits } from '../log/quota'
import type { ScrubTarget } from '../log/scrub/scrub-schedule'
import type { Range, Store } from '../storage/store'
import type { SyncedPart } from '../sync/synced-part'

/** A kind of data that documents have in the lower half beside their logs. It is stored, and may be synced. */
export interface LowerPart {
  /** 1 to 32 of a to z and '-'. Backups name the part by it, so it never changes. */
  readonly name: string
  /** Returns the ranges of the store that hold the data of a document, to be deleted with the document. */
  readonly ranges: (documentId: Uint8Array) => Range[]
  /** How the data is kept while the log of its document is open; null if the rooms below see to that. */
  readonly keeping: PartKeeping | null
}

/** How the data of a lower part is kept. */
export interface PartKeeping {
  /**
   * Names of its messages to peers; no two parts share one. Their numbers on the wire follow those of the parts before
   * it in the list, so neither the list's order nor this one ever changes. Rule W20.
   */
  readonly messages: readonly string[]
  /** Initial limits on the space of others' data; apart from those of the logs, which never wait for it. Rule S14. */
  readonly limits: QuotaLimits
  /** Opens the data of a document. Damaged data counts as missing. Rejects when the store cannot be read. */
  open(options: PartOptions): Promise<KeptPart>
}

/** Inputs of a lower part for one document. */
export interface PartOptions {
  readonly documentId: Uint8Array
  readonly store: Store
  readonly environment: Environment
  /** Counts the space of others' data; ended by its owner. */
  readonly quota: DocumentQuota
}

/** The open data of a document in a lower part. Its scrub is part of the log's schedule. */
export interface KeptPart extends ScrubTarget {
  /** Begins the exchange with a peer. */
  readonly connect: SyncedPart['connect']
  readonly digest: SyncedPart['digest']
  readonly onNews: SyncedPart['onNews']
  /** Yields the data as records of a backup, of at most 1 MiB each. Throws STORE_DAMAGED for data that is damaged. */
  records(): AsyncIterable<Uint8Array>
  /** Adds a record of a backup, whose content is not checked. Rejects with STORE_WRITE_FAILED. */
  restore(record: Uint8Array): Promise<Restored>
  /** Stops all work. Resolves when everything is written. */
  close(): Promise<void>
}

/** Effect of a record of a backup: 'refused' if it does not fit or there is no room for it. */
export type Restored = 'added' | 'known' | 'refused'

/** A record of a backup, with the name of its part. */
export interface LowerRecord {
  readonly part: string
  readonly bytes: Uint8Array
}

/** The lower parts of a document, as backups use them. */
export interface BackedParts {
  /** Yields the records of all parts. Throws STORE_DAMAGED for data that is damaged. */
  records(): AsyncIterable<LowerRecord>
  /** Adds a record of a backup; 'refused' also for an unknown part. Rejects with STORE_WRITE_FAILED. */
  restore(record: LowerRecord): Promise<Restored>
}
