import type { DocumentLog } from '../log/document-log'
import type { DocumentQuota } from '../log/quota'
import type { DocumentSync } from '../sync/document-sync'
import type { KeptParts } from './kept-parts'
import type { LogSharing } from './log-sharing'

/** A document whose log is open and shared. */
export interface RepoDocument {
  /** Hex. */
  readonly id: string
  readonly log: DocumentLog
  readonly quota: DocumentQuota
  /** The document's data beside its log. */
  readonly parts: KeptParts
  /** The peers that are present now: another object after each reconnection. */
  readonly peers: DocumentSync
  /** Announces the document from now on: others may have it or a link to it. */
  share(): void
  /** Notes whether the person has the document open: one that is open is announced and looked up before others. */
  setOpen(isOpen: boolean): void
}

/** A class, since thousands are kept: an object literal with a getter has properties of its own each time. */
export class HeldDocument implements RepoDocument {
  readonly id: string
  readonly log: DocumentLog
  readonly quota: DocumentQuota
  readonly parts: KeptParts
  readonly sharing: LogSharing
  /** Uptime in ms at which something needed the log last. */
  private neededAt: number
  private isOpen = false
  private asked = 0

  /** `now`: the uptime in ms. */
  constructor(options: Pick<HeldDocument, 'id' | 'log' | 'quota' | 'parts' | 'sharing'>, now: number) {
    this.id = options.id
    this.log = options.log
    this.quota = options.quota
    this.parts = options.parts
    this.sharing = options.sharing
    this.neededAt = now
  }

  get peers(): DocumentSync {
    return this.sharing.peers
  }

  share(): void {
    this.sharing.share()
  }

  setOpen(isOpen: boolean): void {
    this.isOpen = isOpen
    this.sharing.setOpen(isOpen)
  }

  /** How often somebody asked for the document. */
  get needs(): number {
    return this.asked
  }

  /** Notes that somebody asked for the document. */
  need(now: number): void {
    this.asked++
    this.used(now)
  }

  /** Notes that the log was of use; what follows from it may take a moment. */
  used(now: number): void {
    this.neededAt = now
  }

  /** Ms for which nothing has needed the log, at the uptime `now`. */
  idleFor(now: number): number {
    if (!this.isIdle) this.neededAt = now
    return now - this.neededAt
  }

  /** The quotas that are to count on while the log is closed: its own, then those of the parts. */
  get quotas(): readonly DocumentQuota[] {
    return [this.quota, ...this.parts.quotas]
  }

  /** True while closing the log loses nothing, and nobody would open it again at once. */
  get isIdle(): boolean {
    return !this.isOpen && this.log.isIdle && this.sharing.isIdle
  }

  /** Closes the log and all parts. Resolves when everything is written. */
  async close(): Promise<void> {
    await this.log.close()
    await this.parts.close()
  }
}
