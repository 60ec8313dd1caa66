import type { ErrorCode, ErrorData } from './codes'

/** The sentences for each code: what happened and what to do about it. */
const sentences: { readonly [Code in ErrorCode]: string | ((data: ErrorData[Code]) => string) } = {
  MALFORMED: 'This is damaged, or was not made by Swarmpad.',
  MISBEHAVED: 'Another computer does not keep to the rules.',
  REQUEST_INVALID: 'The window asked for something impossible.',
  REQUEST_LATE: ({ of }) => late[of],
  LINK_UNKNOWN: 'There is no Swarmpad link in this. Such a link begins with “swarmpad:”.',
  LINK_SEVERAL: 'There are several Swarmpad links in this text. Paste only one of them.',
  LINK_DAMAGED:
    'This link is damaged: a part is missing or a letter is wrong. Copy all of it again, or ask for it again.',
  LINK_UNSUPPORTED: 'This link was made by a newer Swarmpad. Update Swarmpad, then open the link again.',
  LINK_OTHER: ({ meant }) => otherLinks[meant],
  LINKS_WAITING: 'Too many links wait for your answer. Answer them first.',
  DOCUMENT_UNKNOWN: ({ by }) => unknownDocuments[by],
  DOCUMENT_UNREADY:
    'The text of this document is not all here yet. Open it, wait until it is shown as a whole, then try again.',
  ROLE_TOO_LOW: ({ to }) => lowRoles[to],
  EDIT_INVALID: 'An edit did not fit the text.',
  EDIT_TOO_LARGE: 'This is too large for one edit. Paste it in parts.',
  VERSION_GONE: 'This window fell behind and has to load the text again.',
  NOT_SAVED: ({ edits, documents }) => {
    if (edits === null) return 'What was typed last could not be saved on this computer.'
    const where = documents === 1 ? '' : ` in ${documents} documents`
    return `${edits === 1 ? '1 edit' : `${edits} edits`}${where} could not be saved on this computer.`
  },
  SAVING_HINDERED: ({ problem }) => problem,
  SESSION_OVER: 'This document has to be opened again before more can be written.',
  RECEIVER_UNKNOWN: 'The new link can be given only to people who write here.',
  RECEIVERS_TOO_MANY: ({ most }) => `The new link can be given to ${most} people at once.`,
  NOBODY_CAME: 'Nobody came to share this document in time.',
  PROFILE_BUSY: 'This profile is open in another Swarmpad. Use that one, or start with another --profile.',
  PROFILE_NEWER:
    'A newer Swarmpad has used this profile, and this one does not know how it keeps things. Install the newer version again, or start this one with another --profile.',
  STORE_DAMAGED: (data) => ('path' in data ? `${damagedFiles[data.part]}: ${data.path}` : damaged[data.part]),
  STORE_WRITE_FAILED: (data) => {
    if ('path' in data) return `${unwritableFiles[data.what]}: ${data.path}`
    return 'because' in data
      ? `${chosenFiles[data.what]} could not be saved there${refusedFiles[data.because]}`
      : refusedWrites[data.what]
  },
  KEY_SEALED: ({ by }) => sealedKeys[by],
  PASSPHRASE_WRONG: ({ of }) =>
    `That is not the passphrase${of === 'backup' ? ' of this file' : ''}. Check its spelling and capitals.`,
  PASSPHRASE_SHORT: ({ least }) => `Choose a passphrase of at least ${least} characters.`,
  PASSPHRASE_LONG: 'A passphrase has at most 1,024 characters.',
  MEMORY_SHORT: ({ megabytes }) =>
    `This computer has too little free memory to check a passphrase: it takes ${megabytes} MB. Close other programs, then try again.`,
  NAME_EMPTY: 'Type a name that others will know you by.',
  NAME_TOO_LONG:
    'This name is too long: 64 letters fit, and fewer with accents or in other scripts. Please make it shorter.',
  BACKUP_OTHER: 'This file was not made by Swarmpad as a backup or a copy with keys.',
  BACKUP_DAMAGED:
    'This file is damaged: a part of it is missing or was changed. Try another copy of it. Nothing was changed.',
  BACKUP_NEWER:
    'A newer Swarmpad has made this file, and this one cannot read it. Update Swarmpad, then try again. Nothing was changed.',
  BACKUP_PERSONLESS:
    'This file holds one document, and no person. Type your name and start; then open the file from the menu.',
  FILE_OTHER: 'This is not a file.',
  FILE_UNREADABLE: 'This file could not be read. Check that it is still there.',
  TEXT_FILE: ({ is, name }) => textFiles[is](name),
  FOLDER_UNUSABLE: ({ because, most }) =>
    because === 'full'
      ? `This folder has more than ${most.toLocaleString('en')} texts. Import the folders in it one by one.`
      : 'This folder could not be read. Check that it is still there, and that you may read it.',
  WINDOWS_FULL: ({ most }) => `${most} windows are open, which is the most. Close one first.`,
  ADDRESS_REFUSED: 'Only web and mail addresses can be opened.',
  WORDS_FULL: ({ most }) =>
    `You have added ${most.toLocaleString('en')} words, which is the most. Remove some in the settings.`,
  PAIRING_REFUSED: 'The other computer said no. Nothing was changed here.',
  PAIRING_IMPOSSIBLE: ({ because }) => impossiblePairings[because],
  NODE_INVALID: ({ text }) => `“${text}” is not the address of a node: write HOST:PORT.`,
  RELAY_INVALID: 'The key of a relay is 64 letters from 0 to 9 and a to f.',
  ARGUMENTS_INVALID: ({ sentence }) => sentence,
  PORT_UNUSABLE: ({ port }) => `Port ${port} cannot be used for metrics.`,
  KEEPER_NOT_RUNNING: 'No keeper runs in this profile. Start it with: swarmpad-keeper run',
  KEEPER_SILENT: 'The keeper that runs did not answer.',
  KEEPER_REFUSED: ({ sentence }) => sentence,
  INTERNAL: 'Something unexpected happened. Your text is kept; if it goes on, start Swarmpad again.',
  TIMEOUT: 'This profile did not close in time.',
  CLOSED: 'This was closed before it was done.',
}

