import * as v from 'valibot'
import { isFolder } from '../text/folder'
import type { DocumentId, Role } from './ids'
import { call, documentId, event, fieldsOf, flag } from './shapes'

/** A document as the library lists it. */
export interface DocumentSummary {
  id: DocumentId
  /** From the first heading or line; '' while no text has arrived or the document is empty. */
  title: string
  role: Role
  /** When its text last changed on this computer; null if it never has. */
  editedAt: number | null
  /** When this computer made or first kept it; null if that is unknown. */
  createdAt: number | null
  /** Names of the other people who have it open now. */
  people: string[]
  /** Opened by link, and nothing has arrived yet. */
  waiting: boolean
  /** Someone who may write in it has replaced its links. */
  replaced: boolean
  /** Folder into which the person put it: names from the outermost on, joined by '/'; '' for no folder. */
  folder: string
  pinned: boolean
  archived: boolean
  /** Tags of its text and front matter, without the number sign, as first written, sorted; at most 100. */
  tags: readonly string[]
}

/** Documents that the library shows otherwise than before. */
export interface LibraryChange {
  /** New ones, and those of which something changed. */
  changed: DocumentSummary[]
  /** Those that it does not show any more, and perhaps never did. */
  gone: DocumentId[]
}

/** A removed document that can be restored. */
export interface RemovedDocument {
  id: DocumentId
  title: string
  role: Role
  /** When it was removed from this computer, in ms since the Unix epoch; it is deleted `removalDays` later. */
  removedAt: number
}

/** How many days a removed document can be restored. */
export const removalDays = 30

/** Maximum number of documents that one call arranges, removes, restores or copies. */
export const maxArranged = 10_000

/** Longest title that a new document begins with, in UTF-16 code units. */
export const maxTitle = 500

/** Changes of how a person arranges documents; what is left out stays as it is. */
export interface ArrangementChange {
  folder?: string
  pinned?: boolean
  archived?: boolean
}

/** Documents for one call, at most `maxArranged`. */
export const documentIds = v.pipe(v.array(documentId), v.minLength(1), v.maxLength(maxArranged))

/** A folder's path, or '' for no folder. */
const folder = v.pipe(v.string(), v.check(isFolder))

/** How a new document begins: `title` as its heading; and the folder that it is put into. */
const newDocument = fieldsOf({
  title: v.exactOptional(v.pipe(v.string(), v.maxLength(maxTitle))),
  folder: v.exactOptional(folder),
})

const arrangementChange = fieldsOf({
  folder: v.exactOptional(folder),
  pinned: v.exactOptional(flag),
  archived: v.exactOptional(flag),
})

/** Calls about the library. */
export const libraryCalls = {
  documents: call().returns<DocumentSummary[]>(),
  createDocument: call(newDocument).returns<{ id: DocumentId }>(),
  /** Opens a window beside this one. */
  openNewWindow: call().returns<null>(),
  /** Shows a document in a new window. */
  showInNewWindow: call(documentId).returns<null>(),
  /** Arranges documents, here and on the person's other computers. */
  arrange: call(documentIds, arrangementChange).returns<null>(),
  /** Takes documents out of the library; they can be restored for `removalDays`. */
  removeDocuments: call(documentIds).returns<null>(),
  restoreDocuments: call(documentIds).returns<null>(),
  /** Deletes removed documents at once; they cannot be restored then. */
  deleteDocuments: call(documentIds).returns<null>(),
  /** Removed documents that can be restored, the last removed first. */
  removedDocuments: call().returns<RemovedDocument[]>(),
}

/** Events about the library. */
export const libraryEvents = {
  /** Changes since the call `documents`, or since the event before. */
  documents: event<LibraryChange>(),
  /** All removed documents, after a change. */
  removed: event<RemovedDocument[]>(),
  /** Show this document: it was opened from outside, by a link or a file. */
  show: event<{ id: DocumentId }>(),
  /** Another window removes this document: hand over its edits and close it. */
  leave: event<{ id: DocumentId }>(),
}
