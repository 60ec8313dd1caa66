import { call, documentId } from './shapes'

/** Edits of one person that are not in the text, or that may not reach everyone. */
export interface LeftOut {
  /** Identifier within its document, stable across restarts. */
  key: string
  /** Name of their author, from the certificate. */
  name: string
  /** '' if the certificate names no valid author; then the name is '' too. */
  fingerprint: string
  /** 'unreadable': left out of the text. 'two-histories': two copies of a running program wrote as one. */
  kind: 'unreadable' | 'two-histories'
  /** This person has dismissed the notice. */
  dismissed: boolean
}

/** Left-out edits with the details to show or save. */
export interface LeftOutDetails extends LeftOut {
  /** Why, as a sentence in plain words. */
  reason: string
  /** The edits missing from the text; null for two histories. */
  lost: {
    /** Number of the first edit left out, from 1, counted since the author opened the document. */
    first: number
    edits: number
    /** Bytes on disk. */
    size: number
    /** The size is a lower bound: counting stopped. */
    more: boolean
    /** Beginning of the text that can be recovered from them; '' for none. */
    text: string
  } | null
}

/** Calls about edits that were left out. */
export const quarantineCalls = {
  /** Returns details of the edits that were left out. */
  leftOut: call(documentId).returns<LeftOutDetails[]>(),
  /** Asks where and writes the left-out edits as JSON; `whole` is false if they exceed the file limit. */
  saveLeftOut: call(documentId).returns<{ path: string | null; whole: boolean }>(),
  /** Dismisses the notice of all edits left out so far, permanently. */
  dismissLeftOut: call(documentId).returns<null>(),
}
