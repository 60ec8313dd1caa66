import { Debounce } from '../base/debounce'
import type { Clock } from '../base/environment'
import type { Network } from '../network/network'

/** Delay from a change to the network's notice of it, in ms: many changes follow each other. */
const noticeDelay = 1_000

/** Dependencies of `Announcing`, and the state of the document at first. */
export interface AnnouncingOptions {
  readonly network: Network
  readonly clock: Clock
  readonly topic: Uint8Array
  /** Others may have the document or a link to it. */
  readonly isShared: boolean
  /** When the document last changed here, in ms since the Unix epoch; 0 for never. */
  readonly changedAt: number
}

/** Announces a document by its topic, as much as it matters, from the time when it is shared. Rules N20, N26. */
export class Announcing {
  private readonly options: AnnouncingOptions
  private readonly notice: Debounce
  private changedAt: number
  private isOpen = false
  private isShared: boolean
  private joined = ''
  private ended = false
  private isUnheld: () => boolean

  /** `isUnheld` returns true if the document has edits that nobody else is known to hold. */
  constructor(options: AnnouncingOptions, isUnheld: () => boolean) {
    this.options = options
    this.isUnheld = isUnheld
    this.changedAt = options.changedAt
    this.isShared = options.isShared
    this.notice = new Debounce(options.clock, () => this.join())
    this.join()
  }

  /** Others may have the document or a link to it from now on. */
  share(): void {
    this.isShared = true
    this.join()
  }

  /** Sets whether the person has the document open. */
  setOpen(isOpen: boolean): void {
    this.isOpen = isOpen
    this.join()
  }

  /** Goes on as it is while the log is closed. */
  rest(): void {
    const isUnheld = this.isUnheld()
    this.isUnheld = () => isUnheld
    this.notice.cancel()
    this.join()
  }

  /** Follows the log that was opened again. */
  wake(isUnheld: () => boolean): void {
    this.isUnheld = isUnheld
    // It is not known yet if others hold the edits: that is read now.
    this.heard()
  }

  /** Handles that something was stored. */
  changed(): void {
    this.changedAt = this.options.clock.now()
    this.notice.signal(noticeDelay)
  }

  /** Handles that what others hold may have changed. */
  heard(): void {
    this.notice.signal(noticeDelay)
  }

  /** Announces the document no more. Idempotent. */
  end(): void {
    this.ended = true
    this.notice.cancel()
    if (this.joined) this.options.network.leave(this.options.topic)
    this.joined = ''
  }

  private join(): void {
    if (!this.isShared || this.ended) return
    const { network, topic } = this.options
    const interest = { open: this.isOpen, unheld: this.isUnheld(), changedAt: this.changedAt }
    const joined = JSON.stringify(interest)
    if (joined === this.joined) return
    this.joined = joined
    network.join(topic, interest)
  }
}
