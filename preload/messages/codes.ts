/** No data belongs to the code. */
export type Nothing = Readonly<Record<never, never>>

/**
 * The reasons for which edits of a session are left out of a document. They cross threads as data; their
 * sentences are in `faults.ts`. Rule D5.
 */
export type FaultCode =
  /** The segment was sealed with another key, or was changed. */
  | 'SEALED_OTHERWISE'
  /** The seal opens, and what is in it cannot be unpacked. */
  | 'CONTENT_DAMAGED'
  /** The segment holds more or fewer changes than its header announces. */
  | 'COUNT_WRONG'
  /** The changes are not those that the session signed. */
  | 'NOT_AS_SIGNED'
  /** The change names another session as its own. */
  | 'FOREIGN_ACTOR'
  /** The change is not the next of its session. */
  | 'OUT_OF_SEQUENCE'
  /** The change holds more operations than one may, or the document more than it can count. */
  | 'TOO_MANY_OPERATIONS'
  /** The change does not follow on its session's last one, or its operations on those of its ancestors. */
  | 'PLACE_WRONG'
  /** An operation refers to something that no ancestor of the change made. */
  | 'REFERENCE_UNKNOWN'
  /** The change is well-formed and of a structure that no Swarmpad writes. */
  | 'STRUCTURE_UNUSUAL'
  /** The change builds on one that is left out. */
  | 'BUILT_ON_LEFT_OUT'
  /** The change ended the thread that read it. */
  | 'READER_ENDED'
  /** Automerge refused the change. */
  | 'REFUSED'
  /** The bytes are no change, or not in the form in which Swarmpad writes one. */
  | 'CHANGE_MALFORMED'

/**
 * The codes of errors that a caller or a person can act on, and the data that belongs to each. Data hold no
 * key, no link and no text of a document. `why` says for a developer what is wrong; it is in no sentence.
 * Codes are stable. Their sentences for people are in `errors.ts`.
 */
export interface ErrorData {
  // Bytes and requests from outside

  /** Bytes from a peer, a file or the disk that are not what their format or a rule says. */
  MALFORMED: { readonly why: string; readonly fault?: FaultCode }
  /** A peer does something that a rule of the protocol forbids. */
  MISBEHAVED: { readonly why: string }
  /** The window or a control client asks for something that its contract does not have. */
  REQUEST_INVALID: Nothing
  /** The window asks for something that does not fit the present state, such as an answer that came before. */
  REQUEST_LATE: {
    readonly of: 'backup' | 'file' | 'pairing' | 'address' | 'link' | 'passphrase' | 'new-link'
  }

  // Links

  /** The text is no Swarmpad link at all. */
  LINK_UNKNOWN: Nothing
  /** The text holds several links. */
  LINK_SEVERAL: Nothing
  /** The link is cut short, too long, or has a wrong letter. */
  LINK_DAMAGED: Nothing
  /** The link is sound but of a kind or version that this program cannot open. */
  LINK_UNSUPPORTED: Nothing
  /** The link is sound and meant for something else. */
  LINK_OTHER: { readonly meant: 'document' | 'pairing' }
  /** As many links as may wait for the person's answer do. */
  LINKS_WAITING: Nothing

  // Documents and their text

  /** The document is not in this workspace or keeper; several are when a shortened id is `ambiguous`. */
  DOCUMENT_UNKNOWN: { readonly by: 'library' | 'keeper' | 'ambiguous' }
  /** The text of a document is not known yet: it did not load in time, is damaged, or has not come from anyone. */
  DOCUMENT_UNREADY: Nothing
  /** The role held for this document does not allow the request. */
  ROLE_TOO_LOW: {
    readonly to: 'edit' | 'write' | 'read' | 'give-more' | 'give-yet' | 'keep' | 'replace-links'
  }
  /** An edit does not fit the text that it names. */
  EDIT_INVALID: Nothing
  /** An edit makes a change that does not fit into a segment. */
  EDIT_TOO_LARGE: Nothing
  /** The versions between the caller's and the present one are no longer kept: load the text again. */
  VERSION_GONE: Nothing
  /** Edits are not durable, and cannot be or could not be made so in time. */
  NOT_SAVED: { readonly edits: number | null; readonly documents: number }
  /** Something keeps the text from being saved; the words are those of the document's status. */
  SAVING_HINDERED: { readonly problem: string }
  /** The session has as many changes as one may have, or runs on another computer too. */
  SESSION_OVER: Nothing
  /** The receivers of a new link do not all write in the document. */
  RECEIVER_UNKNOWN: Nothing
  /** The new link was to be given to more people than it can be at once. */
  RECEIVERS_TOO_MANY: { readonly most: number }
  /** No peer with the document connected in time. */
  NOBODY_CAME: Nothing

