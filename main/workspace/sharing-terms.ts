import type { Clock } from '../base/environment'
import { fromHex } from '../base/hex'
import type { StartReplica } from '../document/replica-thread'
import { isSoundInside } from '../document/snapshot-checker'
import type { DocumentKeys } from '../keys/derive'
import { holderFor } from '../keys/identity'
import type { LibraryEntry } from '../library/library-entry'
import type { DocumentLog } from '../log/document-log'
import type { Snapshot } from '../log/format/snapshot'
import type { DocumentTerms } from '../repo/repo'
import type { Person } from './person'

/** Checks the content of a snapshot; null without read access. */
export type SnapshotCheck = ((snapshot: Snapshot, log: DocumentLog) => Promise<boolean>) | null

/** Returns the check of a document's snapshots with these keys, which runs in a replica of its own. */
export function snapshotCheck(
  { content }: DocumentKeys,
  { startReplica, clock }: { startReplica: StartReplica; clock: Clock },
): SnapshotCheck {
  if (!content) return null
  return (snapshot, log) => isSoundInside({ snapshot, log, contentKey: content, startReplica, clock })
}

/** Returns the terms on which this computer keeps and shares a document of its library. */
export function sharingTerms(
  { keys, manifest, quota, shared, editedAt }: LibraryEntry,
  { person, startReplica, clock }: { person: Person; startReplica: StartReplica; clock: Clock },
): DocumentTerms {
  return {
    keys,
    manifest: manifest === null ? null : fromHex(manifest),
    quota,
    signer: { pair: holderFor(person.record.holderSeed, keys.documentId), name: '' },
    presence: { ...person.self, caret: null },
    isSound: snapshotCheck(keys, { startReplica, clock }),
    isShared: shared,
    // One whose text has not arrived is sought as if it had changed now.
    changedAt: editedAt ?? clock.now(),
  }
}
