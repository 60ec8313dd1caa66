import * as v from 'valibot'
import type { DocumentId, Role } from './ids'
import type { LeftOut } from './quarantine'
import { address, call, count, documentId, event } from './shapes'
import type { Successor } from './sharing'
import { type Update, updates } from './updates'

/** A document's text at a version, to start an editor from. */
export interface OpenedDocument {
  id: DocumentId
  role: Role
  version: number
  text: string
  status: DocumentStatus
  people: Person[]
  carets: Caret[]
  successors: Successor[]
}

/** Where a person's caret stands, in the text of `version`; `anchor` is the other end of a selection. */
export interface Caret {
  key: string
  anchor: number
  head: number
}

/** Someone who is in a document now, on another computer than this one. */
export interface Person {
  /** Identifies this person for as long as they stay. */
  key: string
  name: string
  /** A few letters and digits that tell apart two people with the same name. */
  fingerprint: string
  /** This person themselves, on another computer of theirs. */
  own: boolean
  role: Role
  /** 0 to 7: which of the theme's colours marks this person. */
  color: number
  /** Has confirmed that all of this computer's edits are stored there. */
  hasMine: boolean
}

/** State shown in the status line, accurate at the time it is sent. */
export interface DocumentStatus {
  /** Edits up to this version are durable on this computer. */
  savedVersion: number
  /** The text is still being read from disk; it can be typed into already. */
  loading: boolean
  /** 'off': work offline. 'unreachable': no node answers. 'looking': on the network, nobody found. */
  connection: 'off' | 'unreachable' | 'looking' | 'connected'
  /** People whose last receipt covers every edit that this computer has saved. */
  inSyncWith: number
  /** Keepers that are connected, and how many of them have confirmed all that this computer has saved. */
  keepers: { all: number; withMine: number }
  /** Edits made here that nobody else has confirmed. */
  unshared: boolean
  /** Someone else has the document, or was given a link to it. */
  shared: boolean
  /** Computers that store local edits, latest confirmation first; 50 at most. */
  holders: Holder[]
  /** Names of connected peers that accept no more data for lack of space; '' for a keeper without a name. */
  full: string[]
  /** Names of connected people with an incompatible version of Swarmpad: an update is needed. */
  outdated: string[]
  /** Something that needs the person's attention, in plain words with what to do; null if all is well. */
  problem: string | null
  /** Why edits past `savedVersion` are not saved, in plain words; null while all are, or soon will be. */
  unsaved: string | null
  /** Why no edits are accepted from others; null while they are. */
  shortage: { text: string /** `takeMore` ends it. */; canTakeMore: boolean } | null
  /** Edits left out of the text or at risk, those not dismissed first; 50 at most. */
  leftOut: LeftOut[]
  /** Part of the document is damaged on disk and cannot be read: the text is in its last known state. */
  damaged: boolean
}

/** A computer, connected or not, that has signed a confirmation of which local edits it stores. */
export interface Holder {
  /** Identifier, stable across restarts: 64 hexadecimal letters. */
  key: string
  /** 'own': another computer of this person. 'keeper': it keeps the document and cannot read it. */
  kind: 'person' | 'own' | 'keeper'
  /** Name of the person or the keeper; '' if unknown. */
  name: string
  fingerprint: string
  /** Connected now. */
  here: boolean
  /** It confirmed all edits that were made here. */
  hasMine: boolean
  /** Time of its last confirmation. */
  confirmedAt: number
  /** Time since which it reports less than it had confirmed; null if it never did. */
  deniedAt: number | null
}

/** A selection in the text of `version`; null when the editor lost focus. */
const selection = v.nullable(v.object({ version: count, anchor: count, head: count }))

/** Calls about an open document. */
export const documentCalls = {
  /** Opens a document for editing in this window; its events follow until closeDocument. */
  openDocument: call(documentId).returns<OpenedDocument>(),
  closeDocument: call(documentId).returns<null>(),
  /** Edits made at `version`. Rebased if that is not the newest; confirmed by an 'updates' event. */
  pushEdits: call(documentId, count, updates).returns<null>(),
  /** This person's selection in the text of `version`; null when the editor lost focus. */
  setSelection: call(documentId, selection).returns<null>(),
  /** Asks where and writes the text as Markdown; the path, or null when the person cancelled. */
  saveCopy: call(documentId).returns<{ path: string | null }>(),
  /** Continues with the readable part of a damaged document. */
  goOnWithout: call(documentId).returns<null>(),
  /** Doubles the exhausted quota for others' edits on this computer, per document or in total. */
  takeMore: call(documentId).returns<null>(),
  /**
   * Opens an http, https or mailto link of a document in the system's browser. Asks the person first, unless they
   * allowed its site in this document before.
   */
  openExternal: call(documentId, address).returns<null>(),
}

/** Events about an open document. */
export const documentEvents = {
  /** Changes that lead from `version` to `version + updates.length`. */
  updates: event<{ id: DocumentId; version: number; updates: Update[] }>(),
  /** The fields of the status that changed. */
  status: event<{ id: DocumentId; status: Partial<DocumentStatus> }>(),
  people: event<{ id: DocumentId; people: Person[] }>(),
  /** Carets of everyone else, in the text of `version`; replaces what was sent before. */
  carets: event<{ id: DocumentId; version: number; carets: Caret[] }>(),
}
