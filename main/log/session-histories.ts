import { hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import { contradict, forkRoot, makeForkProof, sessionOfFork, sidesOf } from './format/fork'
import { decodeTipProof, type Segment } from './format/segment'
import type { SessionId } from './format/version-vector'
import { History } from './history'
import type { LogEntry, SessionState } from './log-records'

/** Sessions without a proof that are remembered at a time. */
const maxDoubted = 16

/** Tries to read a session that grows meanwhile. */
const maxReadings = 100

/** Access to the segments of a log, for looking up histories. */
export interface HeldSegments {
  state(session: SessionId): SessionState | undefined
  /** Durable segments of a session that hold changes past `after`, in order. */
  stored(session: SessionId, after: number): AsyncIterable<Segment>
  /** Entries that wait for the disk, oldest first. */
  queued(): Iterable<LogEntry>
}

/**
 * Compares what a log holds of a session with what others hold: most sessions have one history and need no
 * memory for it, so that of a session is read when another one is heard of. Rules S8, S12.
 */
export class SessionHistories {
  private readonly held: HeldSegments
  private readonly doubted: SessionState[] = []

  constructor(held: HeldSegments) {
    this.held = held
  }

  /**
   * Reads what is held of a session, so that segments of another history can be compared with it: before,
   * the log takes none of these. Rejects with STORE_DAMAGED.
   */
  async remember(session: SessionId): Promise<void> {
    const state = this.held.state(session)
    if (!state || state.history) return
    const history = new History(state.base)
    for (let reading = 0; reading < maxReadings && !state.history; reading++) {
      for await (const { tipProof } of this.held.stored(session, history.tip))
        history.add(Uint8Array.from(tipProof))
      for (const { segments } of this.held.queued())
        for (const { segment, state: owner } of segments)
          if (owner === state && segment.seqFrom === history.tip + 1)
            history.add(Uint8Array.from(segment.tipProof))
      if (history.tip === state.tip) state.history = history
    }
    // A peer's bare word leads here too: of sessions without a proof only a few are kept.
    this.doubted.push(state)
    const oldest = this.doubted.length > maxDoubted ? this.doubted.shift() : null
    if (oldest && !oldest.fork) oldest.history = null
  }

  /** True if a session's held history is in memory for comparison. */
  remembers(session: SessionId): boolean {
    return Boolean(this.held.state(session)?.history)
  }

  /**
   * From where on to ask for the other history that a proof shows, 0 for from the start; null when what is
   * held comes before it or does not reach it. For a session that is remembered.
   */
  askFrom(proof: Uint8Array): number | null {
    const history = this.held.state(sessionOfFork(proof))?.history
    if (!history) return null
    const standings = sidesOf(proof).map((side) => history.standing(side))
    if (standings.includes('smaller')) return forkRoot(proof)
    return standings.includes('apart') ? 0 : null
  }

  /** A proof that convicts the maker of a segment that the log did not take, beside what is held; or null. */
  proofAgainst(tipProof: Uint8Array): Uint8Array | null {
    const { session, seqFrom } = decodeTipProof(tipProof)
    const state = this.held.state(hex(session))
    return proofOf(state?.history?.at(seqFrom) ?? state?.tipProof ?? null, tipProof)
  }

  /** The same for a segment behind the tip of a session that is not remembered. Rejects with STORE_DAMAGED. */
  async lookUp({ session, seqFrom, tipProof }: Segment): Promise<Uint8Array | null> {
    for (const { segments } of this.held.queued())
      for (const { segment: held } of segments)
        if (sameBytes(held.session, session) && held.seqFrom <= seqFrom && seqFrom <= held.seqTo)
          return proofOf(held.tipProof, tipProof)
    for await (const held of this.held.stored(hex(session), seqFrom - 1))
      return proofOf(held.tipProof, tipProof)
    return null
  }
}

const proofOf = (held: Uint8Array | null, offered: Uint8Array): Uint8Array | null =>
  held && contradict(held, offered) ? makeForkProof(held, offered) : null
