/**
 * The contract between the window and the main process: every call and every event, as types and
 * plain data. The preload script, the main process's handlers and the window all derive from it.
 * Offsets are UTF-16 code units, times are milliseconds since the Unix epoch.
 */

/** 64 hexadecimal letters. Names a document; opens nothing. */
export type DocumentId = string

/** What a person may do in a document. */
export type Role = 'write' | 'read'

/** What a link gives: a role, or to keep the document for others without reading it. */
export type LinkKind = Role | 'keep'

/** A document as the library lists it. */
export interface DocumentSummary {
  id: DocumentId
  /** From the first heading or line; '' while no text has arrived or the document is empty. */
  title: string
  role: Role
  /** When its text last changed on this computer; null if it never has. */
  editedAt: number | null
  /** Names of the others who are in it now. */
  people: string[]
  /** Opened by link, and nothing has arrived yet. */
  waiting: boolean
  /** Someone who may write in it has replaced its links. */
  replaced: boolean
}

/** Someone who is in a document now, on another computer than this one. */
export interface Person {
  /** Names this person for as long as they stay. */
  key: string
  name: string
  /** A few letters and digits that tell apart two people of one name. */
  fingerprint: string
  /** This person themselves, on another computer of theirs. */
  own: boolean
  role: Role
  /** 0 to 7: which of the theme's colours marks this person. */
  color: number
  /** Has confirmed that all of this computer's edits are stored there. */
  hasMine: boolean
}

/** Someone else who writes in a document, whether they are here now or not. */
export interface Writer {
  /** Their author's key: 64 hexadecimal letters. */
  key: string
  name: string
  fingerprint: string
  /** They are in the document now. */
  here: boolean
}

/** A document that took this one's place, as someone says who writes in this one. */
export interface Successor {
  /** Names it among those of this document: 64 hexadecimal letters. */
  key: string
  /** Who replaced the links. */
  name: string
  fingerprint: string
  /** Someone else here goes by that name. */
  sharesName: boolean
  /** This person did it. */
  own: boolean
  /** The library has it. */
  held: boolean
  /** Its link was given to this person. */
  offered: boolean
  /** Of one's own: those who were picked and have not received it: names, with fingerprints where two share one. */
  untold: string[]
}

/** Where a person's caret stands, in the text of `version`; `anchor` is the other end of a selection. */
export interface Caret {
  key: string
  anchor: number
  head: number
}

/** A computer that confirmed, signed, what it stores of the edits that were made here, whether it is there now or not. */
export interface Holder {
  /** Names it, also after a restart: 64 hexadecimal letters. */
  key: string
  /** 'own': another computer of this person. 'keeper': it keeps the document and cannot read it. */
  kind: 'person' | 'own' | 'keeper'
  /** Of the person, or what the keeper is called; '' where nothing is known. */
  name: string
  fingerprint: string
  /** Connected now. */
  here: boolean
  /** It confirmed all edits that were made here. */
  hasMine: boolean
  /** When its last word came. */
  confirmedAt: number
  /** Since when it says that it holds less than it had confirmed; null for one that keeps its word. */
  deniedAt: number | null
}

/** What the status line tells; all of it is true at the moment it is sent. */
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
  /** Who stores what was made here, the newest word first; 50 at most. */
  holders: Holder[]
  /** Names of those connected whose computers take in nothing more for want of room; '' for a keeper without one. */
  full: string[]
  /** Names of connected people whose Swarmpad speaks another version: an update is needed. */
  outdated: string[]
  /** Something that needs the person's attention, in plain words with what to do; null if all is well. */
  problem: string | null
  /** Why edits past `savedVersion` are not saved, in plain words; null while all are, or soon will be. */
  unsaved: string | null
  /** Why nothing new is taken in from others; null while it is. */
  shortage: { text: string /** `takeMore` ends it. */; canTakeMore: boolean } | null
  /** What is not as its authors wrote it; those that were not put away first, 50 at most. */
  leftOut: LeftOut[]
  /** A part of it is damaged on the disk, so that it cannot be read: the text is as it was last seen. */
  damaged: boolean
}

/** Edits of one person that are not in the text, or that may not reach everyone. */
export interface LeftOut {
  /** Names it in its document, also after a restart. */
  key: string
  /** Who wrote them, as their certificate has it. */
  name: string
  /** '' when the certificate names nobody soundly: the name is '' too. */
  fingerprint: string
  /** 'unreadable': left out of the text. 'two-histories': two copies of a running program wrote as one. */
  kind: 'unreadable' | 'two-histories'
  /** This person has put the notice away. */
  dismissed: boolean
}

