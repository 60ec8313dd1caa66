import type { SessionId } from '../format/version-vector'
import type { LoadedSessions } from '../load-sessions'
import type { MendedBy } from '../log-events'
import type { Origin } from '../log-writer'
import type { ScrubHost } from './corrections'
import type { DamagedSessions } from './damaged-sessions'
import { Repair } from './repair'
import { isCheckDue, Scrubber } from './scrubber'
import { TimeSlicer } from './time-slicer'

/** Pace of a check that somebody waits for, in ms. */
export const quick = { slice: 8, rest: 1 }

/** Checks the stored data of a log, and repairs it. It does not read the content. Rules S15 to S17. */
export class LogHealth {
  private readonly host: ScrubHost
  private readonly damaged: DamagedSessions
  private readonly scrubber: Scrubber
  private readonly repair: Repair

  /** Calls `onRepaired` when nothing is damaged any longer. */
  constructor(host: ScrubHost & { readonly onRepaired: (by: MendedBy) => void }) {
    this.host = host
    this.damaged = host.damaged
    this.scrubber = new Scrubber(host)
    const quickPace = () => new TimeSlicer({ clock: host.clock, ...quick })
    this.repair = new Repair({ host, scrubber: this.scrubber, quickPace, onRepaired: host.onRepaired })
  }

  /** A part of what was held here is not held any longer. */
  get isDamaged(): boolean {
    return !this.damaged.isEmpty
  }

  /** True while a check runs, or something is to be repaired. */
  get isBusy(): boolean {
    return this.isDamaged || this.scrubber.isChecking
  }

  /** Begins with what loading found. */
  begin({ damaged, lost, isSnapshotLost }: LoadedSessions): void {
    if (isSnapshotLost) this.host.write(this.damaged.addSnapshot())
    for (const [id, session] of lost) this.damaged.keepLost(id, session)
    for (const [id, target] of damaged) this.host.write(this.damaged.add(id, target))
    for (const id of damaged.keys()) this.repair.grown(id)
  }

  /** Resolves to true if a full check is due. */
  isDue(): Promise<boolean> {
    return isCheckDue(this.host)
  }

  /**
   * Checks the whole log, in slices; by default at the pace of a check that somebody waits for. Where that is under
   * way already, waits for it, at the faster of the two paces. Rejects with CLOSED or STORE_WRITE_FAILED.
   */
  check(pace = new TimeSlicer({ clock: this.host.clock, ...quick })): Promise<void> {
    return this.scrubber.check(pace)
  }

  /**
   * Accepts the loss of what is missing: what is held is all that counts, until more comes. Resolves when that is
   * noted. Rejects with STORE_WRITE_FAILED or CLOSED.
   */
  goOnWithout(): Promise<void> {
    return this.repair.goOnWithout()
  }

  /** Notes that a part of a session came. */
  received(id: SessionId, origin: Origin): void {
    this.repair.received(id, origin)
  }

  /** Notes that a session switched to another history that ends at `tip`. */
  switched(id: SessionId, tip: number): void {
    this.repair.switched(id, tip)
  }

  /** Notes that more of sessions is durable. */
  grown(sessions: Iterable<SessionId>): void {
    for (const id of sessions) this.repair.grown(id)
  }

  /** Begins nothing more. */
  end(): void {
    this.scrubber.end()
    this.repair.end()
  }

  /** Resolves when nothing is running, after `end`. */
  async idle(): Promise<void> {
    await this.scrubber.idle()
    await this.repair.idle()
  }
}
