import type { Clock, Timer } from '../../base/environment'
import type { SessionId } from '../../log/format/version-vector'

/** How long a peer that was asked may give nothing before another is asked, in ms. Rule W35. */
const wantLimit = 15_000
/** How long all of one session may take when others could give it too, in ms. */
const longestWant = 120_000
/** How long to wait for a session that may arrive unasked, in ms. */
const arrivalGrace = 150
/** How long to wait for more of what has just arrived by itself, in ms: a line can hold it up. */
const followGrace = 3_000
/** How soon a session is asked for again of which a part did not arrive, in ms. */
const gapLimit = 1_000

/** A peer that can be asked. */
export interface Source {
  /** Up to where it can bring a session, as it says. */
  claim(session: SessionId): number
  /** When it last gave something of use, in ms. */
  readonly lastProgressAt: number
  /** Asks for sessions, each after what is accepted here. */
  want(sessions: readonly SessionId[]): void
  /** Called when it did not deliver a session that it claims to hold. */
  doubt(session: SessionId): void
}

interface Want {
  readonly source: Source
  readonly at: number
  /** A part did not arrive. */
  gapped: boolean
}

/** Requests each session from one peer at a time, and spreads the load over the peers that hold it. */
export class SegmentScheduler {
  private readonly clock: Clock
  private readonly acceptedTip: (session: SessionId) => number
  private readonly sources: () => Iterable<Source>
  private readonly behind = new Set<SessionId>()
  private readonly wants = new Map<SessionId, Want>()
  /** When more of a session became durable last, in ms; only what is younger than `followGrace` matters. */
  private readonly arrivals = new Map<SessionId, number>()
  /** Sessions of which a part did not arrive, and that were not asked for since: no more of them comes by itself. */
  private readonly gapped = new Set<SessionId>()
  private readonly failures = new WeakMap<Source, number>()
  private timer: Timer | null = null
  private timerAt = 0
  private planned = false
  private paused = false
  /** Objects that pause requests, such as while a snapshot is being fetched. */
  private readonly holders = new Set<object>()
  private closed = false

  constructor(options: {
    clock: Clock
    acceptedTip: (session: SessionId) => number
    sources: () => Iterable<Source>
  }) {
    this.clock = options.clock
    this.acceptedTip = options.acceptedTip
    this.sources = options.sources
  }

  /** A peer holds more of a session than is here; `soon`: it may arrive unasked. */
  note(session: SessionId, soon: boolean): void {
    this.behind.add(session)
    if (soon) this.later(arrivalGrace)
    else this.plan()
  }

  /** A segment of a session arrived that does not follow what is here. */
  noteGap(session: SessionId): void {
    const want = this.wants.get(session)
    if (want) want.gapped = true
    this.gapped.add(session)
    this.note(session, true)
  }

  /** Pauses requests until `resume`, since a segment of the session could not be taken now. */
  pause(session: SessionId): void {
    this.paused = true
    this.wants.delete(session)
    this.behind.add(session)
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.plan()
  }

  /** Pauses requests until `release` is called for the same holder. */
  hold(holder: object): void {
    this.holders.add(holder)
  }

  release(holder: object): void {
    if (this.holders.delete(holder)) this.plan()
  }

  /** More of a session became durable. */
  stored(session: SessionId): void {
    this.arrivals.set(session, this.clock.now())
    const tip = this.acceptedTip(session)
    for (const source of this.sources()) if (source.claim(session) > tip) return
    this.behind.delete(session)
    this.wants.delete(session)
    this.gapped.delete(session)
  }

  /** A source went away: what it was asked for is asked of others. */
  left(source: Source): void {
    // It may have been the peer that delivered them.
    this.arrivals.clear()
    for (const [session, want] of this.wants) {
      if (want.source !== source) continue
      this.wants.delete(session)
      this.note(session, false)
    }
  }

  /** Checks the pending requests for progress. To be called every few seconds. */
  check(): void {
    for (const [session, at] of this.arrivals)
      if (this.clock.now() - at >= followGrace) this.arrivals.delete(session)
    if (this.behind.size > 0) this.run()
  }

  close(): void {
    this.closed = true
    if (this.timer) this.clock.clear(this.timer)
  }

  private plan(): void {
    if (this.planned) return
    this.planned = true
    queueMicrotask(() => {
      this.planned = false
      this.run()
    })
  }

  private later(delay: number): void {
    const at = this.clock.now() + delay
    if (this.timer && this.timerAt <= at) return
    if (this.timer) this.clock.clear(this.timer)
    this.timerAt = at
    this.timer = this.clock.set(delay, () => {
      this.timer = null
      this.run()
    })
  }

  private run(): void {
    if (this.paused || this.closed || this.holders.size > 0) return
    const sources = [...this.sources()]
    const load = new Map<Source, number>()
    for (const { source } of this.wants.values()) load.set(source, (load.get(source) ?? 0) + 1)
    const asked = new Map<Source, SessionId[]>()
    for (const session of this.behind) {
      const tip = this.acceptedTip(session)
      const able = sources.filter((source) => source.claim(session) > tip)
      if (this.isAwaited(session, able)) continue
      this.gapped.delete(session)
      const best = this.best(able, load)
      if (best) {
        load.set(best, (load.get(best) ?? 0) + 1)
        this.wants.set(session, { source: best, at: this.clock.now(), gapped: false })
        const sessions = asked.get(best)
        if (sessions) sessions.push(session)
        else asked.set(best, [session])
      } else {
        this.behind.delete(session)
        this.wants.delete(session)
      }
    }
    for (const [source, sessions] of asked) source.want(sessions)
  }

  /** True if the peer that was asked may still deliver. Removes one that took too long from `able`. */
  private isAwaited(session: SessionId, able: Source[]): boolean {
    const want = this.wants.get(session)
    if (!want) return this.isArriving(session)
    if (!able.includes(want.source)) return false
    const now = this.clock.now()
    const silence = now - Math.max(want.at, want.source.lastProgressAt)
    if (want.gapped) {
      if (now - want.at >= gapLimit) return false
      this.later(gapLimit)
      return true
    }
    const gaveUp = silence >= wantLimit
    if (!gaveUp && (now - want.at < longestWant || able.length === 1)) return true
    able.splice(able.indexOf(want.source), 1)
    if (gaveUp) {
      this.failures.set(want.source, (this.failures.get(want.source) ?? 0) + 1)
      want.source.doubt(session)
    }
    return false
  }

  /** True if a session arrives unasked, so that a request would only fetch it twice. */
  private isArriving(session: SessionId): boolean {
    if (this.gapped.has(session)) return false
    const age = this.clock.now() - (this.arrivals.get(session) ?? Number.NEGATIVE_INFINITY)
    // Below 0 only when the clock was set back.
    if (age < 0 || age >= followGrace) return false
    this.later(followGrace - age)
    return true
  }

  private best(able: readonly Source[], load: ReadonlyMap<Source, number>): Source | null {
    let best: Source | null = null
    const cost = (source: Source) => (this.failures.get(source) ?? 0) * 1_000 + (load.get(source) ?? 0)
    for (const source of able) if (!best || cost(source) < cost(best)) best = source
    return best
  }
}
