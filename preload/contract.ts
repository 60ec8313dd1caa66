/**
 * The contract between the window and the main process: every call and every event, as types and
 * plain data. The preload script, the main process's handlers and the window all derive from it.
 * Offsets are UTF-16 code units, times are milliseconds since the Unix epoch.
 */
import type { CommandId } from './commands'

/** 64 hexadecimal letters. Names a document; opens nothing. */
export type DocumentId = string

/** A person's access level in a document. */
export type Role = 'write' | 'read'

/** Access that a link grants: a role, or keeping the document for others without reading it. */
export type LinkKind = Role | 'keep'

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

/** Another person who writes in a document, present or not. */
export interface Writer {
  /** Their author's key: 64 hexadecimal letters. */
  key: string
  name: string
  fingerprint: string
  /** They are in the document now. */
  here: boolean
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

/** Where a person's caret stands, in the text of `version`; `anchor` is the other end of a selection. */
export interface Caret {
  key: string
  anchor: number
  head: number
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
  /** The person has been informed that people they share with see their IP address. */
  knowsAddressIsSeen: boolean
  offline: boolean
  network: NetworkChoice
}

/** How the network is used. */
export interface NetworkChoice {
  /** Find people on the local network, and be found by them. */
  lan: boolean
  /** Bootstrap nodes of the DHT, as HOST:PORT; empty for the public ones. */
  bootstrap: string[]
  /** Public keys of relays to use where routers let neither side in, 64 hexadecimal digits each. */
  relays: string[]
}

/** Storage of the key that decrypts this profile's data on this computer. */
export interface Protection {
  /** 'file': in the clear, where the system has no keyring and the person no passphrase. */
  way: 'keyring' | 'passphrase' | 'file'
  /** True to suggest setting a passphrase. */
  offer: boolean
}

/** Route to a peer: on this computer, on the local network, direct, or through a relay. */
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
  /** Bytes over this connection, shared by all documents that both sides have. */
  received: number
  sent: number
  /** Time of the last complete sync in both directions, in this run; null for never. */
  syncedAt: number | null
}

/** A failed connection attempt; lists have the newest first. */
export interface FailedAttempt {
  at: number
  /** 'unreachable': no answer. 'gone': no longer found. 'routers': both let nobody in. 'other': else. */
  reason: 'unreachable' | 'gone' | 'routers' | 'other'
}

