import type { DocumentId } from '../../preload/contract/ids'
import type { Environment } from '../base/environment'
import type { JournalKeep } from '../document/edit-journal'
import type { StartReplica } from '../document/replica-thread'
import type { DocumentKeys } from '../keys/derive'
import type { Identity } from '../keys/identity'
import type { KeptSuccessor } from '../library/library-entry'
import type { LastSeen } from '../library/text-records'
import type { DocumentLog } from '../log/document-log'
import type { SessionLog } from '../log/session-log'
import type { Reachability } from '../network/network'
import type { DocumentContent } from '../replica/replica-protocol'
import type { DocumentSync } from '../sync/document-sync'

/** Dependencies and callbacks that the workspace passes to an open document. */
export interface SharedDocumentOptions {
  readonly environment: Environment
  /** Returns the document's keys; a better link may replace them later. */
  readonly keys: () => DocumentKeys
  readonly log: DocumentLog
  readonly peers: () => DocumentSync
  readonly newSession: () => SessionLog | null
  readonly startReplica: StartReplica
  readonly reachability: () => Reachability
  /** This person, as others see them. */
  readonly self: () => { name: string; identity: Identity }
  readonly lastSeen: LastSeen
  readonly journal: JournalKeep
  /** Keys of the dismissed notices of quarantined edits. */
  readonly dismissed: () => readonly string[]
  /** Stores that these notices were dismissed. Rejects with STORE_WRITE_FAILED. */
  readonly dismiss: (keys: readonly string[]) => Promise<void>
  /** Known successors of this document, and a function that stores them. Rejects with STORE_WRITE_FAILED. */
  readonly successors: () => readonly KeptSuccessor[]
  readonly keepSuccessors: (successors: readonly KeptSuccessor[]) => Promise<void>
  /** True if someone else has the document or was given a link to it. */
  readonly isShared: () => boolean
  /** Stores that a link was made for someone. Rejects with STORE_WRITE_FAILED. */
  readonly noteGiven: () => Promise<void>
  /** Returns true if the library shows a document. */
  readonly holds: (id: DocumentId) => boolean
  /** Called when work in the background failed. */
  readonly onFailure: (error: unknown) => void
  /** Called when the text changed: the library's entry is out of date. */
  readonly onChange: () => void
  /** Called with the loaded content when it is worth a snapshot. */
  readonly onContent: (content: DocumentContent) => void
  /** Called when the document has ended. Resolves when nothing is left to do. */
  readonly onClose: () => Promise<void>
}
