import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { MapView } from '../base/map-view'
import { decodeTipProof, nextMark, noMark, type Segment } from './format/segment'
import type { Extent, SessionId, VersionVector } from './format/version-vector'
import type { Accepted, Joining, LoadedSession, Rebased, Session, SessionEnd } from './session'
import type { Base, SessionHistory } from './session-history'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

interface State extends Mutable<Omit<Session, 'history'>> {
  history: SessionHistory | null
  /** Switches to another history that are not durable yet. */
  switches: number
}

/**
 * Owner of the sessions of one log: which are held, and how far. Nothing outside changes them, or the maps that it
 * gives views of.
 *
 * Invariants, for each session:
 * 1. `durable <= accepted <= signed`: the durable extent ends at or before the accepted tip, and the accepted tip at or
 *    before the highest number that the session signed. A switch to another history (S12) lowers the accepted tip at
 *    once. Until it is durable, the durable extent is that of the history before, as a restart would find it
 *    (`isSwitching`).
 * 2. A session in the table has accepted at least one change, and its base lies at or before its accepted tip.
 * 3. Of a live session exactly what this process signed is accepted: `accepted = signed`. A segment past that was signed
 *    by another process, and is refused until the session is retired.
 * 4. A session that was retired, lost a part or was switched never becomes live again: it signs no number twice.
 * 5. A history in memory ends at the accepted tip.
 * 6. `forks` has an entry for each session in the table with a fork proof, and for no other.
 */
export class SessionTable {
  private readonly sessions = new Map<SessionId, State>()
  private readonly durable = new Map<SessionId, Extent>()
  private readonly forked = new Map<SessionId, Uint8Array>()
  private readonly startedHere = new Set<SessionId>()
  /** Sessions of which everything was lost. */
  private readonly lost = new Set<SessionId>()
  private revisions = 0
  /** Durable extents of all sessions. */
  readonly vector: VersionVector = new MapView(this.durable)
  /** Fork proofs, by session. */
  readonly forks: ReadonlyMap<SessionId, Uint8Array> = new MapView(this.forked)

  /** Returns a session; undefined when nothing of it is held. */
  get(id: SessionId): Session | undefined {
    return this.sessions.get(id)
  }

  /** Returns all sessions, in the order in which they were added. */
  all(): Iterable<Session> {
    return this.sessions.values()
  }

  /** Sessions of this process, also those that have written nothing yet. */
  get started(): ReadonlySet<SessionId> {
    return new Set(this.startedHere)
  }

  /** Returns the number of the last durable change of a session; 0 for none. */
  durableTip(id: SessionId): number {
    return this.durable.get(id)?.tip ?? 0
  }

  /** Returns the tip of a session that this process may sign in, 0 for a new one; null for one that is not live. */
  liveTip(id: SessionId): number | null {
    const state = this.sessions.get(id)
    if (state) return state.live ? state.tip : null
    return this.lost.has(id) ? null : 0
  }

  /**
   * Number that rises whenever held segments were dropped or their start moved. Work that reads segments begins again,
   * or is dropped, when it rose meanwhile.
   */
  get revision(): number {
    return this.revisions
  }

  /** Returns true while a switch of the session to another history is not durable yet. */
  isSwitching(id: SessionId): boolean {
    return (this.sessions.get(id)?.switches ?? 0) > 0
  }

  /** Returns true if this is the session as it is held now, and not one that was replaced after a loss. */
  isCurrent(session: Session): boolean {
    return this.sessions.get(session.id) === session
  }

  /** Adds what loading found. */
  load(loaded: LoadedSession): void {
    const state = this.add(loaded.id, loaded)
    const { tip, tipProof, mark, base } = loaded
    Object.assign(state, { tip, tipProof, mark, base, signed: tip })
    this.durable.set(state.id, { base: base?.seq ?? 0, tip, mark })
  }

