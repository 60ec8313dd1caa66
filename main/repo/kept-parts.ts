import type { Environment } from '../base/environment'
import { type DocumentQuota, ProfileQuota } from '../log/quota'
import type { ScrubTarget } from '../log/scrub/scrub-schedule'
import type { Store } from '../storage/store'
import type { SyncedPart } from '../sync/synced-part'
import type { BackedParts, KeptPart, LowerPart, LowerRecord, PartKeeping, Restored } from './lower-part'

interface Kept {
  readonly name: string
  readonly keeping: PartKeeping
  readonly part: KeptPart
  readonly quota: DocumentQuota
}

/** Opens the lower parts of a profile's documents, each with one quota for all documents. */
export class PartOpener {
  private readonly store: Store
  private readonly environment: Environment
  private readonly parts: readonly { name: string; keeping: PartKeeping; quota: ProfileQuota }[]

  constructor(options: { parts: readonly LowerPart[]; store: Store; environment: Environment }) {
    this.store = options.store
    this.environment = options.environment
    this.parts = options.parts.flatMap(({ name, keeping }) =>
      keeping ? [{ name, keeping, quota: new ProfileQuota(keeping.limits) }] : [],
    )
  }

  /** Sets the free space of the disk, in bytes; null for unknown. */
  setFree(free: number | null): void {
    for (const { quota } of this.parts) quota.setFree(free)
  }

  /**
   * Opens all parts of a document, with the quotas that it had before if its log was closed. Rejects as they do, and all
   * are closed then.
   */
  async open(documentId: Uint8Array, resting: readonly DocumentQuota[]): Promise<KeptParts> {
    const { store, environment } = this
    const kept: Kept[] = []
    try {
      for (const [place, { name, keeping, quota: whole }] of this.parts.entries()) {
        const quota = resting[place] ?? whole.document()
        const opened = keeping.open({ documentId, store, environment, quota })
        opened.catch(() => quota.end())
        kept.push({ name, keeping, quota, part: await opened })
      }
    } catch (error) {
      await new KeptParts(kept).close()
      throw error
    }
    return new KeptParts(kept)
  }
}

/** The lower parts of a document whose log is open. */
export class KeptParts implements BackedParts {
  private readonly kept: readonly Kept[]

  constructor(kept: readonly Kept[]) {
    this.kept = kept
  }

  /** Returns the part of that name; null for none. */
  find(name: string): KeptPart | null {
    return this.kept.find((one) => one.name === name)?.part ?? null
  }

  /** The parts as the document's sync sees them, in the order of their messages. */
  get synced(): SyncedPart[] {
    return this.kept.map(({ keeping: { messages }, part }) => ({
      messages,
      connect: (port) => part.connect(port),
      digest: () => part.digest(),
      onNews: (listener) => part.onNews(listener),
    }))
  }

  /** Their quotas, in the order in which they are opened. */
  get quotas(): readonly DocumentQuota[] {
    return this.kept.map(({ quota }) => quota)
  }

  /** The parts as the scrub sees them. */
  get scrubbed(): readonly ScrubTarget[] {
    return this.kept.map(({ part }) => part)
  }

  async *records(): AsyncGenerator<LowerRecord> {
    for (const { name, part } of this.kept)
      for await (const bytes of part.records()) yield { part: name, bytes }
  }

  async restore({ part, bytes }: LowerRecord): Promise<Restored> {
    return (await this.find(part)?.restore(bytes)) ?? 'refused'
  }

  /** Closes all parts. Resolves when everything is written. */
  async close(): Promise<void> {
    for (const { part, quota } of this.kept) {
      await part.close()
      quota.end()
    }
  }
}
