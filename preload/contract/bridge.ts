import { backupCalls, backupEvents } from './backup'
import { documentCalls, documentEvents } from './document'
import { type callsWithFiles, fileCalls, fileEvents } from './files'
import { folderCalls, folderEvents } from './folders'
import { layoutCalls } from './layout'
import { libraryCalls, libraryEvents } from './library'
import { networkCalls } from './network'
import { pairingCalls, pairingEvents } from './pairing'
import { placeCalls } from './place'
import { profileCalls, profileEvents } from './profile'
import { programEvents } from './program'
import { protectionCalls, protectionEvents } from './protection'
import { quarantineCalls } from './quarantine'
import { searchCalls, searchEvents } from './search'
import { settingsCalls, settingsEvents } from './settings'
import type { Call, Event } from './shapes'
import { sharingCalls, sharingEvents } from './sharing'
import { spellingCalls, spellingEvents } from './spelling'
import { textMenuCalls, textMenuEvents } from './text-menu'

/**
 * Every call from the window to the main process. Each is declared once, with the shapes of its arguments and
 * the type of its answer; names, types, checks and the window's client derive from this. Offsets are UTF-16
 * code units, times are milliseconds since the Unix epoch.
 */
export const calls = {
  ...profileCalls,
  ...settingsCalls,
  ...spellingCalls,
  ...textMenuCalls,
  ...networkCalls,
  ...libraryCalls,
  ...searchCalls,
  ...documentCalls,
  ...placeCalls,
  ...layoutCalls,
  ...sharingCalls,
  ...quarantineCalls,
  ...backupCalls,
  ...fileCalls,
  ...folderCalls,
  ...pairingCalls,
  ...protectionCalls,
}

/** Every event from the main process to the window. */
export const events = {
  ...profileEvents,
  ...settingsEvents,
  ...spellingEvents,
  ...textMenuEvents,
  ...libraryEvents,
  ...searchEvents,
  ...documentEvents,
  ...sharingEvents,
  ...backupEvents,
  ...fileEvents,
  ...folderEvents,
  ...pairingEvents,
  ...protectionEvents,
  ...programEvents,
}

/** Calls as functions: their arguments and the type of their answer. */
export type Calls = {
  [Name in keyof typeof calls]: (typeof calls)[Name] extends Call<infer Args, infer Answer>
    ? (...args: Args) => Answer
    : never
}

/** Events by name, with the types of their details. */
export type Events = {
  [Name in keyof typeof events]: (typeof events)[Name] extends Event<infer Detail> ? Detail : never
}

/** The outcome of a call: errors cross as data, since a thrown one loses its code. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; code: string; message: string }

/** Every call's name. */
export const callNames = Object.keys(calls) as (keyof Calls)[]

/** Every event's name. */
export const eventNames = Object.keys(events) as (keyof Events)[]

/** A call to which the page gives files, where the main process is given their paths. */
export type CallWithFiles = (typeof callsWithFiles)[number]

/** The arguments of a call as the page gives them. */
export type Given<Name extends keyof Calls> = Name extends CallWithFiles
  ? [files: readonly File[]]
  : Parameters<Calls[Name]>

/** Interface that the preload script exposes as `window.swarmpad`. */
export type Bridge = {
  readonly [Name in keyof Calls]: (...args: Given<Name>) => Promise<Outcome<ReturnType<Calls[Name]>>>
} & {
  /** Listens to an event; returns a function that stops. */
  on<Name extends keyof Events>(event: Name, listener: (detail: Events[Name]) => void): () => void
}

/** The IPC channel of a call. */
export const callChannel = (name: keyof Calls): string => `swarmpad:call:${name}`

/** The IPC channel of an event. */
export const eventChannel = (name: keyof Events): string => `swarmpad:event:${name}`
