import c from 'compact-encoding'
import { SwarmpadError } from '../errors'
import { nonceSize, open, seal } from '../keys/seal'
import { type KeyPair, sign, signatureSize, verify } from '../keys/signature'
import { decodeWhole } from '../log/encoding'
import { cleanName } from '../log/name'

/** Largest presence message, in bytes. Rule P1. */
export const maxPresenceSize = 1024
/** Largest caret, in bytes. */
const maxCaretSize = 512
/** How often a presence may be passed on. Rule P3. */
export const maxHops = 2

/** What a person shows of themselves while they are in a document. Never stored. */
export interface Presence {
  readonly name: string
  /** 32 bytes; a claim, like the name. */
  readonly authorKey: Uint8Array | null
  /** Where the caret stands, as the document names places; null for nowhere. */
  readonly caret: Uint8Array | null
}

/** A presence as it travels: outside what anyone may check, inside what only readers see. */
export interface PresenceMessage {
  /** Public key of the instance that signed it. */
  readonly instance: Uint8Array
  /** Grows with each message of the instance. */
  readonly counter: number
  readonly role: 'write' | 'read' | 'keep'
  /** The instance leaves. */
  readonly goodbye: boolean
  readonly hops: number
  readonly sealed: Uint8Array
  readonly signature: Uint8Array
}

const roles = ['write', 'read', 'keep'] as const

/** Signs and encodes a presence; `sealed` from `sealPresence`, or empty. */
export function makePresence(options: {
  documentId: Uint8Array
  instance: KeyPair
  counter: number
  role: PresenceMessage['role']
  goodbye: boolean
  sealed: Uint8Array
}): Uint8Array {
  const signed = signedPart({ ...options, instance: options.instance.publicKey })
  const signature = sign('signPresence', [options.documentId, signed], options.instance.secretKey)
  return Buffer.concat([Buffer.of(maxHops), signature, signed])
}

/** Decodes and checks a presence. Throws INVALID. */
export function readPresence(bytes: Uint8Array, documentId: Uint8Array): PresenceMessage {
  if (bytes.length > maxPresenceSize || bytes.length < 1 + signatureSize) throw invalid()
  const hops = bytes[0] ?? 0
  const signature = bytes.subarray(1, 1 + signatureSize)
  const signed = bytes.subarray(1 + signatureSize)
  const message = decodeWhole(signed, (state) => {
    const instance = c.fixed32.decode(state)
    const counter = c.uint.decode(state)
    const role = roles[c.uint8.decode(state)]
    const goodbye = c.uint8.decode(state) === 1
    if (!role || hops > maxHops) throw invalid()
    const sealed = signed.subarray(state.start)
    state.start = state.end
    return { instance, counter, role, goodbye, hops, sealed, signature }
  })
  if (!verify('signPresence', [documentId, signed], signature, message.instance)) throw invalid()
  return message
}

/** The same message with one hop less, to be passed on. */
export function passedOn(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes)
  copy[0] = Math.max(0, (bytes[0] ?? 0) - 1)
  return copy
}

/** Seals a presence for readers. */
export function sealPresence(
  key: Uint8Array,
  presence: Presence,
  random: (size: number) => Buffer,
): Uint8Array {
  const nonce = random(nonceSize)
  const plain = Buffer.concat([
    c.encode(c.string, cleanName(presence.name)),
    c.encode(c.buffer, presence.authorKey ? Buffer.from(presence.authorKey) : Buffer.alloc(0)),
    c.encode(c.buffer, presence.caret ? Buffer.from(presence.caret) : Buffer.alloc(0)),
  ])
  return Buffer.concat([nonce, seal(key, plain, presenceUse, nonce)])
}

/** Opens what `sealPresence` sealed. Throws INVALID. */
export function openPresence(key: Uint8Array, sealed: Uint8Array): Presence {
  const plain = open(key, sealed.subarray(nonceSize), presenceUse, sealed.subarray(0, nonceSize))
  return decodeWhole(plain, (state) => {
    const name = cleanName(c.string.decode(state))
    const authorKey = c.buffer.decode(state)
    const caret = c.buffer.decode(state)
    if (authorKey && authorKey.length !== 0 && authorKey.length !== 32) throw invalid()
    if (caret && caret.length > maxCaretSize) throw invalid()
    return { name, authorKey: filled(authorKey), caret: filled(caret) }
  })
}

function signedPart(options: {
  instance: Uint8Array
  counter: number
  role: PresenceMessage['role']
  goodbye: boolean
  sealed: Uint8Array
}): Buffer {
  const { instance, counter, role, goodbye, sealed } = options
  const flags = Buffer.of(roles.indexOf(role), goodbye ? 1 : 0)
  return Buffer.concat([instance, c.encode(c.uint, counter), flags, sealed])
}

const presenceUse = Buffer.from('presence')
const filled = (bytes: Uint8Array | null): Uint8Array | null =>
  bytes && bytes.length > 0 ? Uint8Array.from(bytes) : null
const invalid = (): SwarmpadError =>
  new SwarmpadError('INVALID', 'A peer sent a presence that cannot be read.')
