import type { Extent, SessionId } from '../../log/format/version-vector'
import type { LocalState } from './local-state'

/** Sessions unknown here of which one peer's claims are remembered at a time. Rule W31. */
export const maxUnknown = 1_024

/** One peer's claims of what it holds durably, compared with what is held here. No messages, no clock. */
export class RemoteState {
  private readonly holdings: LocalState
  private readonly tips = new Map<SessionId, number>()
  /** Where the peer's segments begin, of sessions that it holds in part as a snapshot. */
  private readonly bases = new Map<SessionId, number>()
  /** Held there to the same number as here, but of another history. */
  private readonly differing = new Set<SessionId>()
  private readonly lacking = new Set<SessionId>()
  private readonly leading = new Set<SessionId>()
  private readonly unknown = new Set<SessionId>()
  private cut = false

  constructor(holdings: LocalState) {
    this.holdings = holdings
    for (const session of holdings.vector.keys()) this.compare(session)
  }

  /** Up to where the peer holds a session; 0 for nothing. */
  tip(session: SessionId): number {
    return this.tips.get(session) ?? 0
  }

  /** Where the peer's segments of a session begin, as it says; 0 where it holds all of them. */
  base(session: SessionId): number {
    return this.bases.get(session) ?? 0
  }

  /** Up to where segments from the peer can bring a session that is here up to `here`; 0 where they do not follow. */
  reach(session: SessionId, here: number): number {
    return this.base(session) <= here ? this.tip(session) : 0
  }

  /** Sessions of which the peer holds more than is held here: a live view. */
  get leads(): ReadonlySet<SessionId> {
    return this.leading
  }

  /** Records a claim of the peer. Returns false if it says nothing new or cannot be remembered now. */
  take(session: SessionId, { base, tip, mark }: Extent): boolean {
    const differs = this.holdings.differs(session, tip, mark)
    const news = differs !== this.differing.has(session) && tip >= this.tip(session)
    // A peer that switched to another history may hold less; in other sessions, less is an outdated claim.
    const less = tip < this.tip(session) && this.holdings.isForked(session)
    const moved = base !== this.base(session) && tip >= this.tip(session)
    if (tip <= this.tip(session) && !less && !news && !moved) return false
    if (!this.holdings.isKnown(session) && !this.unknown.has(session)) {
      this.cut ||= this.unknown.size >= maxUnknown
      if (this.unknown.size >= maxUnknown) return false
      this.unknown.add(session)
    }
    this.tips.set(session, tip)
    if (base > 0) this.bases.set(session, base)
    else this.bases.delete(session)
    this.compare(session)
    if (differs) this.mark(session)
    return true
  }

  /** Forgets a claim that the peer did not keep, until the peer repeats it. */
  doubt(session: SessionId): void {
    const here = this.holdings.durableTip(session)
    if (this.tip(session) <= here) return
    if (here > 0) this.tips.set(session, here)
    else this.tips.delete(session)
    this.bases.delete(session)
    this.unknown.delete(session)
    this.compare(session)
  }

  /** To be called when what is held here of a session changed. */
  compare(session: SessionId): void {
    const here = this.holdings.durableTip(session)
    const there = this.tip(session)
    this.differing.delete(session)
    mark(this.lacking, session, there < here)
    mark(this.leading, session, there > here)
    if (here > 0) this.unknown.delete(session)
  }

  /** True if the peer holds another history of a session than the one held here. */
  differs(session: SessionId): boolean {
    return this.differing.has(session)
  }

  /** True if the peer holds all that is held here of a session. */
  covers(session: SessionId): boolean {
    return !this.lacking.has(session)
  }

  /** True if the peer holds all that is held here. */
  get coversAll(): boolean {
    return this.lacking.size === 0
  }

  /** True if all that the peer claims to hold is held here. */
  get isMatched(): boolean {
    return this.leading.size === 0 && !this.cut
  }

  private mark(session: SessionId): void {
    for (const set of [this.differing, this.lacking, this.leading]) set.add(session)
  }

  /** True once, when there is room again for claims that had to be left out: ask for them. */
  takeRoom(): boolean {
    if (!this.cut || this.unknown.size > maxUnknown / 2) return false
    this.cut = false
    return true
  }
}

function mark(set: Set<SessionId>, session: SessionId, holds: boolean): void {
  if (holds) set.add(session)
  else set.delete(session)
}
