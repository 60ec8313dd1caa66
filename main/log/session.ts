import type { Segment } from './format/segment'
import type { SessionId } from './format/version-vector'
import type { Base, HistoryView } from './session-history'

/**
 * One session as a log holds it. The table alone changes it. The object stays the same until a part of the session is
 * lost from the disk: then another object replaces it, and writes that are under way for the old one count nothing.
 */
export interface Session {
  readonly id: SessionId
  /** Public key, 32 bytes. */
  readonly key: Uint8Array
  readonly certificate: Uint8Array
  /** Number of the last change accepted. */
  readonly tip: number
  /** Tip proof of the last segment accepted. */
  readonly tipProof: Uint8Array
  /** Mark of all accepted segments (S11). */
  readonly mark: Uint8Array
  /** Highest number that the session is known to have signed, in any of its histories. */
  readonly signed: number
  /** Number where its segments begin when a snapshot holds what lies before; null without a snapshot. */
  readonly base: Base | null
  /** Proof that the session wrote two histories. */
  readonly fork: Uint8Array | null
  /** Accepted history, in memory only while it is compared with another one. */
  readonly history: HistoryView | null
  /** Time (ms) of the clock before which it does not switch to another history again. Rule S12. */
  readonly switchableAt: number
  /** Made in this profile. */
  readonly own: boolean
  /** Its secret key is in this process, and nothing shows that it is used elsewhere too. */
  readonly live: boolean
}

/** A session as loading found it on the disk: durable up to its tip. */
export type LoadedSession = Pick<
  Session,
  'id' | 'certificate' | 'tip' | 'tipProof' | 'mark' | 'base' | 'own' | 'fork'
>

/** Properties of a session that is not in the table yet. */
export interface Joining {
  readonly certificate: Uint8Array
  readonly own: boolean
  readonly fork: Uint8Array | null
}

/** An accepted segment, which becomes durable later. */
export interface Accepted {
  readonly session: Session
  readonly segment: Segment
  /** Mark of the session after this segment. */
  readonly mark: Uint8Array
  /** End of the history before, when the session switched to another history with this segment. */
  readonly cut: Cut | null
}

/** End of a session's accepted history that was dropped for another history. */
export interface Cut {
  /** Number of the last change that stays. */
  readonly after: number
  /** Last numbers of the dropped segments. */
  readonly ends: readonly number[]
}

/** A session that received a base, which becomes durable later. */
export interface Rebased {
  readonly session: Session
  readonly base: Base
  /** Less of the session was held before, or nothing. */
  readonly raises: boolean
}

/** End of what is sound of a session. */
export type SessionEnd = Pick<Session, 'tip' | 'tipProof' | 'mark'>
