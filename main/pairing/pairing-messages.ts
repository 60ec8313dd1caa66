import c, { type State } from 'compact-encoding'
import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import {
  type DocumentKeys,
  keysFromKeep,
  keysFromRead,
  keysFromWrite,
  manifestSize,
  readManifest,
} from '../keys/derive'
import { cleanName, maxNameSize } from '../keys/name'
import { pairingSecretSize } from '../keys/pairing'
import { boundedBytes, decodeWhole } from '../log/format/encoding'
import type { ChannelKind } from '../sync/wire/channel'

/** Protocol version of pairing. Rule P3. */
export const pairingVersion = 2
/** Maximum number of documents transferred. Rule P6. */
export const maxPairedDocuments = 10_000
/** Largest title, in UTF-8 bytes. */
const maxTitleSize = 1_024
/** Latest time that a Date can represent, in ms since the Unix epoch. */
const latest = 8.64e15

/** Message types of pairing, by their index on the wire. Rule P5. */
const types = ['number', 'reveal', 'person', 'document', 'end', 'taken', 'no'] as const

/** A message's name. */
export type PairingMessage = (typeof types)[number]

/** The channel on which two computers pair. Rule P2. */
export const pairingKind: ChannelKind<PairingMessage> = { protocol: 'swarmpad/pair', types }

/**
 * Reason for ending a pairing. 'stopped': by the person. 'used': another computer came first, or the link was
 * compared once. 'expired': the link is too old. 'failed': the content was not stored. 'broken': the offering
 * side did not answer the number of the joining side.
 */
export type PairingNo = (typeof reasons)[number]
const reasons = ['stopped', 'used', 'expired', 'failed', 'broken'] as const

/** The person transferred by pairing. */
export interface PairedPerson {
  /** Of the author key, 32 bytes. */
  readonly seed: Uint8Array
  readonly name: string
  /** They have been informed that others see their IP address. */
  readonly knowsAddressIsSeen: boolean
}

/** A document transferred by pairing: its keys and library data. Its text arrives by sync. */
export interface PairedDocument {
  readonly keys: DocumentKeys
  /** Hex; null while it is not known. */
  readonly manifest: string | null
  readonly title: string
  /** In ms since the Unix epoch; null for never. */
  readonly editedAt: number | null
  /** Others than this person may have it. */
  readonly shared: boolean
}

/** First message of each side. `commitment` is set by the offering side and empty from the other. Rule P3. */
export interface PairingHello {
  readonly version: number
  readonly proof: Uint8Array
  readonly commitment: Uint8Array
}

/** Encodes a hello. */
export const encodePairingHello = ({ version, proof, commitment }: PairingHello): Uint8Array =>
  Buffer.concat([c.encode(c.uint, version), proof, commitment])

/** Decodes a hello (with a commitment from the offering side). Ignores trailing fields. Throws MISBEHAVED. */
export function decodePairingHello(bytes: Uint8Array, from: 'offer' | 'join'): PairingHello {
  return decodeWhole(bytes, (state) => {
    const version = c.uint.decode(state)
    const proof = fixed(state)
    const commitment = from === 'offer' ? fixed(state) : new Uint8Array(0)
    state.start = state.end
    return { version, proof, commitment }
  })
}

/** Encodes a person. */
export const encodePerson = ({ seed, name, knowsAddressIsSeen }: PairedPerson): Uint8Array =>
  Buffer.concat([seed, Buffer.of(knowsAddressIsSeen ? 1 : 0), c.encode(c.string, cleanName(name))])

/** Decodes a person. Throws MISBEHAVED, also for one without a visible name. */
export function decodePerson(bytes: Uint8Array): PairedPerson {
  return decodeWhole(bytes, (state) => {
    const seed = fixed(state)
    const flag = c.uint8.decode(state)
    const name = cleanName(boundedBytes(state, maxNameSize).toString())
    if (flag > 1 || name === '') throw invalid()
    return { seed, name, knowsAddressIsSeen: flag === 1 }
  })
}

