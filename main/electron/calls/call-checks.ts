import type { Calls } from '../../../preload/contract/bridge'
import type { NetworkChoice } from '../../../preload/contract/network'
import { maxPassphrase, maxReceivers } from '../../../preload/contract/shapes'
import type { Update } from '../../../preload/contract/updates'
import { SwarmpadError } from '../../base/errors'

/** Checks one argument: returns it with its type, or throws REQUEST_INVALID. */
type Check<T> = (value: unknown) => T

/** Checks the arguments of a call, their number included. Throws REQUEST_INVALID. */
type Arguments<T extends unknown[]> = (given: readonly unknown[]) => T

/** Longest name or address, in UTF-16 code units; the callees limit them further. */
const maxWord = 1_000
/** Longest pasted link with its blanks and line breaks, in UTF-16 code units. */
const maxLink = 8_192
/** Maximum number of updates in one push; a window with more sends several pushes. */
const maxUpdates = 10_000
/** Maximum number of bootstrap nodes. */
const maxNodes = 32
/** Maximum text that one push inserts, in UTF-16 code units, and maximum parts of its changes. */
const maxInserted = 16 * 1024 * 1024
const maxParts = 1_000_000

const invalid = (): SwarmpadError => new SwarmpadError('REQUEST_INVALID')

function args<T extends unknown[]>(...checks: { [Index in keyof T]: Check<T[Index]> }): Arguments<T> {
  return (given) => {
    if (given.length !== checks.length) throw invalid()
    return checks.map((check, index) => check(given[index])) as T
  }
}

const text =
  (max: number): Check<string> =>
  (value) => {
    if (typeof value !== 'string' || value.length > max) throw invalid()
    return value
  }

const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value) =>
    value === null ? null : check(value)

const flag: Check<boolean> = (value) => {
  if (typeof value !== 'boolean') throw invalid()
  return value
}

const documentId: Check<string> = (value) => {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) throw invalid()
  return value
}

/** Public keys have the form of a document's id. */
const key = documentId

const keys: Check<string[]> = (value) => list(value, maxReceivers).map(key)

const count: Check<number> = (value) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw invalid()
  return value
}

const linkKind: Check<'write' | 'read' | 'keep'> = (value) => {
  if (value !== 'write' && value !== 'read' && value !== 'keep') throw invalid()
  return value
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid()
  return value as Record<string, unknown>
}

function list(value: unknown, max: number): unknown[] {
  if (!Array.isArray(value) || value.length > max) throw invalid()
  // Array methods skip the holes of a sparse array.
  return Array.from(value)
}

const network: Check<NetworkChoice> = (value) => {
  const { lan, bootstrap, relays } = fields(value)
  const words = (given: unknown) => list(given, maxNodes).map(text(maxWord))
  return { lan: flag(lan), bootstrap: words(bootstrap), relays: words(relays) }
}

/** A document's id, or null. */
const documentIdOrNull: Check<string | null> = (value) => (value === null ? null : documentId(value))

const selection: Check<{ version: number; anchor: number; head: number } | null> = (value) => {
  if (value === null) return null
  const { version, anchor, head } = fields(value)
  return { version: count(version), anchor: count(anchor), head: count(head) }
}

const updates: Check<Update[]> = (value) => {
  const budget = { inserted: maxInserted, parts: maxParts }
  return list(value, maxUpdates).map((update) => {
    const { clientID, changes } = fields(update)
    if (typeof clientID !== 'string' || !/^[\w-]{1,64}$/.test(clientID) || reservedClients.has(clientID))
      throw invalid()
    return { clientID, changes: changeSet(changes, budget) }
  })
}

/** Client ids of the main process's own changes. */
const reservedClients = new Set(['peer', 'program'])

/** Checks a ChangeSet as JSON: retained lengths, or [deleted, ...inserted lines]. */
function changeSet(value: unknown, budget: { inserted: number; parts: number }): unknown[] {
  return list(value, maxParts).map((part) => {
    if (--budget.parts < 0) throw invalid()
    if (!Array.isArray(part)) return count(part)
    if (part.length > maxParts) throw invalid()
    const [deleted, ...lines] = part as unknown[]
    return [count(deleted), ...lines.map((line) => insertedLine(line, budget))]
  })
}

function insertedLine(value: unknown, budget: { inserted: number; parts: number }): string {
  if (typeof value !== 'string') throw invalid()
  budget.inserted -= value.length + 1
  if (budget.inserted < 0) throw invalid()
  return value
}

/** Validators for the arguments of every call; input from the window is untrusted until they pass. */
export const callChecks: { readonly [Name in keyof Calls]: Arguments<Parameters<Calls[Name]>> } = {
  profile: args(),
  setName: args(text(maxWord)),
  acknowledgeAddress: args(),
  setOffline: args(flag),
  setNetwork: args(network),
  networkReport: args(documentIdOrNull),
  copyNetworkReport: args(documentIdOrNull),
  documents: args(),
  createDocument: args(),
  openLink: args(text(maxLink)),
  acceptLink: args(count),
  declineLink: args(count),
  openDocument: args(documentId),
  closeDocument: args(documentId),
  pushEdits: args(documentId, count, updates),
  setSelection: args(documentId, selection),
  copyLink: args(documentId, linkKind),
  saveCopy: args(documentId),
  saveBackup: args(text(maxPassphrase), orNull(documentId)),
  openFile: args(flag),
  restoreBackup: args(text(maxPassphrase)),
  stopBackup: args(),
  offerPairing: args(),
  copyPairingLink: args(),
  joinPairing: args(text(maxLink)),
  agreePairing: args(text(maxWord)),
  endPairing: args(),
  leftOut: args(documentId),
  saveLeftOut: args(documentId),
  dismissLeftOut: args(documentId),
  takeMore: args(documentId),
  goOnWithout: args(documentId),
  writers: args(documentId),
  replaceLinks: args(documentId, keys, flag),
  openSuccessor: args(documentId, key),
  removeDocument: args(documentId),
  restoreDocument: args(documentId),
  openExternal: args(text(maxWord * 4)),
  lock: args(),
  unlock: args(text(maxPassphrase)),
  protection: args(),
  setPassphrase: args(orNull(text(maxPassphrase)), orNull(text(maxPassphrase))),
  declinePassphrase: args(),
}