const late: Readonly<Record<ErrorData['REQUEST_LATE']['of'], string>> = {
  backup: 'Wait until the other file is done.',
  file: 'Choose the file again.',
  pairing: 'This is over. Begin again.',
  address: 'Answer first whether the other address may be opened.',
  link: 'This link was answered already. Open it again.',
  passphrase: 'No passphrase is asked for now.',
  'new-link': 'This offer is no longer there.',
}

const otherLinks: Readonly<Record<ErrorData['LINK_OTHER']['meant'], string>> = {
  pairing:
    'This link opens no document: it brings a person to another computer of theirs. On the new computer, choose “I write on another computer already” on the first screen of Swarmpad, and paste it there.',
  document:
    'This link opens a document. Paste the one here that your other computer shows under “Use another computer too”.',
}

const unknownDocuments: Readonly<Record<ErrorData['DOCUMENT_UNKNOWN']['by'], string>> = {
  library: 'This document is not in your library.',
  keeper: 'No document has this id: see list.',
  ambiguous: 'Several ids begin like this: give more of it.',
}

const lowRoles: Readonly<Record<ErrorData['ROLE_TOO_LOW']['to'], string>> = {
  edit: 'This link allows reading only. Ask for a write link to edit.',
  write: 'Only people who may write can do this.',
  read: 'This link is for a computer that keeps a document without reading it. Ask for a write link or a read link.',
  'give-more': 'You cannot give others more than your own link allows.',
  'give-yet': 'This link can be made once someone who has the document was reached.',
  keep: 'A keeper link does not follow from a read link alone. Open the document in Swarmpad, choose Share, “Other links”, “Copy keeper link”.',
  'replace-links': 'Only people who may write can replace the links.',
}

const damaged: Readonly<
  Record<'database' | 'document' | 'key-file' | 'key-file-gone' | 'person' | 'records', string>
> = {
  database:
    'The database of this profile cannot be read. Put the profile folder back from a backup, or start with another --profile.',
  document:
    'What is stored of this document on this computer is damaged. It is repaired with what others’ computers hold, or from a backup.',
  'key-file': 'The file "key" of this profile is damaged. Put it back from a backup.',
  'key-file-gone':
    'The file "key" of this profile is missing, and without it nothing here can be read. Put it back from a backup.',
  person: 'The record of this profile cannot be read. Put the profile folder back from a backup.',
  records: 'This profile cannot be read: its key does not fit, or it was changed. Put it back from a backup.',
}

