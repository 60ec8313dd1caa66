import * as v from 'valibot'
import type { DocumentId } from './ids'
import { call, documentId, event, passphrase } from './shapes'

/** A file that holds a profile or a document, sealed with a passphrase. */
export interface BackupFile {
  kind: 'profile' | 'document'
  /** The file's name, without its folder. */
  name: string
}

/** Result of restoring a sealed file. */
export interface Restored {
  kind: BackupFile['kind']
  /** This profile has taken over the person in the file. */
  person: boolean
  /** Documents that were not here before. */
  added: DocumentId[]
  /** Numbers of documents that were here: those that received missing data, and those already complete. */
  grown: number
  known: number
  /** Titles of documents that could be restored only in part. */
  incomplete: string[]
}

/** Calls about backups. */
export const backupCalls = {
  /**
   * Asks where and writes one document with its keys, or (`id` null) all of the profile, sealed with a passphrase;
   * `path` is null when the person cancelled. `damaged`: titles of documents that it holds only in part;
   * `unsaved`: of those whose last words are not saved here, and so not in it.
   */
  saveBackup: call(passphrase, v.nullable(documentId)).returns<{
    path: string | null
    damaged: string[]
    unsaved: string[]
  }>(),
  /** Restores the sealed file that was chosen last. PASSPHRASE_WRONG leaves it chosen. */
  restoreBackup: call(passphrase).returns<Restored>(),
  /** Aborts the running backup or restore, which then fails with CLOSED. */
  stopBackup: call().returns<null>(),
}

/** Events about backups. */
export const backupEvents = {
  /** Progress of saving or restoring, from 0 to 1. */
  backupProgress: event<{ done: number }>(),
}
