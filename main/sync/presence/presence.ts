import c from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'
import type { Role } from '../../keys/derive'
import type { Identity } from '../../keys/identity'
import { cleanName } from '../../keys/name'
import { nonceSize, open, seal } from '../../keys/seal'
import { sign, signatureSize, verify } from '../../keys/signature'
import { decodeWhole } from '../../log/format/encoding'
import { type Instance, isWarranted, signAs, verifyAs } from '../wire/instance'

/** Largest presence message, in bytes. Rule W50. */
export const maxPresenceSize = 1024
/** Largest caret, in bytes. */
export const maxCaretSize = 512
/** Number of times that a presence may be passed on. Rule W52. */
const maxHops = 2

/** A person's presence while they are in a document. Never stored. */
export interface Presence {
  /** A claim: show a fingerprint of the author's key beside it. */
  readonly name: string
  readonly author: Approval | null
  /** Place of the caret in the document's encoding; null for none. */
  readonly caret: Uint8Array | null
}

/** An author's signature that an instance is theirs. Rule W54. */
export interface Approval {
  /** 32 bytes. */
  readonly authorKey: Uint8Array
  readonly signature: Uint8Array
}

/** A presence message: an outer part that anyone can check, and a sealed part for readers. */
export interface PresenceMessage {
  /** Number of times that it may still be passed on. */
  readonly hops: number
  /** Public key of the instance that signed it. */
  readonly instance: Uint8Array
  /** Grows with each message of the instance. */
  readonly counter: number
  readonly role: Role
  /** True if the instance leaves. */
  readonly goodbye: boolean
  /** W's signature on the instance; empty unless it may write. */
  readonly warrant: Uint8Array
  readonly sealed: Uint8Array
  readonly signature: Uint8Array
  /** The bytes that are signed. */
  readonly signed: Uint8Array
}

const roles = ['write', 'read', 'keep'] as const

/** Signs and encodes a presence; `sealed` from `sealPresence`, or empty. */
export function makePresence(options: {
  instance: Instance
  counter: number
  goodbye: boolean
  sealed: Uint8Array
}): Uint8Array {
  const { instance, counter, goodbye, sealed } = options
  const signed = Buffer.concat([
    instance.pair.publicKey,
    c.encode(c.uint, counter),
    Buffer.of(roles.indexOf(instance.role), goodbye ? 1 : 0),
    instance.warrant,
    sealed,
  ])
  return Buffer.concat([Buffer.of(maxHops), signAs(instance, 'presence', signed), signed])
}

/** Decodes a presence; nothing about it is checked. Throws MALFORMED. */
export function decodePresence(bytes: Uint8Array): PresenceMessage {
  if (bytes.length > maxPresenceSize) throw invalid()
  return decodeWhole(bytes, (state) => {
    const hops = c.uint8.decode(state)
    const signature = c.fixed64.decode(state)
    const signed = bytes.subarray(state.start)
    const instance = c.fixed32.decode(state)
    const counter = c.uint.decode(state)
    const role = roles[c.uint8.decode(state)]
    const goodbye = c.uint8.decode(state)
    if (!role || hops > maxHops || goodbye > 1) throw invalid()
    const warrant = role === 'write' ? c.fixed(signatureSize).decode(state) : new Uint8Array(0)
    const sealed = bytes.subarray(state.start)
    state.start = state.end
    return { hops, instance, counter, role, goodbye: goodbye === 1, warrant, sealed, signature, signed }
  })
}

/** Returns true if the instance signed the message and, for the write role, W vouches for the instance. */
export function verifyPresence(
  message: PresenceMessage,
  documentId: Uint8Array,
  verifyKey: Uint8Array,
): boolean {
  const { instance: publicKey, signed, signature, role, warrant } = message
  if (role === 'write' && !isWarranted({ publicKey, warrant, documentId, verifyKey })) return false
  return verifyAs({ publicKey, use: 'presence', documentId, message: signed, signature })
}

/** Returns the same message with one hop less, to be passed on. */
export function passedOn(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[0] = Math.max(0, (bytes[0] ?? 0) - 1)
  return copy
}

/** Signs, as an author, that the instance with this public key is theirs. */
export function approveInstance(identity: Identity, documentId: Uint8Array, instance: Uint8Array): Approval {
  const signature = sign('signInstance', [documentId, instance], identity.secretKey)
  return { authorKey: identity.publicKey, signature }
}

/** Returns true if the author signed that the instance is theirs. */
export const isApproved = (
  { authorKey, signature }: Approval,
  documentId: Uint8Array,
  instance: Uint8Array,
): boolean => verify('signInstance', [documentId, instance], signature, authorKey)

/** Seals a presence for readers, bound to the public key of its instance. */
export function sealPresence(options: {
  key: Uint8Array
  instance: Uint8Array
  presence: Presence
  random: (size: number) => Uint8Array
}): Uint8Array {
  const { key, instance, presence } = options
  const { author } = presence
  const nonce = options.random(nonceSize)
  const plain = Buffer.concat([
    c.encode(c.string, cleanName(presence.name)),
    c.encode(c.buffer, Buffer.concat(author ? [author.authorKey, author.signature] : [])),
    c.encode(c.buffer, Buffer.from(presence.caret ?? [])),
  ])
  return Buffer.concat([nonce, seal(key, plain, instance, nonce)])
}

/** Opens what `sealPresence` sealed; does not check the author's approval. Throws MALFORMED. */
export function openPresence(key: Uint8Array, instance: Uint8Array, sealed: Uint8Array): Presence {
  const plain = open(key, sealed.subarray(nonceSize), instance, sealed.subarray(0, nonceSize))
  return decodeWhole(plain, (state) => {
    const name = cleanName(c.string.decode(state))
    const author = c.buffer.decode(state)
    const caret = c.buffer.decode(state)
    if (author && author.length !== 0 && author.length !== 32 + signatureSize) throw invalid()
    if (caret && caret.length > maxCaretSize) throw invalid()
    return { name, author: readApproval(orNull(author)), caret: orNull(caret) }
  })
}

const readApproval = (bytes: Uint8Array | null): Approval | null =>
  bytes && { authorKey: bytes.subarray(0, 32), signature: bytes.subarray(32) }

const orNull = (bytes: Uint8Array | null): Uint8Array | null =>
  bytes && bytes.length > 0 ? Uint8Array.from(bytes) : null

const invalid = (): SwarmpadError => new SwarmpadError('MALFORMED', { why: 'presence' })
