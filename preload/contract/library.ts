import * as v from 'valibot'
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
  /** Tags of its text and front matter, without the number sign, as first written, sorted; at most 100. */
  tags: readonly string[]
}

/** Longest title that a new document begins with, in UTF-16 code units. */
export const maxTitle = 500

/** How a new document begins: `title` as its heading. */
const newDocument = v.object({
  title: v.exactOptional(v.pipe(v.string(), v.maxLength(maxTitle))),
})

/** Calls about the library. */
export const libraryCalls = {
  documents: call().returns<DocumentSummary[]>(),
  createDocument: call(newDocument).returns<{ id: DocumentId }>(),
  /** Opens a window beside this one. */
  openNewWindow: call().returns<null>(),
  /** Shows a document in a new window. */
  showInNewWindow: call(documentId).returns<null>(),
  /** Takes a document out of the library; it can be restored until the program quits. */
  removeDocument: call(documentId).returns<null>(),
  restoreDocument: call(documentId).returns<null>(),
}

/** Events about the library. */
export const libraryEvents = {
  documents: event<DocumentSummary[]>(),
  /** Show this document: it was opened from outside, by a link or a file. */
  show: event<{ id: DocumentId }>(),
  /** Another window removes this document: hand over its edits and close it. */
  leave: event<{ id: DocumentId }>(),
}