/** What can be told of it. */
export interface LeftOutDetails extends LeftOut {
  /** Why, as a sentence in plain words. */
  reason: string
  /** What is not in the text; null for two histories. */
  lost: {
    /** The number of the first edit that is left out, from 1, counted from when the author opened the document. */
    first: number
    edits: number
    /** Bytes on disk. */
    size: number
    /** There is more than the size says: counting stopped. */
    more: boolean
    /** The beginning of the words that can be got out of them; '' for none. */
    text: string
  } | null
}

/** A batch of changes to a document's text, as @codemirror/collab counts them. */
export interface Update {
  /** The editor that made the change; changes of other peers have the id 'peer'. */
  clientID: string
  /** A CodeMirror ChangeSet as JSON. */
  changes: unknown
}

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

/** This person and the settings of this profile. */
export interface Profile {
  /** '' until the person has chosen one. */
  name: string
  fingerprint: string
  /** The person was told that those they share with see their IP address. */
  knowsAddressIsSeen: boolean
  offline: boolean
  network: NetworkChoice
}

/** How the network is used. */
export interface NetworkChoice {
  /** Find people on the local network, and be found by them. */
  lan: boolean
  /** Nodes of the DHT to begin with, as HOST:PORT; none for the public ones. */
  bootstrap: string[]
  /** Public keys of relays to use where routers let neither side in, 64 hexadecimal digits each. */
  relays: string[]
}

/** How the key is kept that opens what this computer holds of this profile. */
export interface Protection {
  /** 'file': in the clear, where the system has no keyring and the person no passphrase. */
  way: 'keyring' | 'passphrase' | 'file'
  /** Whether to offer a passphrase unasked. */
  offer: boolean
}

/** How a person is reached: on this computer, on the local network, straight, or through a relay. */
export type Route = 'local' | 'lan' | 'direct' | 'relayed'

/** Someone who shares a document, as the network sees them. */
export interface ReachedPeer {
  name: string
  /** This person themselves, on another computer of theirs. */
  own: boolean
  role: Role | 'keep'
  route: Route
  /** HOST:PORT, of the relay if there is one; null while it is not known. */
  address: string | null
  /** In ms; null while it is not known. */
  roundTrip: number | null
  /** Bytes of this connection, which all documents share that both have. */
  received: number
  sent: number
  /** When they last held all that is here and the other way round, in this run; null for never. */
  syncedAt: number | null
}

/** A way to somebody that was tried and came to nothing, newest first. */
export interface FailedAttempt {
  at: number
  /** 'unreachable': no answer. 'gone': not found any more. 'routers': the routers of both let nobody in. 'other': else. */
  reason: 'unreachable' | 'gone' | 'routers' | 'other'
}

/** The network as this computer sees it, and as others see this computer. */
export interface NetworkReport {
  state: 'off' | 'starting' | 'online' | 'unreachable'
  /** This computer's address as others see it, HOST:PORT or HOST; null while nobody said. */
  address: string | null
  /**
   * How its router lets others in. 'open': anyone can call. 'consistent': after a call from here, as most
   * routers do. 'random': each call leaves by another door, so that others rarely find in.
   */
  nat: 'open' | 'consistent' | 'random' | 'unknown'
  /** Nodes of the DHT that are known. */
  nodes: number
  lan: { on: boolean; neighbours: number }
  /** This computer relays for others. */
  relaying: boolean
  peers: ReachedPeer[]
  failed: FailedAttempt[]
}

/** A file that holds a profile or a document, sealed with a passphrase. */
export interface BackupFile {
  kind: 'profile' | 'document'
  /** The file's name, without its folder. */
  name: string
}

/** What the person chose to open: nothing, a text that became a document, or a sealed file. */
export type ChosenFile =
  | { kind: 'none' }
  | { kind: 'document'; id: DocumentId }
  | { kind: 'backup'; file: BackupFile }

/** What became of restoring a sealed file. */
export interface Restored {
  kind: BackupFile['kind']
  /** Its person is the one of this profile now. */
  person: boolean
  /** Documents that were not here before. */
  added: DocumentId[]
  /** How many were here and got something that they lacked, and how many had all that is in the file. */
  grown: number
  known: number
  /** Titles of those of which something could not be taken. */
  incomplete: string[]
}

/**
 * How pairing with another computer of the same person goes, from either side. `computers`: how many others have
 * proved so far that they have the link, 99 at most. More than one is a sign that somebody else has it.
 */
export type PairingState =
  /** The other computer is not there yet. */
  | { phase: 'looking'; computers: number }
  /** Both show the same letters, or they are not the two that are meant. `agreed`: this person has said so here. */
  | { phase: 'comparing'; code: string; agreed: boolean; computers: number }
  /** What the other computer needs is on its way, or is being taken over. */
  | { phase: 'bringing' }
  /** Who came along, and with how many documents. */
  | { phase: 'done'; name: string; documents: number }
  /** It came to nothing; why, in plain words. */
  | { phase: 'failed'; code: string; message: string }

