import type { EntryNaming } from './entry-names'
import type { Fault, SealedSegment } from './intake'
import type { PartContent } from './parts/document-parts'
import type { PartName, PartRecord, RecordPlace } from './parts/parts'
import type { SalvagedChange } from './salvage'
import type { HeldChain } from './snapshot-check'

/**
 * Messages between the main thread and a document's replica. The replica is the only one that runs Automerge;
 * it answers in order. Change sets travel as JSON. `edits` and `remotes` count what each side had received
 * when it sent the message, so that both can rebase edits that crossed on the way.
 */
export type ToReplica =
  /**
   * First of all. `actor` (hex) is the session's public key. `leftOut` names sessions (hex) that are not
   * read from a sequence number on; `careful` makes the replica name each change before it loads it; `asked` names
   * sessions (hex) whose reach in the document 'loaded' reports. `snapshot` holds the beginning of the log, and was
   * checked; with more than `tail` changes past it, the replica sends its content once it is loaded. `entries`: how
   * changes name the journal entries whose edits they hold. `parts`: those of which it sends the records.
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
      parts: readonly PartName[]
    }
  /** Stored segments, which are applied as they come; `last` ends loading, and the replica answers 'loaded'. */
  | { type: 'load'; segments: SealedSegment[]; last: boolean }
  /** The next local edit. */
  | { type: 'edit'; remotes: number; changes: unknown }
  /** Puts a record of a part beside the text, in a change that is closed at once; the replica answers 'change'. */
  | { type: 'put'; record: PartRecord }
  /** Close the change under way; the replica answers 'change' if there were edits since. */
  | { type: 'commit' }
  /** Segments that arrived; the replica answers 'applied', for each slice that it applies. */
  | { type: 'segments'; segments: SealedSegment[] }
  /** Asks for the name of a selection that other replicas understand; the replica answers 'selected'. */
  | { type: 'select'; remotes: number; anchor: number; head: number }
  /** Asks for the offsets of other people's carets; the replica answers 'places'. */
  | { type: 'find'; carets: readonly AskedCaret[] }
  /**
   * Asks for the text by author, of the replica itself up to its change `made`. Text that sessions (hex) wrote
   * after the number in `cuts` was discarded. The replica answers 'authored'.
   */
  | { type: 'authored'; made: number; cuts: ReadonlyMap<string, number> }
  /**
   * Asks a thread that serves no replica for the changes in a stored segment that was left out, from sequence number
   * `first` on; the thread answers 'salvaged'.
   */
  | { type: 'salvage'; contentKey: Uint8Array; segment: Uint8Array; first: number }
  /** Asks such a thread to check a snapshot; the thread answers 'checked'. `held` is by session (hex). */
  | {
      type: 'check'
      documentId: Uint8Array
      contentKey: Uint8Array
      snapshot: Uint8Array
      held: ReadonlyMap<string, HeldChain>
    }

/** A caret whose offsets are asked for; `id` names it in the answer. */
export interface AskedCaret {
  readonly id: number
  readonly caret: Uint8Array
}

/** The offsets of a caret, in UTF-16 code units; null for a malformed one, or one at text that is not here. */
export interface FoundCaret {
  readonly id: number
  readonly place: { readonly anchor: number; readonly head: number } | null
}

/** A local change: its bytes and their hash. */
export interface LocalChange {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

/** The content of a document, to be sealed as a snapshot. */
export interface DocumentContent {
  readonly packed: Uint8Array
  /** Number of the last change in it, of each session (hex). */
  readonly tips: ReadonlyMap<string, number>
}

/** A stretch of text that one session inserted at once, or a part of it. */
export interface AuthoredRun {
  /** Hex. */
  readonly session: string
  /** True for text from the discarded part of its session's log. */
  readonly cut: boolean
  /** The counter of the operation that inserted its first character. */
  readonly first: number
  /** True if that operation inserted all of it; otherwise each next character has the next counter. */
  readonly isGiven: boolean
  readonly text: string
}

/** Names a change: its session (hex) and its sequence number there. */
export interface ChangePlace {
  readonly session: string
  readonly seq: number
}

/** Messages from a replica. */
export type FromReplica =
  /** Names the change that a careful replica loads next; null when all are loaded. */
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
  /** All text in order, without insertions of the replica itself past its change `made`. */
  | { type: 'authored'; runs: AuthoredRun[] }
  /**
   * Changes, maybe none, that hold all local edits up to number `edits` and these records; `named` of them name the
   * journal entry of this run. Always sent before messages that build on them.
   */
  | { type: 'change'; changes: LocalChange[]; edits: number; recorded: readonly RecordPlace[]; named: number }
  /** All records of a part: once the document is loaded, and after each change of them. */
  | ({ type: 'records' } & PartContent)
  /**
   * A part of a batch was applied, with `last` all of it; `changes` is the effect on the text, null for none.
   */
  | { type: 'applied'; edits: number; changes: unknown | null; faults: Fault[]; last: boolean }
  | { type: 'selected'; caret: Uint8Array }
  | { type: 'places'; edits: number; places: FoundCaret[] }
  /** Null for a segment that does not open. */
  | { type: 'salvaged'; changes: SalvagedChange[] | null }

/** Messages to a thread: those of one turn for its replica, or the end of that. Then the thread answers 'left'. */
export type ToThread = readonly ToReplica[] | 'leave'

/** Messages from a thread. `isSmall`: it has little memory, and can serve another replica. */
export type FromThread = FromReplica | { type: 'left'; isSmall: boolean }
