import type { Fault, SealedSegment } from './intake'

/**
 * What the main thread and a document's replica say to each other. The replica is the only one that
 * runs Automerge; it answers in order. Change sets travel as JSON. `edits` and `remotes` count what
 * each side had received when it spoke, so that both can rebase what crossed on the way.
 */
export type ToReplica =
  /**
   * First of all. `actor` (hex) is the session's public key. `leftOut` names sessions (hex) that are not
   * read from a sequence number on; `careful` makes the replica tell what it is about to load.
   */
  | {
      type: 'start'
      documentId: Uint8Array
      contentKey: Uint8Array
      actor: string
      leftOut: ReadonlyMap<string, number>
      careful: boolean
    }
  /** Stored segments; `last` ends loading, and the replica answers 'loaded'. */
  | { type: 'load'; segments: SealedSegment[]; last: boolean }
  /** The next local edit. */
  | { type: 'edit'; remotes: number; changes: unknown }
  /** Close the change under way; the replica answers 'change' if there were edits since. */
  | { type: 'commit' }
  /** Segments that arrived; the replica answers 'applied'. */
  | { type: 'segments'; segments: SealedSegment[] }
  /** Where this person's selection stands, to be named in a way that other replicas understand. */
  | { type: 'select'; remotes: number; anchor: number; head: number }
  /** Where other people's carets stand; the replica answers 'places'. */
  | { type: 'find'; carets: { key: string; caret: Uint8Array }[] }

/** A change made here, as its bytes and their hash. */
export interface LocalChange {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

/** Names a change: its session (hex) and its sequence number there. */
export interface ChangePlace {
  readonly session: string
  readonly seq: number
}

/** What a replica answers. */
export type FromReplica =
  /** The change that is loaded next, in a careful replica; null when all are. */
  | { type: 'taking'; change: ChangePlace | null }
  /** Automerge broke, at this change if it is known; the thread ends. */
  | { type: 'trapped'; change: ChangePlace | null }
  | { type: 'loaded'; text: string; faults: Fault[] }
  /** Changes, maybe none, that hold all local edits up to number `edits`. Always sent before what is built on them. */
  | { type: 'change'; changes: LocalChange[]; edits: number }
  /** A batch was taken in; `changes` is what it did to the text, null for nothing. */
  | { type: 'applied'; edits: number; changes: unknown | null; faults: Fault[] }
  | { type: 'selected'; caret: Uint8Array }
  | { type: 'places'; edits: number; places: { key: string; anchor: number; head: number }[] }
