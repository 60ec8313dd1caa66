import type { Environment } from '../../base/environment'
import type { SessionId } from '../../log/format/version-vector'
import type { LocalState } from '../state/local-state'
import type { RemoteState } from '../state/remote-state'
import { maxSpotSegments, type Spot } from './possession'
import { maxSpots } from './signed-receipt'

/** How long a peer's claims of others' edits count after a proof, in ms. Rule W73. */
export const auditInterval = 30_000
/** Sessions with unequal tips in one audit: their ends have to be read from a disk. */
const maxUneven = 32
/** Sessions of which bytes are picked at random in each audit. */
const picks = 4

/**
 * Tracks which of the segments held here one peer has proven to hold, and picks what it proves next:
 * everything once, then changes, with bytes of some sessions picked at random. Keeps no timer. Rule W73.
 */
export class Audit {
  private readonly holdings: LocalState
  private readonly claims: RemoteState
  private readonly random: Environment['random']
  /** Up to where each session was proven. */
  private readonly proven = new Map<SessionId, number>()
  private all = false
  private allAt = Number.NEGATIVE_INFINITY
  /** The last question asked for all that was left to prove. */
  private asksAll = false
  /** Something changed since the last look found nothing left to prove. */
  private touched = true

  constructor(options: { holdings: LocalState; claims: RemoteState; environment: Environment }) {
    this.holdings = options.holdings
    this.claims = options.claims
    this.random = options.environment.random
  }

  /** The peer proved all that it claimed, and nothing since says otherwise. Where nothing is held, nothing is proven. */
  get isPassed(): boolean {
    return this.all || this.holdings.vector.size === 0
  }

  /** To be called when more is held on one of the two sides, or less. */
  touch(): void {
    this.touched = true
  }

  /** Returns true if something may be left to prove besides the sessions to be signed. Costs nothing. */
  mayBeDue(now: number): boolean {
    return this.touched && !(this.all && Math.abs(now - this.allAt) < auditInterval)
  }

  /** Returns true if something is left to prove; looks at all sessions. */
  private isDue(now: number): boolean {
    if (!this.mayBeDue(now)) return false
    this.touched = this.unproven().next().done === false
    return this.touched
  }

  /**
   * Picks the spots to ask for now, `maxSpots` at most. First come those of `sessions`, which are to be
   * signed for and map to the number up to which each is signed by now; `signed` is the number of those.
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
      const tip = this.shared(session)
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
    const sessions = [...this.holdings.vector.keys()]
    for (let count = 0; count < picks; count++) {
      const session = sessions[this.below(sessions.length)] ?? ''
      const tip = this.shared(session)
      if (tip > 0 && !signed.has(session))
        spots.set(session, { session, tip, from: this.pick(session, 0, tip) })
    }
  }

  /** Returns a function that admits sessions beside `sessions` until `maxUneven` of all are uneven. */
  private room(sessions: Iterable<SessionId> = []): (session: SessionId) => boolean {
    const isUneven = (session: SessionId) => this.claims.tip(session) !== this.holdings.durableTip(session)
    let uneven = [...sessions].filter(isUneven).length
    return (session) => !isUneven(session) || ++uneven <= maxUneven
  }

  /** The peer proved what it was asked for, up to the tips in `found`. */
  passed(asked: readonly Spot[], found: readonly Spot[], now: number): void {
    let whole = true
    for (const [place, { session, tip }] of asked.entries()) {
      const held = found[place]?.tip ?? 0
      if (held < tip) whole = false
      this.proven.set(session, Math.max(held, this.proven.get(session) ?? 0))
    }
    if (!this.asksAll || !whole) return
    this.all = true
    this.allAt = now
  }

  /** It did not prove what it was asked for: all of it has to be proven again. */
  failed(): void {
    this.all = false
    this.touched = true
    this.proven.clear()
  }

  /** Sessions of which more is claimed than proven, as far as they are held here, with up to where both hold them. */
  private *unproven(): Generator<readonly [SessionId, number]> {
    for (const session of this.holdings.vector.keys()) {
      const tip = this.shared(session)
      if (tip > (this.proven.get(session) ?? 0)) yield [session, tip]
    }
  }

  /** Up to where both hold a session, as the peer says; 0 where it is of another history. */
  private shared(session: SessionId): number {
    if (this.claims.differs(session)) return 0
    return Math.min(this.claims.tip(session), this.holdings.durableTip(session))
  }

  /** The change past `after` from which bytes are to be proven; 0 where the two have no segments in common there. */
  private pick(session: SessionId, after: number, tip: number): number {
    const low = Math.max(after, this.holdings.base(session), this.claims.base(session))
    if (low >= tip) return 0
    return tip - low <= maxSpotSegments ? low + 1 : low + 1 + this.below(tip - low)
  }

  private below(bound: number): number {
    return bound <= 1 ? 0 : this.random(6).readUIntLE(0, 6) % bound
  }
}
