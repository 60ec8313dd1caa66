import type { DocumentId, Role } from './ids'
import { call, documentId, event } from './shapes'

/** A document as the library lists it. */
export interface DocumentSummary {
  id: DocumentId
  /** From the first heading or line; '' while no text has arrived or the document is empty. */
  title: string
  role: Role
  /** When its text last changed on this computer; null if it never has. */
  editedAt: number | null
  /** Names of the other people who have it open now. */
  people: string[]
  /** Opened by link, and nothing has arrived yet. */
  waiting: boolean
  /** Someone who may write in it has replaced its links. */
  replaced: boolean
}

/** Documents that the library shows otherwise than before. */
export interface LibraryChange {
  /** New ones, and those of which something changed. */
  changed: DocumentSummary[]
  /** Those that it does not show any more, and perhaps never did. */
  gone: DocumentId[]
}

/** Calls about the library. */
export const libraryCalls = {
  documents: call().returns<DocumentSummary[]>(),
  createDocument: call().returns<{ id: DocumentId }>(),
  /** Shows a document in a new window. */
  showInNewWindow: call(documentId).returns<null>(),
  /** Takes a document out of the library; it can be restored until the program quits. */
  removeDocument: call(documentId).returns<null>(),
  restoreDocument: call(documentId).returns<null>(),
}

/** Events about the library. */
export const libraryEvents = {
  /** Changes since the call `documents`, or since the event before. */
  documents: event<LibraryChange>(),
  /** Show this document: it was opened from outside, by a link or a file. */
  show: event<{ id: DocumentId }>(),
  /** Another window removes this document: hand over its edits and close it. */
  leave: event<{ id: DocumentId }>(),
}