/** The network as this computer sees it, and as others see this computer. */
export interface NetworkReport {
  state: 'off' | 'starting' | 'online' | 'unreachable'
  /** This computer's address as others see it, HOST:PORT or HOST; null while unknown. */
  address: string | null
  /**
   * NAT behaviour of the router. 'open': anyone can connect. 'consistent': after an outgoing connection, as
   * with most routers. 'random': every connection uses another port, so that others rarely get in.
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

/** The person's choice of a file to open: none, a text imported as a document, or a sealed file. */
export type ChosenFile =
  | { kind: 'none' }
  | { kind: 'document'; id: DocumentId }
  | { kind: 'backup'; file: BackupFile }

/** Result of restoring a sealed file. */
export interface Restored {
  kind: BackupFile['kind']
  /** This profile has taken over the person in the file. */
  person: boolean
  /** Documents that were not here before. */
  added: DocumentId[]
  /** Numbers of documents that were here: those that received missing data, and those already complete. */
  grown: number
  known: number
  /** Titles of documents that could be restored only in part. */
  incomplete: string[]
}

/**
 * State of pairing with another of the person's computers, on either side. `computers`: how many others have
 * proved so far that they have the link, 99 at most. More than one is a sign that somebody else has it.
 */
export type PairingState =
  /** The other computer has not connected yet. */
  | { phase: 'looking'; computers: number }
  /** Both show the same letters if they are the intended pair. `agreed`: the person confirmed this here. */
  | { phase: 'comparing'; code: string; agreed: boolean; computers: number }
  /** The content is being sent to the joining computer, or is being stored there. */
  | { phase: 'bringing' }
  /** Name of the transferred person, and number of their documents. */
  | { phase: 'done'; name: string; documents: number }
  /** Pairing failed; `message` gives the reason in plain words. */
  | { phase: 'failed'; code: string; message: string }

/** Something to tell a person. */
export interface Notice {
  readonly message: string
  /** Reports a loss; stays until dismissed. */
  readonly stays: boolean
}

/** The outcome of a call: errors cross as data, since a thrown one loses its code. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; code: string; message: string }

/** Calls from the window to the main process. Each returns an Outcome of the given type. */
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
  /** Joins at once; the text follows once a peer that has it is connected. */
  openLink(link: string): { id: DocumentId }
  /** Opens the link of a `confirmLink` as openLink does. INVALID for one that was answered. */
  acceptLink(offer: number): { id: DocumentId }
  /** Discards the offered link. */
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
  /** Aborts the running backup or restore, which then fails with CLOSED. */
  stopBackup(): null
  /**
   * Makes a link that transfers this person to another of their computers, valid until `until` or
   * `endPairing`; 'pairing' events follow. Ends an earlier pairing.
   */
  offerPairing(): { link: string; until: number }
  /** Puts that link on the clipboard. */
  copyPairingLink(): null
  /** Joins by a link that another computer shows; requires a new profile. 'pairing' events follow. */
  joinPairing(link: string): null
  /**
   * Confirms that both computers show these letters; INVALID if they are not the ones being compared now.
   * On the computer that shows the link, a native dialog asks once more.
   */
  agreePairing(code: string): null
  /** Ends the current pairing: the person declines, or is done. */
  endPairing(): null
  /** Returns details of the edits that were left out. */
  leftOut(id: DocumentId): LeftOutDetails[]
  /** Asks where and writes the left-out edits as JSON; `whole` is false if they exceed the file limit. */
  saveLeftOut(id: DocumentId): { path: string | null; whole: boolean }
  /** Dismisses the notice of all edits left out so far, permanently. */
  dismissLeftOut(id: DocumentId): null
  /** Doubles the exhausted quota for others' edits on this computer, per document or in total. */
  takeMore(id: DocumentId): null
  /** Continues with the readable part of a damaged document. */
  goOnWithout(id: DocumentId): null
  /** People who can receive the link of a replacement document; those present first, 255 at most. */
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
  /** Reports if the profile waits for its passphrase. Answered at once, like `unlock` and no other call. */
  lock(): { locked: boolean }
  /** Tries a passphrase while the profile is locked; PASSPHRASE_WRONG if it does not match. */
  unlock(passphrase: string): null
  protection(): Protection
  /** Sets, changes or (`next` null) removes the passphrase; `current` is the one that is set, or null. */
  setPassphrase(current: string | null, next: string | null): Protection
  /** Records that the person declined a passphrase. */
  declinePassphrase(): Protection
}

/** Events from the main process to the window. */
export interface Events {
  documents: DocumentSummary[]
  profile: Profile
  /** Changes that lead from `version` to `version + updates.length`. */
  updates: { id: DocumentId; version: number; updates: Update[] }
  status: { id: DocumentId; status: DocumentStatus }
  people: { id: DocumentId; people: Person[] }
  /** Carets of everyone else, in the text of `version`; replaces what was sent before. */
  carets: { id: DocumentId; version: number; carets: Caret[] }
  /** Replaces the previous list. */
  successors: { id: DocumentId; successors: Successor[] }
  /** Show this document: it was opened from outside, by a link or a file. */
  show: { id: DocumentId }
  /**
   * A link came from outside the window to a document that this profile does not have, or not to write:
   * ask the person. May come again for one that is not answered yet.
   */
  confirmLink: { offer: number; role: Role }
  /** Progress of saving or restoring, from 0 to 1. */
  backupProgress: { done: number }
  /** A sealed file came from outside the window, and waits for `restoreBackup`. */
  backupChosen: BackupFile
  /** The new state of the current pairing. */
  pairing: PairingState
  /** Something to tell in plain words, not tied to a document. */
  notice: Notice
  /** The profile was locked or unlocked. */
  lock: { locked: boolean }
  /** A command from the menu. */
  command: { command: CommandId }
}

/** Maximum number of people who receive a new link at once. */
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

/** Interface that the preload script exposes as `window.swarmpad`. */
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
