import type { DocumentId, Role } from './ids'
import { call, count, documentId, event, flag, key, keys, linkKind, linkText } from './shapes'

/** Another person who writes in a document, present or not. */
export interface Writer {
  /** Their author's key: 64 hexadecimal letters. */
  key: string
  name: string
  fingerprint: string
  /** They are in the document now. */
  here: boolean
}

/** A link that was found in a text, without the link. */
export interface FoundLink {
  /** Role in the document after opening it. */
  role: Role
  /** The title in the library, '' for an untitled one; null for a document that is not in it. */
  title: string | null
}

/** A document that replaces this one, as announced by one of its writers. */
export interface Successor {
  /** Identifies it among the successors of this document: 64 hexadecimal letters. */
  key: string
  /** Name of the person who replaced the links. */
  name: string
  fingerprint: string
  /** Someone else in this document has the same name. */
  sharesName: boolean
  /** This person replaced the links. */
  own: boolean
  /** The library has it. */
  held: boolean
  /** Its link was given to this person. */
  offered: boolean
  /** If `own`: names of chosen people who have not received it, with fingerprints where two share one. */
  untold: string[]
}

/** Calls about links. */
export const sharingCalls = {
  /**
   * Opens the link in a text. Joins at once; the text follows once a peer that has it is connected. LINK_SEVERAL for a
   * text with several.
   */
  openLink: call(linkText).returns<{ id: DocumentId }>(),
  /** Reports what the links in a text open, in their order; at least one. Opens nothing. */
  linksIn: call(linkText).returns<FoundLink[]>(),
  /** Opens one of the links that `linksIn` reported, by its place. */
  openOneOf: call(linkText, count).returns<{ id: DocumentId }>(),
  /** Opens the link of a `confirmLink` as openLink does. REQUEST_LATE for one that was answered. */
  acceptLink: call(count).returns<{ id: DocumentId }>(),
  /** Discards the offered link. */
  declineLink: call(count).returns<null>(),
  /** Puts a link on the clipboard. The link itself never reaches the window. */
  copyLink: call(documentId, linkKind).returns<null>(),
  /** People who can receive the link of a replacement document; those present first, 255 at most. */
  writers: call(documentId).returns<Writer[]>(),
  /**
   * Makes a new document of the present text, and gives its link to these writers; `keep` keeps the old one in
   * the library also when all of them have it.
   */
  replaceLinks: call(documentId, keys, flag).returns<{ id: DocumentId }>(),
  /** Opens a successor that was offered to this person, or is held. */
  openSuccessor: call(documentId, key).returns<{ id: DocumentId }>(),
}

/** Events about links. */
export const sharingEvents = {
  /**
   * A link came from outside the window to a document that this profile does not have, or not to write:
   * ask the person. May come again for one that is not answered yet.
   */
  confirmLink: event<{ offer: number; role: Role }>(),
  /** Replaces the previous list. */
  successors: event<{ id: DocumentId; successors: Successor[] }>(),
}
