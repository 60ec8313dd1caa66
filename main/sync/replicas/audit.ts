import type { Environment } from '../../base/environment'
import type { SessionId } from '../../log/format/version-vector'
import type { LocalState } from '../state/local-state'
import type { RemoteState } from '../state/remote-state'
import { maxSpotSegments, type Spot } from './possession'
import { maxSpots } from './signed-receipt'

/** Span for which a peer's claims of others' edits count after a proof, in ms. Rule W73. */
const auditInterval = 30_000
/** Maximum number of sessions with unequal tips in one audit: their tips have to be read from the disk. */
const maxUneven = 32
/** Number of sessions of which bytes are picked at random in each audit. */
const picks = 4

/**
 * Tracks which of the local segments one peer has proven to store, and picks what it proves next: everything
 * once, then changes, with bytes of some sessions picked at random. Has no timer. Rule W73.
 */
export class Audit {
  private readonly local: LocalState
  private readonly remote: RemoteState
  private readonly random: Environment['random']
  /** Proven tip of each session. */
  private readonly provenTips = new Map<SessionId, number>()
  private isAllProven = false
  private allProvenAt = Number.NEGATIVE_INFINITY
  /** True if the last question asked for everything that was left to prove. */
  private asksAll = false
  /** True if something changed since nothing was found to be left to prove. */
  private isTouched = true

  constructor(options: { local: LocalState; remote: RemoteState; environment: Environment }) {
    this.local = options.local
    this.remote = options.remote
    this.random = options.environment.random
  }

  /** True if the peer proved everything that it claimed, or nothing is stored here. */
  get isPassed(): boolean {
    return this.isAllProven || this.local.vector.size === 0
  }

  /** Must be called when either side's state changed. */
  touch(): void {
    this.isTouched = true
  }

  /** Returns true if something may be left to prove besides the sessions to be signed. Cheap. */
  mayBeDue(now: number): boolean {
    return this.isTouched && !(this.isAllProven && Math.abs(now - this.allProvenAt) < auditInterval)
  }

  /** Returns true if something is left to prove. Examines all sessions. */
  private isDue(now: number): boolean {
    if (!this.mayBeDue(now)) return false
    this.isTouched = this.unproven().next().done === false
    return this.isTouched
  }

  /**
   * Picks the spots to ask for, `maxSpots` at most. First come those of `sessions`, which are to be signed for
   * and are mapped to their signed tips; `signed` is the number of those.
   */
  spots(sessions: ReadonlyMap<SessionId, number>, now: number): { signed: number; spots: Spot[] } {
    const spots = this.toSign(sessions)
    const signed = spots.size
    this.asksAll = this.isDue(now)
    if (this.asksAll) this.addUnproven(spots)
    return { signed, spots: [...spots.values()] }
  }

  private toSign(sessions: ReadonlyMap<SessionId, number>): Map<SessionId, Spot> {
    const spots = new Map<SessionId, Spot>()
    const room = this.room()
    for (const [session, after] of sessions) {
      const tip = this.commonTip(session)
      if (tip > 0 && room(session)) spots.set(session, { session, tip, from: this.pick(session, after, tip) })
    }
    return spots
  }

  private addUnproven(spots: Map<SessionId, Spot>): void {
    const signed = new Set(spots.keys())
    const room = this.room(signed)
    for (const [session, tip] of this.unproven()) {
      if (spots.size >= maxSpots - picks) {
        this.asksAll = false
        break
      }
      if (spots.has(session)) continue
      if (room(session)) spots.set(session, { session, from: 0, tip })
      else this.asksAll = false
    }
    const sessions = [...this.local.vector.keys()]
    for (let count = 0; count < picks; count++) {
      const session = sessions[this.below(sessions.length)] ?? ''
      const tip = this.commonTip(session)
      if (tip > 0 && !signed.has(session))
        spots.set(session, { session, tip, from: this.pick(session, 0, tip) })
    }
  }

  /** Returns a function that admits sessions until `maxUneven`, with `sessions`, have unequal tips. */
  private room(sessions: Iterable<SessionId> = []): (session: SessionId) => boolean {
    const isUneven = (session: SessionId) => this.remote.tip(session) !== this.local.durableTip(session)
    let uneven = [...sessions].filter(isUneven).length
    return (session) => !isUneven(session) || ++uneven <= maxUneven
  }

  /** Records that the peer proved the spots that it was asked for, up to the tips in `found`. */
  recordProof(asked: readonly Spot[], found: readonly Spot[], now: number): void {
    let isWhole = true
    for (const [place, { session, tip }] of asked.entries()) {
      const held = found[place]?.tip ?? 0
      if (held < tip) isWhole = false
      this.provenTips.set(session, Math.max(held, this.provenTips.get(session) ?? 0))
    }
    if (!this.asksAll || !isWhole) return
    this.isAllProven = true
    this.allProvenAt = now
  }

  /** Records that the peer did not prove what it was asked for: everything has to be proven again. */
  recordFailure(): void {
    this.isAllProven = false
    this.isTouched = true
    this.provenTips.clear()
  }

  /** Sessions of which more is claimed than proven, with the tip that both sides have. */
  private *unproven(): Generator<readonly [SessionId, number]> {
    for (const session of this.local.vector.keys()) {
      const tip = this.commonTip(session)
      if (tip > (this.provenTips.get(session) ?? 0)) yield [session, tip]
    }
  }

  /** Returns the tip of a session that both sides have, by the peer's claims; 0 where the histories differ. */
  private commonTip(session: SessionId): number {
    if (this.remote.differs(session)) return 0
    return Math.min(this.remote.tip(session), this.local.durableTip(session))
  }

  /** Picks a change past `after` from which bytes are to be proven; 0 where no segments are in common there. */
  private pick(session: SessionId, after: number, tip: number): number {
    const low = Math.max(after, this.local.base(session), this.remote.base(session))
    if (low >= tip) return 0
    return tip - low <= maxSpotSegments ? low + 1 : low + 1 + this.below(tip - low)
  }

  private below(bound: number): number {
    return bound <= 1 ? 0 : this.random(6).readUIntLE(0, 6) % bound
  }
}
