import type { DocumentId } from '../../preload/contract/ids'
import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import type { DocumentKeys } from '../keys/derive'
import { storedKeys } from './stored-keys'

/** A document of this profile's library. */
export interface LibraryEntry {
  readonly keys: DocumentKeys
  /** The document's manifest, hex; null while it is unknown. */
  readonly manifest: string | null
  readonly title: string
  /** When its text last changed here, in ms since the Unix epoch; null for never. */
  readonly editedAt: number | null
  /**
   * When this computer made or first kept it, in ms since the Unix epoch; of one that came from the person's other
   * computer, when its text had last changed there. Null if nothing is known of it.
   */
  readonly createdAt: number | null
  /** True if it was opened by link and nothing has arrived. */
  readonly waiting: boolean
  /** When it was removed from the library, in ms since the Unix epoch; null if it is in it. */
  readonly removedAt: number | null
  /** Keys of the notices of quarantined edits that the person dismissed; the newest last. */
  readonly dismissed: readonly string[]
  /** Bytes that others' edits may take on this computer; null for the default. */
  readonly quota: number | null
  /** Documents that replaced this one. */
  readonly successors: readonly KeptSuccessor[]
  /** True if a link to it was made for someone. */
  readonly given: boolean
  /** True if others may have it or a link to it: it is announced. Rule N26. */
  readonly shared: boolean
}

/** An entry as it is stored: plain data. */
export interface StoredEntry
  extends Omit<
    LibraryEntry,
    'keys' | 'createdAt' | 'removedAt' | 'dismissed' | 'quota' | 'successors' | 'given' | 'shared'
  > {
  /** Absent from older records. */
  readonly createdAt?: number | null
  /** Absent from older records, which have `removed`. */
  readonly removedAt?: number | null
  readonly removed?: boolean
  /** Absent from older records. */
  readonly dismissed?: readonly string[]
  readonly quota?: number | null
  readonly successors?: readonly KeptSuccessor[]
  readonly given?: boolean
  readonly shared?: boolean
  /** The secret of the best link, hex. */
  readonly secret: string
  readonly role: DocumentKeys['role']
  /** W.publicKey for keep links, hex. */
  readonly verify: string | null
}

/** A document that replaced another one, as stored with the old one. All bytes are hex. */
export interface KeptSuccessor {
  /** SHA-256 of its record. */
  readonly key: string
  /** Author of the record, checked to be a writer of the old document. */
  readonly author: string
  /** The author's name, from one of their certificates. */
  readonly name: string
  readonly documentId: DocumentId
  /** Its write secret, if the record holds it for this person. */
  readonly secret: string | null
  /** Set for a record that this person made. */
  readonly own: OwnSuccessor | null
}

/** State of a record that this person made. */
export interface OwnSuccessor {
  readonly record: string
  /** True once it is durable in the old document. */
  readonly posted: boolean
  /** True to remove the old document from this computer once everyone was notified. */
  readonly leaving: boolean
  /** Receivers that have not confirmed that they store it. */
  readonly untold: readonly { readonly author: string; readonly name: string }[]
}

/** Initial values of fields that are set later, and that older records lack. */
export const nothingNoted = { dismissed: [], quota: null, successors: [], given: false } as const

/** Returns the record of an entry. */
export function storedEntry(entry: LibraryEntry): StoredEntry {
  const { keys, ...rest } = entry
  const secret = keys.write ?? keys.read ?? keys.keep
  return { ...rest, role: keys.role, secret: hex(secret), verify: keys.verify ? hex(keys.verify) : null }
}

/**
 * Returns the entry of a record; null for one of another form, as a later program may have written it. What an older
 * program removed counts as removed `now`, in ms since the Unix epoch. `documentId` says of which document the record
 * is, where that is known: then most keys are derived when they are needed.
 */
export function readEntry(record: unknown, now: number, documentId?: Uint8Array): LibraryEntry | null {
  if (!isStoredEntry(record)) return null
  const { role, secret, verify, removed = false, removedAt = removed ? now : null, ...rest } = record
  const { createdAt = rest.editedAt } = rest
  try {
    const keys = storedKeys(
      {
        role,
        secret: fromHex(secret),
        verify: verify === null ? null : fromHex(verify),
        manifest: role === 'read' && rest.manifest !== null ? fromHex(rest.manifest) : null,
      },
      documentId,
    )
    const { dismissed, quota, successors, given } = nothingNoted
    // V8 gives every object that begins with a copy a hidden class to itself. Of a record without the mark `shared`,
    // nobody knows.
    return { dismissed, quota, successors, given, shared: true, ...rest, createdAt, removedAt, keys }
  } catch (error) {
    if (error instanceof SwarmpadError) return null
    throw error
  }
}

function isStoredEntry(record: unknown): record is StoredEntry {
  if (typeof record !== 'object' || record === null) return false
  const stored = record as Partial<Record<keyof StoredEntry, unknown>>
  const { manifest, title, editedAt, waiting, removed = false, removedAt = null } = stored
  const { secret, role, verify, createdAt = null } = stored
  const { dismissed, quota, successors, given = false, shared = true } = stored
  return (
    [manifest, verify].every((text) => text === null || typeof text === 'string') &&
    [title, secret].every((text) => typeof text === 'string') &&
    [waiting, removed, given, shared].every((flag) => typeof flag === 'boolean') &&
    [editedAt, createdAt, removedAt, quota ?? null].every(
      (number) => number === null || typeof number === 'number',
    ) &&
    ['write', 'read', 'keep'].some((known) => known === role) &&
    (dismissed === undefined ||
      (Array.isArray(dismissed) && dismissed.every((key) => typeof key === 'string'))) &&
    (successors === undefined || (Array.isArray(successors) && successors.every(isKeptSuccessor)))
  )
}

/** True for a valid successor read from the library's record. */
function isKeptSuccessor(value: unknown): value is KeptSuccessor {
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
