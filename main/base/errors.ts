/**
 * Errors that a caller or a person can act on. Codes are stable; messages are plain words for people and
 * never hold a key, a link or document text.
 */
export type ErrorCode =
  /** The text is no Swarmpad link at all. */
  | 'LINK_UNKNOWN'
  /** The link is cut short, too long, or has a wrong letter. */
  | 'LINK_DAMAGED'
  /** The link is sound but of a kind or version that this program cannot open. */
  | 'LINK_UNSUPPORTED'
  /** The link is sound and meant for something else: it opens a document, or pairs two computers. */
  | 'LINK_OTHER'
  /** The other computer said no, or has said yes to another one already. */
  | 'PAIRING_REFUSED'
  /** The document is not in this workspace. */
  | 'DOCUMENT_UNKNOWN'
  /** The role held for this document does not allow the request. */
  | 'ROLE_TOO_LOW'
  /** An edit does not fit the text that it names. */
  | 'EDIT_INVALID'
  /** The versions between the caller's and the present one are no longer kept: load the text again. */
  | 'VERSION_GONE'
  /** Another process has this profile open. */
  | 'PROFILE_BUSY'
  /** The database of this profile cannot be read. */
  | 'STORE_DAMAGED'
  /** A later program has written this profile's store in a form of its own. */
  | 'PROFILE_NEWER'
  /** The means to unseal this profile's key is missing: keyring, another person's login or passphrase. */
  | 'KEY_SEALED'
  /** The passphrase is not the one that this profile's key is sealed with. */
  | 'PASSPHRASE_WRONG'
  /** A backup was cut or changed since it was made. */
  | 'BACKUP_DAMAGED'
  /** A later program made this backup. */
  | 'BACKUP_NEWER'
  /** The disk refused a write. */
  | 'STORE_WRITE_FAILED'
  /** Edits are not durable, and cannot be or could not be made so in time. */
  | 'NOT_SAVED'
  /** A bound in time passed. */
  | 'TIMEOUT'
  /** The object was closed before the request was done. */
  | 'CLOSED'
  /** A value from outside has the wrong shape. */
  | 'INVALID'

/** The one error class of this program: what is rejected or thrown across a module border. */
export class SwarmpadError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'SwarmpadError'
    this.code = code
  }
}

/** Ends a switch over a union, so that a new member fails the type check. Throws if reached. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${String(value)}`)
}