  /**
   * Takes segments that a session of this process has just signed: signed rises, then accepted. Throws INTERNAL unless
   * the session is new or live, and the segments continue it.
   */
  append(key: Uint8Array, certificate: Uint8Array, segments: readonly Segment[]): Accepted[] {
    const id = hex(key)
    this.startedHere.add(id)
    const last = segments.at(-1)
    if (!last) return []
    let tip = this.liveTip(id)
    if (tip === null) throw fault('a session that is not live signed')
    for (const { seqFrom, seqTo } of segments) {
      if (seqFrom !== tip + 1) throw fault('a signed segment that does not continue its session')
      tip = seqTo
    }
    const state = this.sessions.get(id) ?? this.add(id, { certificate, own: true, fork: null }, true)
    state.signed = last.seqTo
    return segments.map((segment) => advance(state, segment))
  }

  /**
   * Accepts a segment from outside. `joining` is needed for the first segment of a session. Throws INTERNAL when the
   * segment does not continue the session, or the session is live.
   */
  accept(segment: Segment, joining: Joining | null = null): Accepted {
    const id = hex(segment.session)
    const known = this.sessions.get(id)
    if (known) return this.continued(known, segment)
    if (!joining || segment.seqFrom !== 1) throw fault('a segment of a session that is not held')
    return this.continued(this.add(id, joining), segment)
  }

  /**
   * Drops the accepted history from the segment's first number on, and accepts the segment in its place. `certificate`
   * is that of the other history, where it begins with the session; `switchableAt` as in Session. Throws INTERNAL when
   * the session is live or its history is not in memory.
   */
  switchTo(segment: Segment, certificate: Uint8Array, switchableAt: number): Accepted {
    const state = this.sessions.get(hex(segment.session))
    if (!state?.history || state.live) throw fault('a switch of a session that is live or not compared')
    const { history } = state
    const held = history.at(segment.seqFrom)
    if (!held || decodeTipProof(held).seqFrom !== segment.seqFrom)
      throw fault('a switch that does not begin with a held segment')
    const ends = history.cut(segment.seqFrom)
    const cut = { after: history.tip, ends }
    state.tip = history.tip
    state.mark = history.mark
    if (segment.seqFrom === 1) state.certificate = certificate
    state.switchableAt = switchableAt
    state.switches++
    this.revisions++
    return { ...this.continued(state, segment), cut }
  }

  /**
   * Gives a session a base, and accepts it at least up to there. `joining` is for a session that is not held. A live
   * session that the base raises was signed by another process too, and is live no longer.
   */
  rebase(id: SessionId, base: Base, joining: Joining): Rebased {
    const state = this.sessions.get(id) ?? this.add(id, joining)
    const raises = state.tip < base.seq
    state.base = base
    state.history = null
    this.revisions++
    if (raises) {
      state.signed = Math.max(state.signed, base.seq)
      state.live = false
      Object.assign(state, { tip: base.seq, tipProof: base.tipProof, mark: base.mark })
    }
    return { session: state, base, raises }
  }

  /**
   * Notes that an accepted segment, and what it replaced, is durable. Does nothing for a session that was replaced
   * meanwhile. Throws INTERNAL when more would be durable than is accepted.
   */
  written({ session, segment, mark, cut }: Accepted): void {
    const state = this.current(session)
    if (!state) return
    if (cut) state.switches--
    this.raiseDurable(state, { base: state.base?.seq ?? 0, tip: segment.seqTo, mark })
  }

  /** Notes that a base is durable; returns true if more of the session is durable by that. */
  rebaseWritten({ session, base }: Rebased): boolean {
    const state = this.current(session)
    if (!state) return false
    const before = this.durable.get(state.id)
    const { tip, mark } = before && before.tip > base.seq ? before : { tip: base.seq, mark: base.mark }
    this.raiseDurable(state, { base: base.seq, tip, mark })
    return (before?.tip ?? 0) < base.seq
  }

  /**
   * Takes a segment that lies on the disk past the durable end: accepted and durable at once. False when it does not
   * continue the session, of which more may be under way to the disk.
   */
  adopt(session: Session, segment: Segment): boolean {
    const state = this.current(session)
    if (!state || state.live || state.switches > 0 || this.durableTip(state.id) !== state.tip) return false
    if (segment.seqFrom !== state.tip + 1) return false
    this.written(this.continued(state, segment))
    return true
  }

