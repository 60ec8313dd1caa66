import c from 'compact-encoding'
import type { Environment } from '../../base/environment'
import { SwarmpadError } from '../../base/errors'
import { sameBytes } from '../../keys/bytes'
import type { DocumentKeys } from '../../keys/derive'
import { hashFor } from '../../keys/hash'
import type { Identity } from '../../keys/identity'
import { cleanName, maxNameSize } from '../../keys/name'
import { nonceSize, open, seal, sealOverhead } from '../../keys/seal'
import { sign, signatureSize, verify } from '../../keys/signature'
import { decodeWhole } from './encoding'

const version = 1
/** Authority of a holder of the write link. Other values are reserved for grants to single people. */
const linkAuthority = 0

const namedSize = 1 + maxNameSize
const headSize = 1 + 32 + 1 + nonceSize
const sealedSize = 32 + namedSize + signatureSize + sealOverhead

/** Size of a certificate in bytes: the same for all, so that it does not reveal the length of the name. */
export const certificateSize = headSize + sealedSize + signatureSize

/** A certificate taken apart; nothing about it is checked. */
export interface Certificate {
  /** Public key of the session, 32 bytes. */
  readonly session: Uint8Array
  readonly authority: number
  readonly nonce: Uint8Array
  /** Author and name, encrypted with the content key. */
  readonly sealed: Uint8Array
  readonly signature: Uint8Array
  /** All but the signature. */
  readonly signed: Uint8Array
}

/** Author of a session. The name is only a claim: show a fingerprint of the key beside it. */
export interface Author {
  readonly authorKey: Uint8Array
  readonly name: string
}

/**
 * Certifies that the holder of a session key may write in a document: signed with W, and inside the seal
 * by the author. Throws ROLE_TOO_LOW when the keys cannot write. Rules C1 to C4.
 */
export function makeCertificate(options: {
  keys: DocumentKeys
  sessionKey: Uint8Array
  identity: Identity
  name: string
  environment: Environment
}): Uint8Array {
  const { keys, sessionKey, identity, environment } = options
  if (!keys.sign || !keys.content) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'write' })
  const named = encodeName(cleanName(options.name))
  const approval = sign('signAuthor', [keys.documentId, sessionKey, named], identity.secretKey)
  const nonce = environment.random(nonceSize)
  const head = Buffer.concat([Buffer.of(version), sessionKey, Buffer.of(linkAuthority), nonce])
  const plain = Buffer.concat([identity.publicKey, named, approval])
  const sealed = seal(keys.content, plain, associated(keys.documentId, head), nonce)
  const signed = Buffer.concat([head, sealed])
  return Buffer.concat([signed, sign('signCertificate', [keys.documentId, signed], keys.sign)])
}

/** Takes a certificate apart. Throws MALFORMED. */
export function decodeCertificate(bytes: Uint8Array): Certificate {
  return decodeWhole(bytes, (state) => {
    const found = c.uint8.decode(state)
    const session = c.fixed32.decode(state)
    const authority = c.uint8.decode(state)
    if (found !== version || authority !== linkAuthority) throw unsound('of an unknown version')
    const nonce = c.fixed(nonceSize).decode(state)
    const sealed = c.fixed(sealedSize).decode(state)
    const signature = c.fixed64.decode(state)
    return { session, authority, nonce, sealed, signature, signed: bytes.subarray(0, headSize + sealedSize) }
  })
}

/**
 * Checks a certificate with the document's W (`verifyKey`); returns the session that
 * it admits and its own hash, with which the session's chain begins. Throws MALFORMED.
 */
export function verifyCertificate(
  bytes: Uint8Array,
  documentId: Uint8Array,
  verifyKey: Uint8Array,
): { session: Uint8Array; hash: Uint8Array } {
  const certificate = decodeCertificate(bytes)
  if (!verify('signCertificate', [documentId, certificate.signed], certificate.signature, verifyKey))
    throw unsound('not signed for this document')
  return { session: certificate.session, hash: hashCertificate(bytes) }
}

/** Decrypts a certificate's author with the content key and checks the author's signature. Throws MALFORMED. */
export function openCertificate(options: {
  content: Uint8Array
  documentId: Uint8Array
  certificate: Uint8Array
}): Author {
  const { documentId } = options
  const { session, nonce, sealed } = decodeCertificate(options.certificate)
  const head = options.certificate.subarray(0, headSize)
  const plain = open(options.content, sealed, associated(documentId, head), nonce)
  const authorKey = Uint8Array.from(plain.subarray(0, 32))
  const named = plain.subarray(32, 32 + namedSize)
  const approval = plain.subarray(32 + namedSize)
  if (!verify('signAuthor', [documentId, session, named], approval, authorKey))
    throw unsound('not signed by its author')
  return { authorKey, name: decodeName(named) }
}

/** Returns the hash of a certificate's bytes, 32 bytes. */
export function hashCertificate(bytes: Uint8Array): Uint8Array {
  return hashFor('certificate', bytes)
}

const associated = (documentId: Uint8Array, head: Uint8Array): Uint8Array => Buffer.concat([documentId, head])

/** One byte of size, the name, zeros up to 65 bytes. */
function encodeName(name: string): Uint8Array {
  const named = Buffer.alloc(namedSize)
  named[0] = named.write(name, 1)
  return named
}

/** Refuses wrong UTF-8, a wrong size and padding. What is unclean depends on the version of Unicode: it is cleaned. */
function decodeName(named: Uint8Array): string {
  const name = Buffer.from(named.subarray(1, 1 + (named[0] ?? 0))).toString()
  if (!sameBytes(encodeName(name), named)) throw unsound('its name is malformed')
  return cleanName(name)
}

const unsound = (reason: string): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: `certificate: ${reason}` })
