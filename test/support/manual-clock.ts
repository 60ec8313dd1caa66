import type { Clock, Timer } from '../../main/base/environment'

interface Entry {
  readonly at: number
  readonly order: number
  readonly run: () => void
  readonly owner: object
}

/** Lets everything that waits for no timer happen: promises, and what was put off to the next turn. */
export async function quiet(turns = 4): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Clock that moves only when a test advances it. */
export class ManualClock implements Clock {
  private time = 1_700_000_000_000
  private order = 0
  private readonly entries = new Set<Entry>()

  now(): number {
    return this.time
  }

  uptime(): number {
    return this.time
  }

  set(delay: number, run: () => void): Timer {
    return this.add(delay, run, this)
  }

  clear(timer: Timer): void {
    this.entries.delete(timer as Entry)
  }

  /** A clock with the same time whose timers can all be dropped at once, as when a process dies. */
  ownedBy(owner: object): Clock {
    return {
      now: () => this.time,
      uptime: () => this.time,
      set: (delay, run) => this.add(delay, run, owner),
      clear: (timer) => this.clear(timer),
    }
  }

  /** Ms until the next timer fires; null when none is set. */
  get nextIn(): number | null {
    const times = [...this.entries].map(({ at }) => at - this.time)
    return times.length > 0 ? Math.min(...times) : null
  }

  /** Drops all timers of an owner. */
  drop(owner: object): void {
    for (const entry of this.entries) if (entry.owner === owner) this.entries.delete(entry)
  }

  /** Moves the time on by `span` ms at once, as for a machine that slept: what was due meanwhile is due now. */
  jump(span: number): void {
    this.time += span
  }

  /** Moves the time on by `span` ms at once and fires the timers due then, without waiting for any work. */
  tick(span: number): void {
    this.time += span
    for (const entry of this.due()) if (this.entries.delete(entry)) entry.run()
  }

  /** Moves the time on by `span` ms, firing timers in order and letting each one's work be done. */
  async advance(span: number): Promise<void> {
    const until = this.time + span
    await quiet()
    for (let next = this.next(until); next; next = this.next(until)) {
      this.time = Math.max(this.time, next.at)
      for (const entry of this.due()) {
        if (!this.entries.delete(entry)) continue
        entry.run()
      }
      await quiet()
    }
    this.time = until
  }

  private add(delay: number, run: () => void, owner: object): Entry {
    const entry = { at: this.time + Math.max(0, delay), order: this.order++, run, owner }
    this.entries.add(entry)
    return entry
  }

  private due(): Entry[] {
    return [...this.entries]
      .filter((entry) => entry.at <= this.time)
      .sort((a, b) => a.at - b.at || a.order - b.order)
  }

  private next(until: number): Entry | null {
    let first: Entry | null = null
    for (const entry of this.entries)
      if (
        entry.at <= until &&
        (!first || entry.at < first.at || (entry.at === first.at && entry.order < first.order))
      )
        first = entry
    return first
  }
}
