import { hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import { forkRoot, sessionOfFork, sidesOf } from './format/fork'
import { decodeTipProof, type Segment } from './format/segment'
import type { SessionId } from './format/version-vector'
import { contradictionOf, proofAgainst } from './judge'
import type { LogEntry } from './log-records'
import type { Session } from './session'
import { SessionHistory } from './session-history'
import type { SessionTable } from './session-table'

/** Sessions without a proof whose histories are kept in memory at a time. */
const maxUnproven = 16

/** Attempts to read a session that grows meanwhile. */
const maxReadings = 100

/** Look-ups in the store that may be under way at once. */
const maxLookUps = 16

/** Sources of the histories of a log. */
export interface HistorySources {
  readonly sessions: SessionTable
  /** Durable segments of a session that hold changes past `after`, in order. */
  readonly segments: (session: SessionId, after: number) => AsyncIterable<Segment>
  /** Entries that wait for the disk, oldest first. */
  readonly waiting: () => Iterable<LogEntry>
  /** Called with a proof, found in the store, that a session wrote two histories. */
  readonly onProof: (session: SessionId, proof: Uint8Array) => void
}

/**
 * Compares the held histories of sessions with those of others. Most sessions have one history and need no memory for
 * it, so that of a session is read when another one is heard of. Rules S8, S12.
 */
export class SessionHistories {
  private readonly sources: HistorySources
  /** Sessions in memory that had no proof when they were read, oldest first. */
  private readonly unproven: SessionId[] = []
  private readonly lookUps = new Set<Promise<void>>()

  constructor(sources: HistorySources) {
    this.sources = sources
  }

  /**
   * Reads the held history of a session, so that segments of another history can be compared with it. The log takes
   * none of these before. Rejects with STORE_DAMAGED.
   */
  async remember(id: SessionId): Promise<void> {
    const { sessions } = this.sources
    const session = sessions.get(id)
    if (!session || session.history) return
    const history = new SessionHistory(session.base)
    for (let reading = 0; reading < maxReadings && !session.history; reading++) {
      await this.readOn(session, history)
      if (!sessions.isCurrent(session)) return
      if (sessions.remember(id, history)) break
    }
    // A peer's bare claim leads here too: of sessions without a proof only a few are kept.
    this.unproven.push(id)
    const oldest = this.unproven.length > maxUnproven ? this.unproven.shift() : undefined
    if (oldest && !sessions.get(oldest)?.fork) sessions.forget(oldest)
  }

  /** Returns true if the held history of a session is in memory for comparison. */
  remembers(id: SessionId): boolean {
    return Boolean(this.sources.sessions.get(id)?.history)
  }

  /**
   * Returns the number after which to ask for the other history that a proof shows, 0 for from the start; null when
   * the held history wins or the proof does not reach it. For a session that is remembered.
   */
  askFrom(proof: Uint8Array): number | null {
    const history = this.sources.sessions.get(sessionOfFork(proof))?.history
    if (!history) return null
    const standings = sidesOf(proof).map((side) => history.standing(side))
    if (standings.includes('smaller')) return forkRoot(proof)
    return standings.includes('apart') ? 0 : null
  }

  /** Returns a proof that convicts the maker of a segment that the log did not take; null without one. */
  proofAgainst(tipProof: Uint8Array): Uint8Array | null {
    const { session, seqFrom } = decodeTipProof(tipProof)
    const held = this.sources.sessions.get(hex(session))
    return held ? proofAgainst(held, { seqFrom, tipProof }) : null
  }

  /**
   * Compares a segment behind the tip with the one that is held at its place, in the background; not at all when many
   * comparisons are under way. Rule S8.
   */
  lookUp(segment: Segment): void {
    if (this.lookUps.size >= maxLookUps) return
    const lookUp = this.heldAt(segment)
      .then((held) => {
        const proof = held && contradictionOf(held, segment.tipProof)
        if (proof) this.sources.onProof(hex(segment.session), proof)
      })
      // An unreadable store is reported where the document itself reads it.
      .catch(() => undefined)
      .finally(() => this.lookUps.delete(lookUp))
    this.lookUps.add(lookUp)
  }

  /** Resolves when all comparisons that were begun are done. */
  async idle(): Promise<void> {
    await Promise.all(this.lookUps)
  }

  /** Continues a history with what is durable and what waits for the disk. */
  private async readOn(session: Session, history: SessionHistory): Promise<void> {
    for await (const { tipProof } of this.sources.segments(session.id, history.tip))
      history.add(Uint8Array.from(tipProof))
    for (const { segments } of this.sources.waiting())
      for (const { segment, session: owner } of segments)
        if (owner === session && segment.seqFrom === history.tip + 1)
          history.add(Uint8Array.from(segment.tipProof))
  }

  /** Returns the tip proof of the held segment at the place of another. Rejects with STORE_DAMAGED. */
  private async heldAt({ session, seqFrom }: Segment): Promise<Uint8Array | null> {
    for (const { segments } of this.sources.waiting())
      for (const { segment: held } of segments)
        if (sameBytes(held.session, session) && held.seqFrom <= seqFrom && seqFrom <= held.seqTo)
          return held.tipProof
    for await (const held of this.sources.segments(hex(session), seqFrom - 1)) return held.tipProof
    return null
  }
}
