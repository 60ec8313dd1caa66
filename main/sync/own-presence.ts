import type { Identity } from '../keys/identity'

/** This person's presence. */
export interface OwnPresence {
  readonly name: string
  /** Null to stay anonymous. */
  readonly identity: Identity | null
  /** Place of the caret in the document's encoding; null for none. */
  readonly caret: Uint8Array | null
}
