import type { DocumentId } from '../../preload/contract'
import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { type DocumentKeys, keysFromKeep, keysFromRead, keysFromWrite } from '../keys/derive'

/** A document that this profile keeps, as its record has it. */
export interface LibraryEntry {
  readonly keys: DocumentKeys
  /** The document's manifest (hex), as soon as it is known. */
  readonly manifest: string | null
  readonly title: string
  /** When its text last changed here, in ms since the Unix epoch; null for never. */
  readonly editedAt: number | null
  /** Opened by link, and nothing has arrived. */
  readonly waiting: boolean
  /** Taken out of the library: forgotten for good at the next start. */
  readonly removed: boolean
  /** Notices of edits that were left out which the person put away, by key; the newest last. */
  readonly dismissed: readonly string[]
  /** Bytes that others' edits may take here; null for as many as usual. */
  readonly quota: number | null
  /** Documents that took this one's place. */
  readonly successors: readonly KeptSuccessor[]
  /** A link to it was asked for, to be given to someone. */
  readonly given: boolean
}

/** An entry as it is stored: plain data. */
export interface StoredEntry
  extends Omit<LibraryEntry, 'keys' | 'dismissed' | 'quota' | 'successors' | 'given'> {
  /** Older records lack it. */
  readonly dismissed?: readonly string[]
  readonly quota?: number | null
  readonly successors?: readonly KeptSuccessor[]
  readonly given?: boolean
  /** The secret of the best link that is held, hex. */
  readonly secret: string
  readonly role: DocumentKeys['role']
  /** W.publicKey for keep links, hex. */
  readonly verify: string | null
}

/** A document that took another's place, as the library keeps it with the old one. All bytes are hex. */
export interface KeptSuccessor {
  /** SHA-256 of its record. */
  readonly key: string
  /** Author of the record, checked to be a writer of the old document. */
  readonly author: string
  /** As a certificate of theirs gives it. */
  readonly name: string
  readonly documentId: DocumentId
  /** Its write secret, if the record holds it for this person. */
  readonly secret: string | null
  /** For what this person has made. */
  readonly own: OwnSuccessor | null
}

/** State of a record that was made here. */
export interface OwnSuccessor {
  readonly record: string
  /** It is durable in the old document. */
  readonly posted: boolean
  /** The old document is to be removed here when everyone was notified. */
  readonly leaving: boolean
  /** Those it was sealed for who have not confirmed that they have it. */
  readonly untold: readonly { readonly author: string; readonly name: string }[]
}

/** Initial values of the fields that are set later in a document's life and absent from older records. */
export const nothingNoted = { dismissed: [], quota: null, successors: [], given: false } as const

/** The record of an entry, as `readEntry` reads it. */
export function storedEntry(entry: LibraryEntry): StoredEntry {
  const { keys, ...rest } = entry
  const secret = keys.write ?? keys.read ?? keys.keep
  return { ...rest, role: keys.role, secret: hex(secret), verify: keys.verify ? hex(keys.verify) : null }
}

/** The entry of a record; null for one of another form, as a later program may have written it. */
export function readEntry(record: unknown): LibraryEntry | null {
  if (!isStoredEntry(record)) return null
  const { role, secret, verify, ...rest } = record
  try {
    const keys = readKeys(role, fromHex(secret), verify, rest.manifest)
    return { ...nothingNoted, ...rest, keys }
  } catch (error) {
    if (error instanceof SwarmpadError) return null
    throw error
  }
}

function isStoredEntry(record: unknown): record is StoredEntry {
  if (typeof record !== 'object' || record === null) return false
  const stored = record as Partial<Record<keyof StoredEntry, unknown>>
  const { manifest, title, editedAt, waiting, removed, secret, role, verify } = stored
  const { dismissed, quota, successors, given = false } = stored
  return (
    [manifest, verify].every((text) => text === null || typeof text === 'string') &&
    [title, secret].every((text) => typeof text === 'string') &&
    [waiting, removed, given].every((flag) => typeof flag === 'boolean') &&
    [editedAt, quota ?? null].every((number) => number === null || typeof number === 'number') &&
    ['write', 'read', 'keep'].some((known) => known === role) &&
    (dismissed === undefined ||
      (Array.isArray(dismissed) && dismissed.every((key) => typeof key === 'string'))) &&
    (successors === undefined || (Array.isArray(successors) && successors.every(isKeptSuccessor)))
  )
}

function readKeys(
  role: string,
  secret: Buffer,
  verify: string | null,
  manifest: string | null,
): DocumentKeys {
  if (role === 'write') return keysFromWrite(secret)
  if (role === 'read') return manifest ? keysFromRead(secret, fromHex(manifest)) : keysFromRead(secret)
  return keysFromKeep(secret, fromHex(verify ?? ''))
}

/** True for a valid successor read from the library's record. */
export function isKeptSuccessor(value: unknown): value is KeptSuccessor {
  if (typeof value !== 'object' || value === null) return false
  const { key, author, name, documentId, secret, own } = value as Partial<
    Record<keyof KeptSuccessor, unknown>
  >
  return (
    [key, author, name, documentId, secret ?? ''].every((text) => typeof text === 'string') &&
    (own === null || isOwn(own))
  )
}

function isOwn(value: unknown): value is OwnSuccessor {
  if (typeof value !== 'object' || value === null) return false
  const { record, posted, leaving, untold } = value as Partial<Record<keyof OwnSuccessor, unknown>>
  const isPerson = (person: { author?: unknown; name?: unknown } | null) =>
    typeof person?.author === 'string' && typeof person.name === 'string'
  return (
    typeof record === 'string' &&
    [posted, leaving].every((flag) => typeof flag === 'boolean') &&
    Array.isArray(untold) &&
    untold.every(isPerson)
  )
}
