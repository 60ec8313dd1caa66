import type { DocumentId } from './ids'
import { documentIds } from './library'
import { call, event } from './shapes'

/** Result of importing a folder of texts. */
export interface ImportedFolder {
  /** The folder's name. */
  name: string
  /** Number of documents that were made, and the first of them. */
  added: number
  first: DocumentId | null
  /** Number of files that are documents already, from an earlier import. */
  known: number
  /** Numbers of pictures and of other files, which were left out. */
  pictures: number
  others: number
  /** Number of folders in it that could not be read. */
  unread: number
  /** A sentence for each of the first problems, and the number of files that have one. */
  problems: string[]
  failed: number
  /** False if it was stopped; importing the folder again continues. */
  isWhole: boolean
}

/** Result of writing documents into a folder. */
export interface ExportedFolder {
  path: string
  written: number
  /** Number of documents of which the folder had the same file already. */
  same: number
  /** A sentence for each of the first problems, and the number of documents that have one. */
  problems: string[]
  failed: number
  /** False if it was stopped; exporting into the same folder again continues. */
  isWhole: boolean
}

/** Calls about folders of files. */
export const folderCalls = {
  /** Asks for a folder and makes documents of the texts in it; null when the person cancelled. */
  importFolder: call().returns<ImportedFolder | null>(),
  /** Asks for a folder and writes each document into it as a Markdown file; null when the person cancelled. */
  exportFolder: call().returns<ExportedFolder | null>(),
  /** Asks for a folder and writes these documents into it as Markdown files; null when the person cancelled. */
  saveCopies: call(documentIds).returns<ExportedFolder | null>(),
  /** Stops the running import or export, which then answers with what it has done. */
  stopFolder: call().returns<null>(),
}

/** Events about folders of files. */
export const folderEvents = {
  /** Progress of an import or export that runs, from 0 to 1. */
  folderProgress: event<{ done: number }>(),
}
