import type { Clock, Timer } from '../../base/environment'
import type { SessionId } from '../../log/format/version-vector'

/** Silence of the requested peer after which another is asked, in ms. Rule W35. */
const silenceLimit = 15_000
/** Span for one request of a session when other peers could fulfil it too, in ms. */
const requestLimit = 120_000
/** Wait for a session that may arrive unasked, in ms. */
const arrivalGrace = 150
/** Wait for more of a session that arrived unasked, in ms: the connection can be slow. */
const followGrace = 3_000
/** Wait before a session is requested again of which a part did not arrive, in ms. */
const gapLimit = 1_000

/** A peer from which segments can be requested. */
export interface SegmentSource {
  /** Returns the tip to which its segments can extend a session from here, by its claims; 0 for not at all. */
  reach(session: SessionId): number
  /** Time at which it last sent something useful, in ms. */
  readonly lastProgressAt: number
  /** Requests sessions, each after its accepted tip. */
  request(sessions: readonly SessionId[]): void
  /** Called when it did not deliver a session that it claims. */
  onTimeout(session: SessionId): void
}

interface Request {
  readonly source: SegmentSource
  readonly at: number
  /** True once a segment arrived that does not follow the accepted tip. */
  hasGap: boolean
}

/**
 * Requests each session that is behind from one peer at a time, and spreads the load over the peers. Invariants:
 * 1. `requests` has sessions of `behind` only.
 * 2. Nothing is requested while `pausers` is not empty.
 */
export class SegmentScheduler {
  private readonly clock: Clock
  private readonly acceptedTip: (session: SessionId) => number
  private readonly sources: () => readonly SegmentSource[]
  private readonly behind = new Set<SessionId>()
  private readonly requests = new Map<SessionId, Request>()
  /** Time at which more of a session became durable, in ms; entries older than `followGrace` do not matter. */
  private readonly arrivals = new Map<SessionId, number>()
  /** Sessions with a gap that were not requested since: more of them does not arrive unasked. */
  private readonly gaps = new Set<SessionId>()
  private readonly timeouts = new WeakMap<SegmentSource, number>()
  /** Objects on whose behalf requests are paused; the scheduler itself while dropped segments wait. */
  private readonly pausers = new Set<object>()
  private timer: Timer | null = null
  private timerAt = 0
  private isPlanned = false
  private isClosed = false

  constructor(options: {
    clock: Clock
    acceptedTip: (session: SessionId) => number
    /** Returns the peers that can be asked now. */
    sources: () => readonly SegmentSource[]
  }) {
    this.clock = options.clock
    this.acceptedTip = options.acceptedTip
    this.sources = options.sources
  }

  /** Notes that a peer claims more of a session than is here; `unasked`: it may arrive by itself. */
  noteBehind(session: SessionId, unasked: boolean): void {
    this.behind.add(session)
    if (unasked) this.runIn(arrivalGrace)
    else this.plan()
  }

  /** Notes that a segment of a session arrived that does not follow the accepted tip. */
  noteGap(session: SessionId): void {
    const request = this.requests.get(session)
    if (request) request.hasGap = true
    this.gaps.add(session)
    this.noteBehind(session, true)
  }

  /** Notes that a segment was dropped since the log could not take it: pauses requests until `retryDropped`. */
  noteDropped(session: SessionId): void {
    this.pausers.add(this)
    this.requests.delete(session)
    this.behind.add(session)
  }

  /** Resumes requests after dropped segments. */
  retryDropped(): void {
    this.resume(this)
  }

  /** Pauses requests until `resume` is called for the same object. */
  pause(pauser: object): void {
    this.pausers.add(pauser)
  }

  /** Ends the pause on behalf of an object. */
  resume(pauser: object): void {
    if (this.pausers.delete(pauser)) this.plan()
  }

  /** Notes that more of a session became durable. */
  onStored(session: SessionId): void {
    this.arrivals.set(session, this.clock.now())
    const tip = this.acceptedTip(session)
    if (this.sources().some((source) => source.reach(session) > tip)) return
    this.remove(session)
    this.gaps.delete(session)
  }

  /** Drops a source that is gone; others are asked for what was requested from it. */
  removeSource(source: SegmentSource): void {
    // It may have been the peer that delivered them.
    this.arrivals.clear()
    for (const [session, request] of this.requests) {
      if (request.source !== source) continue
      this.requests.delete(session)
      this.noteBehind(session, false)
    }
  }

  /** Checks pending requests for progress. Must be called every few seconds. */
  check(): void {
    for (const [session, at] of this.arrivals)
      if (this.clock.now() - at >= followGrace) this.arrivals.delete(session)
    if (this.behind.size > 0) this.run()
  }

  close(): void {
    this.isClosed = true
    if (this.timer) this.clock.clear(this.timer)
  }

  private plan(): void {
    if (this.isPlanned) return
    this.isPlanned = true
    queueMicrotask(() => {
      this.isPlanned = false
      this.run()
    })
  }

  private runIn(delay: number): void {
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
    if (this.isClosed || this.pausers.size > 0) return
    const sources = [...this.sources()]
    const load = new Map(sources.map((source) => [source, 0]))
    const addLoad = (source: SegmentSource) => load.set(source, (load.get(source) ?? 0) + 1)
    for (const { source } of this.requests.values()) addLoad(source)
    const batches = new Map<SegmentSource, SessionId[]>()
    for (const session of this.behind) {
      const tip = this.acceptedTip(session)
      const able = sources.filter((source) => source.reach(session) > tip)
      if (this.isAwaited(session, able)) continue
      this.gaps.delete(session)
      const best = this.best(able, load)
      if (!best) {
        this.remove(session)
        continue
      }
      addLoad(best)
      this.requests.set(session, { source: best, at: this.clock.now(), hasGap: false })
      append(batches, best, session)
    }
    for (const [source, sessions] of batches) source.request(sessions)
  }

  private remove(session: SessionId): void {
    this.behind.delete(session)
    this.requests.delete(session)
  }

  /** Returns true if a session may still arrive. Removes a source that took too long from `able`. */
  private isAwaited(session: SessionId, able: SegmentSource[]): boolean {
    const request = this.requests.get(session)
    if (!request) return this.isArriving(session)
    const { source, at, hasGap } = request
    if (!able.includes(source)) return false
    const now = this.clock.now()
    if (hasGap) {
      if (now - at >= gapLimit) return false
      this.runIn(gapLimit)
      return true
    }
    const isSilent = now - Math.max(at, source.lastProgressAt) >= silenceLimit
    if (!isSilent && (now - at < requestLimit || able.length === 1)) return true
    able.splice(able.indexOf(source), 1)
    if (isSilent) {
      this.timeouts.set(source, (this.timeouts.get(source) ?? 0) + 1)
      source.onTimeout(session)
    }
    return false
  }

  /** Returns true if a session arrives unasked, so that a request would only fetch it twice. */
  private isArriving(session: SessionId): boolean {
    if (this.gaps.has(session)) return false
    const age = this.clock.now() - (this.arrivals.get(session) ?? Number.NEGATIVE_INFINITY)
    // Below 0 only when the clock was set back.
    if (age < 0 || age >= followGrace) return false
    this.runIn(followGrace - age)
    return true
  }

  private best(
    able: readonly SegmentSource[],
    load: ReadonlyMap<SegmentSource, number>,
  ): SegmentSource | null {
    const cost = (source: SegmentSource) => (this.timeouts.get(source) ?? 0) * 1_000 + (load.get(source) ?? 0)
    let best: SegmentSource | null = null
    for (const source of able) if (!best || cost(source) < cost(best)) best = source
    return best
  }
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}
