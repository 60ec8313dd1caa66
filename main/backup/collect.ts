import { hasCode } from '../base/errors'
import { type LibraryEntry, storedEntry } from '../library/library-entry'
import type { DocumentLog } from '../log/document-log'
import type { Extent, SessionId } from '../log/format/version-vector'
import type { BackedParts } from '../repo/lower-part'
import type { BackupRecord } from './backup-records'

/** A document's data in the lower half. */
export interface BackedDocument {
  readonly log: DocumentLog
  readonly parts: BackedParts
}

/** Callbacks of `documentRecords` while it reads a document. */
export interface CollectionEvents {
  /** `count` more changes have been collected. */
  readonly onChanges: (count: number) => void
  /** A part of the document cannot be read on this computer, and is not among the records. */
  readonly onDamaged: () => void
}

/** Number of changes that a log holds as segments: the total for progress. */
export function changesOf(log: DocumentLog): number {
  let count = 0
  for (const { base, tip } of log.vector.values()) count += tip - base
  return count
}

/**
 * Yields a document as records of a backup: its durable data, or the readable part if the data on disk is
 * damaged. `document` is null for one that cannot be read at all. Session secrets are never included: they
 * never leave memory (C1).
 */
export async function* documentRecords(
  entry: LibraryEntry,
  document: BackedDocument | null,
  { onChanges, onDamaged }: CollectionEvents,
): AsyncGenerator<BackupRecord> {
  yield { type: 'document', value: storedEntry(entry) }
  if (!document) {
    onDamaged()
    return
  }
  const { log, parts } = document
  if (log.snapshots.bearing) {
    const snapshot = await soundOrNull(log.snapshots.read())
    if (snapshot) yield { type: 'snapshot', bytes: snapshot.bytes }
    else onDamaged()
  }
  // A damaged log's vector covers only the sound part.
  if (log.health.isDamaged) onDamaged()
  const own = new Set(log.ownSessions())
  // As they are now, for the snapshot above: a session whose segments go for a newer one meanwhile is not whole.
  for (const [session, extent] of [...log.vector])
    yield* sessionRecords(log, { session, own: own.has(session), ...extent }, { onChanges, onDamaged })
  for (const bytes of log.forks().values()) yield { type: 'fork', bytes }
  try {
    for await (const record of parts.records()) yield { type: 'part', ...record }
  } catch (error) {
    if (!isDamage(error)) throw error
    onDamaged()
  }
}

async function* sessionRecords(
  log: DocumentLog,
  { session, own, base, tip }: Extent & { readonly session: SessionId; readonly own: boolean },
  { onChanges, onDamaged }: CollectionEvents,
): AsyncGenerator<BackupRecord> {
  const certificate = log.certificate(session)
  if (!certificate) return
  yield { type: 'session', own, certificate }
  let held = base
  try {
    for await (const { bytes, seqFrom, seqTo } of log.segments(session, base)) {
      // A gap, or a range that a snapshot has replaced meanwhile.
      if (seqFrom !== held + 1) break
      yield { type: 'segment', bytes }
      onChanges(seqTo - held)
      held = seqTo
    }
  } catch (error) {
    if (!isDamage(error)) throw error
  }
  if (held < Math.min(tip, log.tip(session))) onDamaged()
}

const isDamage = (error: unknown): boolean => hasCode(error, 'STORE_DAMAGED')

async function soundOrNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (isDamage(error)) return null
    throw error
  }
}