  // The profile and its store

  /** Another process has this profile open. */
  PROFILE_BUSY: Nothing
  /** A later program has written this profile's store in a form of its own. */
  PROFILE_NEWER: Nothing
  /** A part of the profile cannot be read. */
  STORE_DAMAGED:
    | { readonly part: 'database' | 'document' | 'key-file' | 'key-file-gone' | 'person' | 'records' }
    | { readonly part: 'keeper-list' | 'keeper-key'; readonly path: string }
  /** The disk or the system refused a write. */
  STORE_WRITE_FAILED:
    | {
        readonly what: 'database' | 'open-files' | 'read-back' | 'protection' | 'restoring'
      }
    | {
        /** A file that the person chose: a copy as text, a backup, or a picture. */
        readonly what: 'copy' | 'backup' | 'picture'
        readonly because: 'full' | 'denied' | 'name' | 'gone' | 'other'
      }
    | { readonly what: 'keeper-list' | 'keeper-key'; readonly path: string }
  /** A copy of the profile's key cannot be unsealed by the means that this computer has. */
  KEY_SEALED: { readonly by: 'keyring' | 'passphrase' | 'newer' }
  /** The passphrase does not open the profile, or the file. */
  PASSPHRASE_WRONG: { readonly of: 'profile' | 'backup' }
  /** A new passphrase is shorter than `least` characters. */
  PASSPHRASE_SHORT: { readonly least: number }
  /** A passphrase is longer than any that Swarmpad takes. */
  PASSPHRASE_LONG: Nothing
  /** The system has too little free memory to derive a key, in MB. */
  MEMORY_SHORT: { readonly megabytes: number }
  /** The name that a person chose has nothing that others could see. */
  NAME_EMPTY: Nothing
  /** A name has more than 64 UTF-8 bytes. */
  NAME_TOO_LONG: Nothing

  // Files

  /** The file is no backup or copy with keys. */
  BACKUP_OTHER: Nothing
  /** A backup was cut or changed since it was made. */
  BACKUP_DAMAGED: Nothing
  /** A later program made this backup. */
  BACKUP_NEWER: Nothing
  /** The file holds a document and no person, and nobody writes in this profile yet. */
  BACKUP_PERSONLESS: Nothing
  /** The chosen path is no file. */
  FILE_OTHER: Nothing
  /** The file that was chosen could not be read. */
  FILE_UNREADABLE: Nothing
  /** A file that a document was to be made of cannot be one. `name` is the file's own. */
  TEXT_FILE: {
    readonly is:
      | 'binary'
      | 'folder'
      | 'special'
      | 'large'
      | 'together'
      | 'missing'
      | 'unreadable'
      | 'elsewhere'
      | 'sealed'
      | 'another-backup'
    readonly name: string
  }
  /** A folder cannot be imported. */
  FOLDER_UNUSABLE: { readonly because: 'unreadable' | 'full'; readonly most: number }
  /** As many windows are open as the program opens. */
  WINDOWS_FULL: { readonly most: number }
  /** An address in a text is of a kind that is not opened. */
  ADDRESS_REFUSED: Nothing

  // The person's own words

  /** The person has added as many words as they may. */
  WORDS_FULL: { readonly most: number }

  // Pairing

  /** The other computer said no, or has said yes to another one already. */
  PAIRING_REFUSED: Nothing
  /** Pairing does not fit the present state of this profile. */
  PAIRING_IMPOSSIBLE: { readonly because: 'nobody' | 'nameless' | 'offline' | 'somebody' | 'nothing-waits' }

  // The network

  /** A text is not the address of a DHT node. */
  NODE_INVALID: { readonly text: string }
  /** A text is not the key of a relay. */
  RELAY_INVALID: Nothing

  // Command lines

  /** An argument is wrong: `sentence` says which and how it should be. */
  ARGUMENTS_INVALID: { readonly sentence: string }
  /** The port for metrics cannot be used. */
  PORT_UNUSABLE: { readonly port: number }
  /** No keeper runs in the profile. */
  KEEPER_NOT_RUNNING: Nothing
  /** The keeper that runs ended the connection. */
  KEEPER_SILENT: Nothing
  /** The keeper that runs refused; `sentence` is its answer. */
  KEEPER_REFUSED: { readonly sentence: string }

  // Anywhere

  /** This program did something that it must not do. */
  INTERNAL: { readonly why: string }
  /** A bound in time passed. */
  TIMEOUT: Nothing
  /** The object was closed before the request was done. */
  CLOSED: Nothing
}

/** The code of an error. */
export type ErrorCode = keyof ErrorData