  /**
   * Holds a session only up to `end`, or not at all (null), as the rest on the disk is not sound: accepted and durable
   * fall together, and nothing more is signed in it.
   */
  lose(session: Session, end: SessionEnd | null): void {
    const state = this.current(session)
    if (!state) return
    this.revisions++
    if (!end) {
      this.lost.add(state.id)
      this.sessions.delete(state.id)
      this.durable.delete(state.id)
      this.forked.delete(state.id)
      return
    }
    const { tip, tipProof, mark } = end
    const next = { ...state, tip, tipProof, mark, history: null, live: false, switches: 0 }
    this.sessions.set(state.id, next)
    this.durable.set(state.id, { base: state.base?.seq ?? 0, tip, mark })
  }

  /** Replaces the mark of a session whose accepted segments are all durable. */
  correctMark(session: Session, mark: Uint8Array): void {
    const state = this.current(session)
    const extent = state && this.durable.get(state.id)
    if (!state || !extent) return
    state.mark = mark
    this.durable.set(state.id, { ...extent, mark })
  }

  /** Replaces a base that has the same number, and the certificate. */
  correctBase(session: Session, base: Base, certificate: Uint8Array): void {
    const state = this.current(session)
    if (state?.base?.seq !== base.seq) return
    state.base = base
    state.certificate = certificate
    this.revisions++
  }

  /** Ends the signing in a session of this process; returns true if it was live. */
  retire(id: SessionId): boolean {
    const state = this.sessions.get(id)
    if (!state?.live) return false
    state.live = false
    return true
  }

  /** Notes that a session was made in this profile; returns false if that is known, or the session is not. */
  claim(id: SessionId): boolean {
    const state = this.sessions.get(id)
    if (!state || state.own) return false
    state.own = true
    return true
  }

  /** Keeps a proof that a session wrote two histories. */
  convict(id: SessionId, proof: Uint8Array): void {
    const state = this.sessions.get(id)
    if (!state) return
    state.fork = proof
    this.forked.set(id, proof)
  }

  /** Keeps the accepted history of a session in memory; false when `history` does not end where that does. */
  remember(id: SessionId, history: SessionHistory): boolean {
    const state = this.sessions.get(id)
    if (!state || history.tip !== state.tip) return false
    state.history = history
    return true
  }

  /** Drops the history of a session from memory. */
  forget(id: SessionId): void {
    const state = this.sessions.get(id)
    if (state) state.history = null
  }

  private current(session: Session): State | null {
    const state = this.sessions.get(session.id)
    return state === session ? state : null
  }

  private add(id: SessionId, { certificate, own, fork }: Joining, live = false): State {
    const state: State = {
      id,
      key: fromHex(id),
      certificate,
      tip: 0,
      tipProof: noProof,
      mark: noMark,
      signed: 0,
      base: null,
      fork,
      history: null,
      switchableAt: 0,
      own,
      live,
      switches: 0,
    }
    this.sessions.set(id, state)
    if (fork) this.forked.set(id, fork)
    return state
  }

  /** Accepts a segment that this process did not sign just now: its signature shows that the session signed it. */
  private continued(state: State, segment: Segment): Accepted {
    if (!state.live) state.signed = Math.max(state.signed, segment.seqTo)
    return advance(state, segment)
  }

  private raiseDurable(state: State, extent: Extent): void {
    if (extent.tip > state.tip && state.switches === 0) throw fault('more is durable than was accepted')
    this.durable.set(state.id, extent)
  }
}

const noProof = new Uint8Array(0)

const fault = (why: string): SwarmpadError => new SwarmpadError('INTERNAL', { why })

/** Moves the accepted tip to the end of the segment. */
function advance(state: State, segment: Segment): Accepted {
  if (segment.seqFrom !== state.tip + 1) throw fault('a segment that does not continue its session')
  if (segment.seqTo > state.signed) throw fault('a segment past what a live session signed')
  state.tip = segment.seqTo
  state.mark = nextMark(state.mark, segment.tipProof)
  // A copy: a view would keep the whole segment in memory.
  state.tipProof = Uint8Array.from(segment.tipProof)
  state.history?.add(state.tipProof)
  return { session: state, segment, mark: state.mark, cut: null }
}
