import type { Clock } from '../base/environment'
import { fromHex, hex } from '../base/hex'
import type { StartReplica } from '../document/replica-thread'
import { isSoundInside } from '../document/snapshot-checker'
import { type DocumentKeys, makeManifest } from '../keys/derive'
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

/** Parts of the workspace that terms depend on. */
interface TermsHost {
  readonly person: Person
  readonly startReplica: StartReplica
  readonly clock: Clock
}

type Shared = Pick<LibraryEntry, 'keys' | 'manifest' | 'quota' | 'shared' | 'editedAt'>

/** Returns the terms on which this computer keeps and shares a document of its library. */
export function sharingTerms(
  { keys, manifest, quota, shared, editedAt }: Shared,
  { person, startReplica, clock }: TermsHost,
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

/** Returns the terms of the person's private document: it is not announced, and nobody is seen in it. Rule P10. */
export function personalTerms(keys: DocumentKeys, host: TermsHost): DocumentTerms {
  const entry = { keys, manifest: hex(makeManifest(keys)), quota: null, shared: false, editedAt: 0 }
  return { ...sharingTerms(entry, host), presence: null }
}
