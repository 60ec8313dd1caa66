import type { EntryNaming } from './entry-names'
import type { Fault, SealedSegment } from './intake'
import type { Note } from './notes'
import type { SalvagedChange } from './salvage'
import type { HeldChain } from './snapshot-check'

/**
 * Messages between the main thread and a document's replica. The replica is the only one that runs Automerge;
 * it answers in order. Change sets travel as JSON. `edits` and `remotes` count what each side had received
 * when it sent the message, so that both can rebase what crossed on the way.
 */
export type ToReplica =
  /**
   * First of all. `actor` (hex) is the session's public key. `leftOut` names sessions (hex) that are not
   * read from a sequence number on; `careful` makes the replica tell what it is about to load; `asked` names
   * sessions (hex) of which it tells how far they are in the document. `snapshot` holds the beginning of the
   * log, and was checked; with more than `tail` changes past it, the replica tells its content when it is loaded.
   * `entries`: how changes name the journal entries whose edits they hold.
   */
  | {
      type: 'start'
      documentId: Uint8Array
      contentKey: Uint8Array
      actor: string
      leftOut: ReadonlyMap<string, number>
      careful: boolean
      asked: readonly string[]
      snapshot: Uint8Array | null
      tail: number
      entries: EntryNaming
    }
  /** Stored segments, which are applied as they come; `last` ends loading, and the replica answers 'loaded'. */
  | { type: 'load'; segments: SealedSegment[]; last: boolean }
  /** The next local edit. */
  | { type: 'edit'; remotes: number; changes: unknown }
  /** Puts a note beside the text, in a change that is closed at once; the replica answers 'change'. */
  | { type: 'note'; note: Note }
  /** Close the change under way; the replica answers 'change' if there were edits since. */
  | { type: 'commit' }
  /** Segments that arrived; the replica answers 'applied', for each slice that it applies. */
  | { type: 'segments'; segments: SealedSegment[] }
  /** Where this person's selection stands, to be named in a way that other replicas understand. */
  | { type: 'select'; remotes: number; anchor: number; head: number }
  /** Where other people's carets stand; the replica answers 'places'. */
  | { type: 'find'; carets: { key: string; caret: Uint8Array }[] }
  /**
   * Asks who inserted which text, the replica itself up to its change `made`. Text that sessions (hex) wrote
   * after the number in `cuts` was discarded. The replica answers 'authored'.
   */
  | { type: 'authored'; made: number; cuts: ReadonlyMap<string, number> }
  /**
   * To a thread that serves no replica: what is in a stored segment that was left out, of the changes from
   * sequence number `first` on; answered by 'salvaged'.
   */
  | { type: 'salvage'; contentKey: Uint8Array; segment: Uint8Array; first: number }
  /** The same: whether a snapshot is sound inside; answered by 'checked'. `held` is by session (hex). */
  | {
      type: 'check'
      documentId: Uint8Array
      contentKey: Uint8Array
      snapshot: Uint8Array
      held: ReadonlyMap<string, HeldChain>
    }

/** A change made here, as its bytes and their hash. */
export interface LocalChange {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

/** A document as it stands, to be sealed as a snapshot. */
export interface DocumentContent {
  readonly packed: Uint8Array
  /** The number of the last change of each session (hex) that is in it. */
  readonly tips: ReadonlyMap<string, number>
}

/** A stretch of text that one session inserted at once. */
export interface AuthoredRun {
  /** Hex. */
  readonly session: string
  /** True for text from the discarded part of its session's log. */
  readonly cut: boolean
  /** The counter of the operation that inserted its first character; each next one has the next. */
  readonly first: number
  readonly text: string
}

/** Names a change: its session (hex) and its sequence number there. */
export interface ChangePlace {
  readonly session: string
  readonly seq: number
}

/** Messages from a replica. */
export type FromReplica =
  /** The change that is loaded next, in a careful replica; null when all are. */
  | { type: 'taking'; change: ChangePlace | null }
  /** Automerge broke, at this change if it is known; the thread ends. */
  | { type: 'trapped'; change: ChangePlace | null }
  /**
   * `reach`: the counter of the last operation that is in the document, for each session that was asked for;
   * `entered`: names of journal entries of earlier runs whose edits are in it.
   */
  | {
      type: 'loaded'
      text: string
      faults: Fault[]
      reach: ReadonlyMap<string, number>
      entered: readonly string[]
    }
  /** The loaded content; sent right after 'loaded'. */
  | { type: 'content'; content: DocumentContent }
  | { type: 'checked'; sound: boolean }
  /** All text in its order, but what the replica itself put in past its change `made`. */
  | { type: 'authored'; runs: AuthoredRun[] }
  /**
   * Changes, maybe none, that hold all local edits up to number `edits` and the notes of these keys; `named` of them
   * name the journal entry of this run. Always sent before what is built on them.
   */
  | { type: 'change'; changes: LocalChange[]; edits: number; noted: readonly string[]; named: number }
  /** All notes, when they were read first and whenever they changed. */
  | { type: 'notes'; notes: Note[] }
  /**
   * A part of a batch was applied, with `last` all of it; `changes` is what that did to the text, null for nothing.
   */
  | { type: 'applied'; edits: number; changes: unknown | null; faults: Fault[]; last: boolean }
  | { type: 'selected'; caret: Uint8Array }
  | { type: 'places'; edits: number; places: { key: string; anchor: number; head: number }[] }
  /** Null when the segment does not open. */
  | { type: 'salvaged'; changes: SalvagedChange[] | null }
