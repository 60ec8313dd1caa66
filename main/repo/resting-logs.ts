import type { Clock, Timer } from '../base/environment'
import { fromHex } from '../base/hex'
import { SerialQueue } from '../base/serial-queue'
import type { DocumentQuota } from '../log/quota'
import type { Sync } from '../sync/sync'
import type { Announcing } from './announcing'
import type { HeldDocument } from './repo-document'

/** Ms for which nothing must have needed a log before it is closed. */
const restAfter = 60_000
/** Interval between two looks for such logs, and attempts to open one that could not be opened, in ms. */
const lookInterval = 60_000

/** A document whose log is closed. */
interface Resting {
  readonly announcing: Announcing
  /** Others' edits go on counting. */
  readonly quotas: readonly DocumentQuota[]
}

/** Dependencies of `RestingLogs`. */
export interface RestingLogsOptions {
  readonly clock: Clock
  readonly sync: Sync
  /** Resolves to true if the repo's user does without the open log of a document; null to leave all open. */
  readonly mayRest: ((id: string) => Promise<boolean>) | null
  /** Returns the documents whose logs are open. */
  readonly open: () => Iterable<HeldDocument>
  /** Returns false for a document that was dropped or closed since. */
  readonly isOpen: (held: HeldDocument) => boolean
  /** Opens a document's log if it is not open. Rejects with STORE_DAMAGED, or CLOSED for one that was dropped. */
  readonly wake: (id: string) => Promise<HeldDocument>
  /** Takes a document off those that are open, and closes its log. */
  readonly close: (held: HeldDocument) => Promise<void>
  /** Called when a log that is needed could not be opened; once until it could. */
  readonly onUnopened: (id: string, error: unknown) => void
}

/**
 * The documents of a repo whose logs are closed for want of anything to do: they are shared, announced and counted as
 * before, at a small part of the memory. Invariant: a log is closed only while no channel, no window, no edit of this
 * run, no damage and no work of the repo's user needs it. Decision 54.
 */
export class RestingLogs {
  private readonly options: RestingLogsOptions
  private readonly resting = new Map<string, Resting>()
  /** Those whose logs were needed and could not be opened. */
  private readonly unopened = new Set<string>()
  private readonly waking = new SerialQueue()
  private timer: Timer | null = null
  private holds = 0
  private stopped = false

  /** Does nothing before `start`. */
  constructor(options: RestingLogsOptions) {
    this.options = options
  }

  /** Begins to look for logs that nothing needs. */
  start(): void {
    const { clock, mayRest } = this.options
    if (mayRest && !this.stopped) this.timer = clock.set(lookInterval, () => void this.look())
  }

  /** Closes no further log. */
  stop(): void {
    this.stopped = true
    if (this.timer) this.options.clock.clear(this.timer)
    this.timer = null
  }

  /** Lets all logs that are open stay so until the returned function is called. */
  hold(): () => void {
    this.holds++
    let isOver = false
    return () => {
      if (!isOver) this.holds--
      isOver = true
    }
  }

  /** Closes the log of a document, unless something needs it, or it was asked for meanwhile. Never rejects. */
  async rest(held: HeldDocument): Promise<void> {
    const { sharing, id, needs } = held
    await sharing.peers.loaded
    if (!held.isIdle || !(await this.options.mayRest?.(id))) return
    if (this.stopped || this.holds > 0 || held.needs !== needs || !held.isIdle) return
    // Dropped meanwhile.
    if (!this.options.isOpen(held)) return
    const { quotas } = held
    for (const quota of quotas) quota.rest()
    this.resting.set(id, { announcing: sharing.sleep(() => this.wake(id)), quotas })
    await this.options.close(held)
  }

  /** The same for a log that was opened for a moment, unless somebody asked for its document since. */
  async restAgain(held: HeldDocument): Promise<void> {
    if (held.needs === 0) await this.rest(held)
  }

  /** Returns true for a document whose log is closed. */
  has(id: string): boolean {
    return this.resting.has(id)
  }

  /** Returns what goes on for a document whose log is closed, or being opened again; null for all others. */
  find(id: string): Resting | null {
    return this.resting.get(id) ?? null
  }

  /** Returns the documents whose logs are closed. */
  ids(): Iterable<string> {
    return this.resting.keys()
  }

  /** Announces a document whose log is closed, if it is. */
  share(id: string): void {
    this.resting.get(id)?.announcing.share()
  }

  /** Handles that the log of a document is open, whose open log shares it from now on. */
  woke(id: string): void {
    this.take(id)
  }

  /** Stops sharing a document if its log is closed. */
  end(id: string): void {
    const resting = this.take(id)
    if (!resting) return
    for (const quota of resting.quotas) quota.end()
    resting.announcing.end()
    this.options.sync.remove(fromHex(id))
  }

  /** Announces none of them any more. */
  endAnnouncing(): void {
    for (const { announcing } of this.resting.values()) announcing.end()
  }

  private take(id: string): Resting | null {
    const resting = this.find(id)
    this.resting.delete(id)
    this.unopened.delete(id)
    for (const quota of resting?.quotas ?? []) quota.wake()
    return resting
  }

  /** One after the other: a peer may have news of thousands at once. */
  private wake(id: string): Promise<void> {
    return this.waking.run(async () => {
      if (this.stopped) return
      await this.options.wake(id).catch((error) => this.failed(id, error))
    })
  }

  /** It goes on being shared, and is tried again. */
  private failed(id: string, error: unknown): void {
    if (this.stopped || !this.resting.has(id) || this.unopened.has(id)) return
    this.unopened.add(id)
    this.options.onUnopened(id, error)
  }

  private async look(): Promise<void> {
    const { clock, open } = this.options
    for (const held of [...open()]) if (held.idleFor(clock.uptime()) >= restAfter) await this.rest(held)
    for (const id of [...this.unopened]) await this.wake(id)
    this.start()
  }
}
