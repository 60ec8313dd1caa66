const gibibyte = 1024 ** 3

/** Bytes of others' edits. */
export interface QuotaLimits {
  /** For each document, until the person lets it take more. */
  readonly document: number
  /** For all documents of a profile together, until the person lets them take more. */
  readonly profile: number
  /** Of the disk's free space so much is left. */
  readonly floor: number
}

/** Initial limits of a profile. */
export const defaultLimits: QuotaLimits = {
  document: gibibyte,
  profile: 16 * gibibyte,
  floor: gibibyte / 2,
}

/**
 * Bytes that each session of others counts for in addition to its segments: however short, it stays in
 * memory, both here and in the state of each peer.
 */
export const sessionCharge = 32 * 1024

/** The exhausted resource: the document's quota, the profile's quota, or the disk down to its reserve. */
export type ShortageCause = 'document' | 'profile' | 'disk'

/** Reason why others' segments are not accepted. */
export interface Shortage {
  readonly cause: ShortageCause
  /** The limit that was reached, in bytes. */
  readonly limit: number
}

/** Storage quota for others' edits, for all documents of a profile. Does no I/O. Rule S14. */
export class ProfileQuota {
  readonly limits: QuotaLimits
  private readonly documents = new Set<DocumentQuota>()
  private readonly whole: WholeQuota
  private limit: number
  private used = 0
  /** Free bytes of the disk; null while that is unknown. */
  private free: number | null = null

  constructor(limits: QuotaLimits = defaultLimits) {
    this.limits = limits
    this.limit = limits.profile
    this.whole = {
      shortage: () => this.shortage,
      take: (size) => this.take(size),
      drop: (size) => this.drop(size),
      end: (quota) => this.documents.delete(quota),
    }
  }

  /** Returns the quota of another document, with its own limit or the default one. To be ended with its log. */
  document(limit: number | null = null): DocumentQuota {
    const quota = new DocumentQuota(limit ?? this.limits.document, this.whole)
    this.documents.add(quota)
    return quota
  }

  /** Sets the limit for all documents together; null for the default one. */
  setLimit(limit: number | null): void {
    this.limit = limit ?? this.limits.profile
    this.update()
  }

  /** Limit to set for all documents together so that there is room again. */
  get nextLimit(): number {
    return 2 * Math.max(this.limit, this.used)
  }

  /** Sets the free space of the disk, in bytes; null for unknown. */
  setFree(free: number | null): void {
    this.free = free
    this.update()
  }

  /** Shortage of the whole profile; null while there is room. */
  get shortage(): Shortage | null {
    const { floor } = this.limits
    if (this.free !== null && this.free < floor) return { cause: 'disk', limit: floor }
    return this.used < this.limit ? null : { cause: 'profile', limit: this.limit }
  }

  private take(size: number): void {
    const before = this.shortage
    this.used += size
    // Counts as used until the free space is measured again.
    if (this.free !== null) this.free -= size
    if (!before !== !this.shortage) this.update()
  }

  private drop(size: number): void {
    const before = this.shortage
    this.used -= size
    if (!before !== !this.shortage) this.update()
  }

  private update(): void {
    for (const quota of this.documents) quota.update()
  }
}

/** The quota of all documents, as that of one document sees it. */
interface WholeQuota {
  readonly shortage: () => Shortage | null
  /** Counts bytes; negative ones were deleted. */
  readonly take: (size: number) => void
  /** Stops counting bytes that stay on the disk. */
  readonly drop: (size: number) => void
  readonly end: (quota: DocumentQuota) => void
}

const none: readonly (() => void)[] = []

/** Storage quota for others' edits, for one document. */
export class DocumentQuota {
  private readonly whole: WholeQuota
  /** No Set: thousands of quotas have none while their logs are closed. */
  private listeners: readonly (() => void)[] = none
  private limit: number
  private used = 0
  /** Bytes that count at least while the log is closed, or being closed or opened; null while it is open. */
  private resting: number | null = null
  private notified: ShortageCause | null = null

  /** Created by a ProfileQuota. */
  constructor(limit: number, whole: WholeQuota) {
    this.limit = limit
    this.whole = whole
  }

  /** Shortage of the document or of the whole profile; null while there is room. */
  get shortage(): Shortage | null {
    return this.used < this.limit ? this.whole.shortage() : { cause: 'document', limit: this.limit }
  }

  /** Bytes that count against this document's limit. */
  get taken(): number {
    return this.used
  }

  /** Limit to set for this document so that there is room again. */
  get nextLimit(): number {
    return 2 * Math.max(this.limit, this.used)
  }

  /** Sets this document's limit. */
  setLimit(limit: number): void {
    this.limit = limit
    this.update()
  }

  /** Counts bytes of others' segments, and new sessions of others. */
  take(size: number, sessions: number): void {
    this.count(size + sessions * sessionCharge)
  }

  /** Subtracts bytes that are no longer on the disk. */
  release(size: number): void {
    this.count(-size)
  }

  /** Goes on counting for the profile what counts now, whatever the log does that is about to be closed. */
  rest(): void {
    this.resting = this.used
  }

  /** Counts what the log says that was opened again. */
  wake(): void {
    const { counted } = this
    this.resting = null
    this.whole.drop(counted - this.counted)
  }

  /** Calls `listener` when a shortage began, ended or has another cause. It must not throw. */
  onChange(listener: () => void): () => void {
    this.listeners = [...this.listeners, listener]
    return () => {
      this.listeners = this.listeners.filter((one) => one !== listener)
    }
  }

  /** Notifies listeners if the shortage changed. */
  update(): void {
    const cause = this.shortage?.cause ?? null
    if (cause === this.notified) return
    this.notified = cause
    for (const listener of this.listeners) listener()
  }

  /** Subtracts everything that the document counted, as its log is closed, unless it rests. Idempotent. */
  end(): void {
    const { counted } = this
    this.listeners = none
    this.used = 0
    if (this.resting === null) this.whole.end(this)
    this.whole.drop(counted - this.counted)
  }

  private get counted(): number {
    return Math.max(this.used, this.resting ?? 0)
  }

  private count(size: number): void {
    const { counted } = this
    this.used += size
    this.whole.take(this.counted - counted)
    this.update()
  }
}
