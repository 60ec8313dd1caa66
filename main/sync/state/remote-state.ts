import type { Extent, SessionId } from '../../log/format/version-vector'
import type { LocalState } from './local-state'

/** Maximum number of sessions unknown here of which one peer's claims are remembered. Rule W31. */
export const maxUnknown = 1_024

/**
 * One peer's claims of what is durable there, compared with what is durable here. Sends nothing and has no
 * clock. Invariants, for each session since it was compared last:
 * 1. `ahead` has it if the peer claims a higher tip, or the same tip of another history, and only then.
 * 2. `behind` has it if the peer claims a lower tip, or the same tip of another history, and only then.
 * 3. `unknown` has it only if a claim is remembered and nothing of it is durable here.
 */
export class RemoteState {
  private readonly local: LocalState
  private readonly tips = new Map<SessionId, number>()
  /** Sequence numbers after which the peer's segments begin, of sessions that it has in part as a snapshot. */
  private readonly bases = new Map<SessionId, number>()
  /** Sessions that the peer has to the same tip as this side, but in another history. */
  private readonly differing = new Set<SessionId>()
  private readonly behind = new Set<SessionId>()
  private readonly ahead = new Set<SessionId>()
  private readonly unknown = new Set<SessionId>()
  /** True while claims had to be left out for lack of room. */
  private isCut = false

  constructor(local: LocalState) {
    this.local = local
    for (const session of local.vector.keys()) this.compare(session)
  }

  /** Returns the tip of a session that the peer claims; 0 for none. */
  tip(session: SessionId): number {
    return this.tips.get(session) ?? 0
  }

  /** Returns the number after which the peer's segments of a session begin; 0 where it claims all of them. */
  base(session: SessionId): number {
    return this.bases.get(session) ?? 0
  }

  /** Returns the tip to which the peer's segments can extend a session from `from` on; 0 where they do not follow. */
  reach(session: SessionId, from: number): number {
    return this.base(session) <= from ? this.tip(session) : 0
  }

  /** Sessions of which the peer claims more than is durable here. */
  aheadSessions(): Iterable<SessionId> {
    return this.ahead.values()
  }

  /** Returns true if the peer claims more of a session than is durable here. */
  isAhead(session: SessionId): boolean {
    return this.ahead.has(session)
  }

  /** Records a claim. Returns false if it is not new or there is no room for it. */
  record(session: SessionId, { base, tip, mark }: Extent): boolean {
    const differs = this.local.differs(session, tip, mark)
    if (!this.isNew(session, base, tip, differs)) return false
    if (!this.local.isKnown(session) && !this.unknown.has(session)) {
      const isFull = this.unknown.size >= maxUnknown
      this.isCut ||= isFull
      if (isFull) return false
      this.unknown.add(session)
    }
    this.tips.set(session, tip)
    if (base > 0) this.bases.set(session, base)
    else this.bases.delete(session)
    this.compare(session)
    if (differs) for (const set of [this.differing, this.behind, this.ahead]) set.add(session)
    return true
  }

  /** Drops a claim that the peer did not fulfil, until the peer repeats it. */
  drop(session: SessionId): void {
    const durable = this.local.durableTip(session)
    if (this.tip(session) <= durable) return
    if (durable > 0) this.tips.set(session, durable)
    else this.tips.delete(session)
    this.bases.delete(session)
    this.unknown.delete(session)
    this.compare(session)
  }

  /** Compares a session again. Must be called whenever its durable extent here changed. */
  compare(session: SessionId): void {
    const durable = this.local.durableTip(session)
    const claimed = this.tip(session)
    this.differing.delete(session)
    setMembership(this.behind, session, claimed < durable)
    setMembership(this.ahead, session, claimed > durable)
    if (durable > 0) this.unknown.delete(session)
  }

  /** Returns true if the peer claims another history of a session, to the same tip as here. */
  differs(session: SessionId): boolean {
    return this.differing.has(session)
  }

  /** Returns true if the peer claims all that is durable here of a session. */
  covers(session: SessionId): boolean {
    return !this.behind.has(session)
  }

  /** True if the peer claims all that is durable here. */
  get coversAll(): boolean {
    return this.behind.size === 0
  }

  /** True if all that the peer claims is durable here. */
  get isMatched(): boolean {
    return this.ahead.size === 0 && !this.isCut
  }

  /** Returns true, once, when there is room again for claims that were left out: compare again then. */
  takeRoom(): boolean {
    if (!this.isCut || this.unknown.size > maxUnknown / 2) return false
    this.isCut = false
    return true
  }

  private isNew(session: SessionId, base: number, tip: number, differs: boolean): boolean {
    const claimed = this.tip(session)
    // A peer that switched to another history may hold less; in other sessions, less is an outdated claim.
    if (tip < claimed) return this.local.isForked(session)
    return tip > claimed || differs !== this.differing.has(session) || base !== this.base(session)
  }
}

function setMembership(set: Set<SessionId>, session: SessionId, isMember: boolean): void {
  if (isMember) set.add(session)
  else set.delete(session)
}
