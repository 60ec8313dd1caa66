import type { Clock, Timer } from '../base/environment'
import { fromHex } from '../base/hex'
import { SerialQueue } from '../base/serial-queue'
import type { ProfileQuota } from '../log/quota'
import type { ScrubTarget } from '../log/scrub/scrub-schedule'
import type { TimeSlicer } from '../log/scrub/time-slicer'
import type { Store } from '../storage/store'
import type { Sync } from '../sync/sync'
import type { Announcing } from './announcing'
import { ClosedTarget } from './closed-target'
import type { HeldDocument } from './repo-document'

/** Ms for which nothing must have needed a log before it is closed. */
const restAfter = 60_000
/** Interval between two looks for such logs, in ms. */
const lookInterval = 60_000

/** A document whose log is closed. */
interface Resting {
  readonly announcing: Announcing
  /** Bytes of others' edits, which go on counting. */
  readonly size: number
}

/** Dependencies of `RestingLogs`. */
export interface RestingLogsOptions {
  readonly clock: Clock
  readonly store: Store
  readonly quota: ProfileQuota
  readonly sync: Sync
  /** Resolves to true if the repo's user does without the open log of a document; null to leave all open. */
  readonly mayRest: ((id: string) => Promise<boolean>) | null
  /** Returns the documents whose logs are open. */
  readonly open: () => Iterable<HeldDocument>
  /** Opens a document's log if it is not open. Rejects with STORE_DAMAGED, or CLOSED for one that was dropped. */
  readonly wake: (id: string) => Promise<HeldDocument>
  /** Takes a document off those that are open, and closes its log. */
  readonly close: (held: HeldDocument) => Promise<void>
}

/**
 * The documents of a repo whose logs are closed for want of anything to do: they are shared, announced and counted as
 * before, at a small part of the memory. Invariant: a log is closed only while no channel, no window, no edit of this
 * run, no damage and no work of the repo's user needs it. Decision 54.
 */
export class RestingLogs {
  private readonly options: RestingLogsOptions
  private readonly resting = new Map<string, Resting>()
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
    const { quota, sharing, id } = held
    const { needs } = held
    await sharing.peers.loaded
    if (!held.isIdle || !(await this.options.mayRest?.(id))) return
    if (this.stopped || this.holds > 0 || held.needs !== needs || !held.isIdle) return
    const size = quota.taken
    this.options.quota.hold(size)
    this.resting.set(id, { announcing: sharing.sleep(() => this.wake(id)), size })
    await this.options.close(held)
  }

  /** Returns true for a document whose log is closed. */
  has(id: string): boolean {
    return this.resting.has(id)
  }

  /** Announces a document whose log is closed, if it is. */
  share(id: string): void {
    this.resting.get(id)?.announcing.share()
  }

  /** Returns what announced a document while its log was closed, once it is open; null for one that was not. */
  take(id: string): Announcing | null {
    const resting = this.resting.get(id)
    if (!resting) return null
    this.resting.delete(id)
    this.options.quota.hold(-resting.size)
    return resting.announcing
  }

  /** Shares a document no more whose log is closed, if it is. */
  end(id: string): void {
    const announcing = this.take(id)
    if (!announcing) return
    announcing.end()
    this.options.sync.remove(fromHex(id))
  }

  /** Announces none of them any more. */
  endAnnouncing(): void {
    for (const { announcing } of this.resting.values()) announcing.end()
  }

  /** Returns the documents for the scrub, which opens one log after the other. */
  get scrubbed(): ScrubTarget[] {
    const { store, clock } = this.options
    const check = (id: string) => (pace: TimeSlicer) => this.check(id, pace)
    return [...this.resting.keys()].map((id) => new ClosedTarget({ id, store, clock, check: check(id) }))
  }

  /** One after the other: a peer may have news of thousands at once. Who opens the document itself gets the error. */
  private wake(id: string): Promise<void> {
    return this.waking.run(async () => {
      await this.options.wake(id).catch(() => undefined)
    })
  }

  private async look(): Promise<void> {
    const { clock, open } = this.options
    for (const held of [...open()]) if (held.idleFor(clock.uptime()) >= restAfter) await this.rest(held)
    this.start()
  }

  private async check(id: string, pace: TimeSlicer): Promise<void> {
    const held = await this.options.wake(id)
    for (const target of [held.log, ...held.parts.scrubbed]) {
      await target.health.check(pace)
      await target.idle()
    }
    await this.rest(held)
  }
}