/** Something to tell a person. */
export interface Notice {
  readonly message: string
  /** It is about something lost, and stays until it is put away. */
  readonly stays: boolean
}

/** The outcome of a call: errors cross as data, since a thrown one loses its code. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; code: string; message: string }

/** What the window may ask. Each answers with an Outcome of the type given. */
export interface Calls {
  profile(): Profile
  setName(name: string): Profile
  acknowledgeAddress(): Profile
  setOffline(offline: boolean): Profile
  setNetwork(network: NetworkChoice): Profile
  /** The network now, with the people of one document or, with null, of none. */
  networkReport(id: DocumentId | null): NetworkReport
  /** Puts the report on the clipboard as text, without keys, documents and others' addresses. */
  copyNetworkReport(id: DocumentId | null): null
  documents(): DocumentSummary[]
  createDocument(): { id: DocumentId }
  /** Joins at once; the text follows when someone who has it is there. */
  openLink(link: string): { id: DocumentId }
  /** Opens the link of a `confirmLink` as openLink does. INVALID for one that was answered. */
  acceptLink(offer: number): { id: DocumentId }
  /** Forgets it. */
  declineLink(offer: number): null
  /** Opens a document for editing in this window; its events follow until closeDocument. */
  openDocument(id: DocumentId): OpenedDocument
  closeDocument(id: DocumentId): null
  /** Edits made at `version`. Rebased if that is not the newest; confirmed by an 'updates' event. */
  pushEdits(id: DocumentId, version: number, updates: Update[]): null
  /** This person's selection in the text of `version`; null when the editor lost focus. */
  setSelection(id: DocumentId, selection: { version: number; anchor: number; head: number } | null): null
  /** Puts a link on the clipboard. The link itself never reaches the window. */
  copyLink(id: DocumentId, kind: LinkKind): null
  /** Asks where and writes the text as Markdown; the path, or null when the person cancelled. */
  saveCopy(id: DocumentId): { path: string | null }
  /**
   * Asks where and writes one document with its keys, or (`id` null) all of the profile, sealed with a passphrase;
   * `path` is null when the person cancelled. `damaged`: titles of documents that it holds only in part;
   * `unsaved`: of those whose last words are not saved here, and so not in it.
   */
  saveBackup(
    passphrase: string,
    id: DocumentId | null,
  ): { path: string | null; damaged: string[]; unsaved: string[] }
  /** Asks for a file; with `sealed` no text is opened. A sealed one waits for `restoreBackup`. */
  openFile(sealed: boolean): ChosenFile
  /** Restores the sealed file that was chosen last. PASSPHRASE_WRONG leaves it chosen. */
  restoreBackup(passphrase: string): Restored
  /** Stops what saves or restores now, which then fails with CLOSED. */
  stopBackup(): null
  /**
   * Makes a link by which this person comes to another computer of theirs, valid until `until` and until
   * `endPairing`; 'pairing' events follow. What went on before ends.
   */
  offerPairing(): { link: string; until: number }
  /** Puts that link on the clipboard. */
  copyPairingLink(): null
  /** Joins by a link that another computer shows, where nobody has begun to use the profile; 'pairing' events follow. */
  joinPairing(link: string): null
  /**
   * The person has compared these letters and they are the same on both computers; INVALID when they are not the
   * ones that are compared now. On the one that shows the link the system's own dialog asks once more.
   */
  agreePairing(code: string): null
  /** Ends the pairing that goes on: the person says no, or is done. */
  endPairing(): null
  /** What is known of edits that were left out. */
  leftOut(id: DocumentId): LeftOutDetails[]
  /** Asks where and writes what was left out as JSON; `whole` is false when it was too much for one file. */
  saveLeftOut(id: DocumentId): { path: string | null; whole: boolean }
  /** Puts the notice of all that is left out now away for good. */
  dismissLeftOut(id: DocumentId): null
  /** Doubles what others' edits may take on this computer, in the document or in all together as it is short of. */
  takeMore(id: DocumentId): null
  /** Goes on with what can be read of a damaged document, without the rest. */
  goOnWithout(id: DocumentId): null
  /** Who can be given the link of a new document in this one's place; those who are here first, 255 at most. */
  writers(id: DocumentId): Writer[]
  /**
   * Makes a new document of the present text, and gives its link to these writers; `keep` keeps the old one in
   * the library also when all of them have it.
   */
  replaceLinks(id: DocumentId, writers: string[], keep: boolean): { id: DocumentId }
  /** Opens a successor that was offered to this person, or is held. */
  openSuccessor(id: DocumentId, key: string): { id: DocumentId }
  /** Takes a document out of the library; it can be restored until the program quits. */
  removeDocument(id: DocumentId): null
  restoreDocument(id: DocumentId): null
  /** Asks the person, and opens an http, https or mailto link in the system's browser. */
  openExternal(url: string): null
  /** Whether the profile waits for its passphrase; answered at once, unlike all calls but `unlock`. */
  lock(): { locked: boolean }
  /** Tries a passphrase while the profile is locked; PASSPHRASE_WRONG if it is another. */
  unlock(passphrase: string): null
  protection(): Protection
  /** Sets, changes or (`next` null) removes the passphrase; `current` is the one that is set, or null. */
  setPassphrase(current: string | null, next: string | null): Protection
  /** The person wants no passphrase. */
  declinePassphrase(): Protection
}

