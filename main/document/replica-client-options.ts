import type { ChangeSet, Text } from '@codemirror/state'
import type { Clock } from '../base/environment'
import type { DocumentLog } from '../log/document-log'
import type { SessionLog } from '../log/session-log'
import type { PartContent } from '../replica/parts/document-parts'
import type { PartName } from '../replica/parts/parts'
import type { DocumentContent, FoundCaret } from '../replica/replica-protocol'
import type { JournalKeep } from './edit-journal'
import type { StartReplica } from './replica-thread'

/** Options and callbacks of a replica client. */
export interface ReplicaClientOptions {
  readonly log: DocumentLog
  readonly contentKey: Uint8Array
  readonly documentId: Uint8Array
  /** Makes a new session for each replica; returns null for a reader. */
  readonly newSession: () => SessionLog | null
  readonly startReplica: StartReplica
  readonly clock: Clock
  /** The parts of which the records are read. */
  readonly parts: readonly PartName[]
  /** The text to start from, as last seen; without the edits that the journal has left of an earlier run. */
  readonly text: Text
  readonly journal: JournalKeep
  /** A change made elsewhere, which fits the text here. */
  readonly onRemote: (changes: ChangeSet) => void
  /** So many more of the edits given here are durable, in their order: in segments or in the journal. */
  readonly onSaved: (edits: number) => void
  /** Puts back own text lost when a session's end was discarded; `changes` fit the text here. */
  readonly onLost: (changes: ChangeSet) => void
  /** All records of a part, when they are known and whenever they changed. */
  readonly onRecords: (content: PartContent) => void
  /** The state changed: `loading`, `faults`, or one of the reasons for not being saved. */
  readonly onState: () => void
  /** Called with the loaded content when it is worth a snapshot. */
  readonly onContent: (content: DocumentContent) => void
  /** The name of the selection for other replicas. */
  readonly onSelected: (caret: Uint8Array) => void
  /** Places of the carets that were asked for, in the text here. */
  readonly onPlaces: (places: readonly FoundCaret[]) => void
}