const damagedFiles: Readonly<Record<'keeper-list' | 'keeper-key', string>> = {
  'keeper-list': 'The list of documents cannot be read',
  'keeper-key': 'A key of this keeper is damaged',
}

const refusedWrites: Readonly<
  Record<'database' | 'open-files' | 'read-back' | 'protection' | 'restoring', string>
> = {
  database: 'Nothing can be written to disk. Check that it is not full or read-only.',
  'open-files':
    'This computer lets Swarmpad open no more files now. Close other programs, or restart Swarmpad.',
  'read-back': 'The disk did not give back what was written to it.',
  protection: 'The change could not be saved. Your documents are protected as before.',
  restoring:
    'This computer’s disk takes no more. What was restored until now stays. Free some space, then restore the same file again: it goes on from there.',
}

type ChosenFileFailure = Extract<ErrorData['STORE_WRITE_FAILED'], { because: unknown }>

const chosenFiles: Readonly<Record<ChosenFileFailure['what'], string>> = {
  copy: 'The copy',
  backup: 'The file',
  picture: 'The picture',
}

const refusedFiles: Readonly<Record<ChosenFileFailure['because'], string>> = {
  full: ': the disk is full. Free some space, or choose another disk.',
  denied: ': you may not write in that folder. Choose another one.',
  name: ': its name is too long. Choose a shorter one.',
  gone: ': the folder is no longer there. Choose another one.',
  other: '. Try again, or choose another folder.',
}

const unwritableFiles: Readonly<Record<'keeper-list' | 'keeper-key', string>> = {
  'keeper-list': 'The list of documents cannot be written',
  'keeper-key': 'A key of this keeper cannot be written',
}

const sealedKeys: Readonly<Record<ErrorData['KEY_SEALED']['by'], string>> = {
  keyring:
    'The key to your documents is in the keyring of this system, and that does not give it out. Log in as the person and on the computer that wrote them, unlock the keyring if it asks, and start Swarmpad again.',
  passphrase: 'This profile opens with its passphrase only.',
  newer:
    'A newer Swarmpad has protected this profile in a way that this one does not know. Start the newer one.',
}

const textFiles: Readonly<Record<ErrorData['TEXT_FILE']['is'], (name: string) => string>> = {
  binary: (name) =>
    `“${name}” is not text in UTF-8 or UTF-16. Only text can be opened, so nothing was changed.`,
  folder: (name) =>
    `“${name}” is a folder. Choose “Import a folder…” in the File menu, or open the files in it.`,
  special: (name) => `“${name}” is not a file.`,
  large: (name) => `“${name}” is larger than 16 MB. That is too much for a document, so nothing was changed.`,
  together: (name) => `“${name}” was left out: the files together are larger than 16 MB. Drop fewer at once.`,
  missing: (name) => `There is no file “${name}”.`,
  unreadable: (name) => `“${name}” could not be read. Check that you may read it.`,
  elsewhere: (name) => `“${name}” is not a file on this computer. Copy it here first, then open it.`,
  sealed: (name) => `“${name}” is a backup. It can be restored, not put into a text.`,
  'another-backup': (name) =>
    `“${name}” was not opened: it is another backup, and one is restored at a time. Open it after this one.`,
}

const impossiblePairings: Readonly<Record<ErrorData['PAIRING_IMPOSSIBLE']['because'], string>> = {
  nobody: 'Nobody writes on this computer yet.',
  nameless: 'Choose a name that can be seen first: the other computer takes it over.',
  offline: 'You are working offline. Go online first: the two computers have to reach each other.',
  somebody:
    'Somebody writes on this computer already, and nothing of theirs is replaced. Use another profile for another person.',
  'nothing-waits': 'There is nothing to compare.',
}

/** Returns the sentences for people about an error: plain words without keys. */
export function errorWords({ code, data }: { code: ErrorCode; data: ErrorData[ErrorCode] }): string {
  const words = sentences[code]
  // Each code has its own data, which TypeScript cannot follow through a table.
  return typeof words === 'string' ? words : (words as (data: ErrorData[ErrorCode]) => string)(data)
}