/** What the main process tells the window unasked. */
export interface Events {
  documents: DocumentSummary[]
  profile: Profile
  /** Changes that lead from `version` to `version + updates.length`. */
  updates: { id: DocumentId; version: number; updates: Update[] }
  status: { id: DocumentId; status: DocumentStatus }
  people: { id: DocumentId; people: Person[] }
  /** Carets of everyone else, in the text of `version`; replaces what was sent before. */
  carets: { id: DocumentId; version: number; carets: Caret[] }
  /** Replaces what was told before. */
  successors: { id: DocumentId; successors: Successor[] }
  /** Show this document: it was opened from outside, by a link or a file. */
  show: { id: DocumentId }
  /**
   * A link came from outside the window to a document that this profile does not have, or not to write:
   * ask the person. May come again for one that is not answered yet.
   */
  confirmLink: { offer: number; role: Role }
  /** How far saving or restoring is, from 0 to 1. */
  backupProgress: { done: number }
  /** A sealed file came from outside the window, and waits for `restoreBackup`. */
  backupChosen: BackupFile
  /** The next step of the pairing that goes on. */
  pairing: PairingState
  /** Something to tell in plain words, not tied to a document. */
  notice: Notice
  /** The profile waits for its passphrase, or does no longer. */
  lock: { locked: boolean }
  /** A command from the menu. */
  command: { command: MenuCommand }
}

/** Menu commands that the window carries out. */
export type MenuCommand =
  | 'new-document'
  | 'open-link'
  | 'share'
  | 'replace-links'
  | 'undo'
  | 'redo'
  | 'save-copy'
  | 'save-with-keys'
  | 'back-up'
  | 'pair'
  | 'open-file'
  | 'find'
  | 'show-library'
  | 'toggle-offline'
  | 'network'

/** Most people that a new link is given to at once. */
export const maxReceivers = 255

/** Longest passphrase, in UTF-16 code units. */
export const maxPassphrase = 1_024

/** Every call's name; the type check fails if one of Calls is missing. */
export const callNames = [
  'profile',
  'setName',
  'acknowledgeAddress',
  'setOffline',
  'setNetwork',
  'networkReport',
  'copyNetworkReport',
  'documents',
  'createDocument',
  'openLink',
  'acceptLink',
  'declineLink',
  'openDocument',
  'closeDocument',
  'pushEdits',
  'setSelection',
  'copyLink',
  'saveCopy',
  'saveBackup',
  'openFile',
  'restoreBackup',
  'stopBackup',
  'offerPairing',
  'copyPairingLink',
  'joinPairing',
  'agreePairing',
  'endPairing',
  'leftOut',
  'saveLeftOut',
  'dismissLeftOut',
  'takeMore',
  'goOnWithout',
  'writers',
  'replaceLinks',
  'openSuccessor',
  'removeDocument',
  'restoreDocument',
  'openExternal',
  'lock',
  'unlock',
  'protection',
  'setPassphrase',
  'declinePassphrase',
] as const satisfies readonly (keyof Calls)[]

/** Every event's name. */
export const eventNames = [
  'documents',
  'profile',
  'updates',
  'status',
  'people',
  'carets',
  'successors',
  'show',
  'confirmLink',
  'backupProgress',
  'backupChosen',
  'pairing',
  'notice',
  'lock',
  'command',
] as const satisfies readonly (keyof Events)[]

/** What the preload script puts at `window.swarmpad`. */
export type Bridge = {
  readonly [Name in keyof Calls]: (
    ...args: Parameters<Calls[Name]>
  ) => Promise<Outcome<ReturnType<Calls[Name]>>>
} & {
  /** Listens to an event; returns a function that stops. */
  on<Name extends keyof Events>(event: Name, listener: (detail: Events[Name]) => void): () => void
}

/** The IPC channel of a call. */
export const callChannel = (name: keyof Calls): string => `swarmpad:call:${name}`

/** The IPC channel of an event. */
export const eventChannel = (name: keyof Events): string => `swarmpad:event:${name}`