/** Encodes a document with its highest-privilege key; truncates a long title at a character boundary. */
export function encodeDocument({ keys, manifest, title, editedAt, shared }: PairedDocument): Uint8Array {
  const secret = keys.write ?? keys.read ?? keys.keep
  const verify = keys.role === 'keep' ? keys.verify : null
  return Buffer.concat([
    Buffer.of(roles.indexOf(keys.role) + (shared ? 0 : unshared)),
    secret,
    c.encode(c.buffer, Buffer.from(verify ?? [])),
    // Writers derive the manifest from their keys.
    c.encode(c.buffer, keys.role === 'write' || !manifest ? Buffer.alloc(0) : fromHex(manifest)),
    c.encode(c.string, cutTitle(title)),
    c.encode(c.uint, editedAt ?? 0),
  ])
}

const roles = ['write', 'read', 'keep'] as const
/** Added to the role of a document that was never shared. */
const unshared = 4

/** Decodes a document, and checks its manifest against its keys. Throws MISBEHAVED. */
export function decodeDocument(bytes: Uint8Array): PairedDocument {
  return decodeWhole(bytes, (state) => {
    const first = c.uint8.decode(state)
    const shared = first < unshared
    const role = roles[shared ? first : first - unshared]
    const secret = fixed(state)
    const verify = boundedBytes(state, 32)
    const given = boundedBytes(state, manifestSize)
    const title = boundedBytes(state, maxTitleSize).toString()
    const editedAt = c.uint.decode(state)
    const manifest = given.length > 0 ? given : null
    if (!role || (role === 'write' && manifest) || (role !== 'keep' && verify.length > 0)) throw invalid()
    if (editedAt > latest) throw invalid()
    const keys = keysOf(role, secret, verify, manifest)
    return {
      keys,
      manifest: manifest && hex(manifest),
      title,
      editedAt: editedAt > 0 ? editedAt : null,
      shared,
    }
  })
}

function keysOf(
  role: (typeof roles)[number],
  secret: Uint8Array,
  verify: Uint8Array,
  manifest: Uint8Array | null,
): DocumentKeys {
  if (role === 'write') return keysFromWrite(secret)
  if (role === 'read') return manifest ? keysFromRead(secret, manifest) : keysFromRead(secret)
  const keys = keysFromKeep(secret, verify)
  if (manifest) readManifest(keys, manifest)
  return keys
}

/** Encodes the number of documents sent. */
export const encodeEnd = (count: number): Uint8Array => c.encode(c.uint, count)

/** Decodes the number of documents sent. Throws MISBEHAVED. */
export const decodeEnd = (bytes: Uint8Array): number => decodeWhole(bytes, (state) => c.uint.decode(state))

/** Encodes a reason for ending. */
export const encodeNo = (reason: PairingNo): Uint8Array => Buffer.of(reasons.indexOf(reason))

/** Decodes a reason for ending; unknown reasons become 'stopped'. Throws MISBEHAVED. */
export const decodeNo = (bytes: Uint8Array): PairingNo =>
  decodeWhole(bytes, (state) => reasons[c.uint8.decode(state)] ?? 'stopped')

/** Decodes the random number of a side. Throws MISBEHAVED. */
export const decodeNumber = (bytes: Uint8Array): Uint8Array => decodeWhole(bytes, fixed)

/** Checks that a message is empty. Throws MISBEHAVED. */
export function checkEmpty(bytes: Uint8Array): void {
  if (bytes.length > 0) throw invalid()
}

/** Error for a peer that violates the pairing protocol. */
export const invalid = (): SwarmpadError => new SwarmpadError('MISBEHAVED', { why: 'pairing' })

function fixed(state: State): Uint8Array {
  if (state.end - state.start < pairingSecretSize) throw invalid()
  return Uint8Array.from(c.fixed32.decode(state))
}

function cutTitle(title: string): string {
  let text = ''
  let size = 0
  for (const character of title.toWellFormed()) {
    size += Buffer.byteLength(character)
    if (size > maxTitleSize) break
    text += character
  }
  return text
}
