import { SwarmpadError } from '../base/errors'
import { sameBytes } from './bytes'
import { kdf } from './hash'
import { openDeterministic, sealDeterministic } from './seal'
import { keyPairFromSeed, sign, signatureSize, verify } from './signature'

export { kdf } from './hash'

/** Access to a document that a link grants. */
export type Role = 'write' | 'read' | 'keep'

/** All keys of a document that follow from the link that is held; null: not derivable from it. 32 bytes each. */
export interface DocumentKeys {
  readonly role: Role
  readonly documentId: Uint8Array
  /** Discovery topic, visible to the network. No key can be derived from it. */
  readonly topic: Uint8Array
  /** K, the secret of the keep link. */
  readonly keep: Uint8Array
  /** R, the secret of the read link. */
  readonly read: Uint8Array | null
  /** S, the secret of the write link. */
  readonly write: Uint8Array | null
  /** W.publicKey; null: a read link whose manifest has not arrived. */
  readonly verify: Uint8Array | null
  /** W.secretKey, 64 bytes. */
  readonly sign: Uint8Array | null
  readonly content: Uint8Array | null
  readonly presence: Uint8Array | null
  readonly manifest: Uint8Array | null
  readonly salt: Uint8Array | null
}

const secretSize = 32
const version = 1

/** Size of a manifest in bytes. */
export const manifestSize = 1 + 32 + 24 + 32 + 16 + signatureSize

/** All keys, from S (32 bytes). Throws MALFORMED on another size. Rules K1 to K4. */
export function keysFromWrite(write: Uint8Array): DocumentKeys {
  checkSize(write)
  const pair = keyPairFromSeed(kdf(write, 'documentKey'))
  const salt = kdf(write, 'salt')
  const read = readSecret(salt, pair.publicKey)
  return { ...fromRead(read), role: 'write', write, salt, verify: pair.publicKey, sign: pair.secretKey }
}

/**
 * The keys that R (32 bytes) gives. Without the document's manifest, what is signed cannot be checked
 * yet and `verify` is null. Throws MALFORMED when a size or the manifest is wrong.
 */
export function keysFromRead(read: Uint8Array, manifest?: Uint8Array): DocumentKeys {
  checkSize(read)
  const keys = fromRead(read)
  return manifest ? { ...keys, ...openManifest(keys, read, manifest) } : keys
}

/** The keys that a keep link gives: K and W.publicKey, 32 bytes each. Throws MALFORMED on other sizes. */
export function keysFromKeep(keep: Uint8Array, verifyKey: Uint8Array): DocumentKeys {
  checkSize(keep)
  checkSize(verifyKey)
  return { ...fromKeep(keep), verify: verifyKey }
}

/**
 * The manifest of a document, the same bytes whoever makes it: it gives W.publicKey to readers, who can
 * check it against R, and bears W's signature, which a keeper can check. Throws ROLE_TOO_LOW without S.
 * Rule K5.
 */
export function makeManifest(keys: DocumentKeys): Uint8Array {
  if (!keys.sign || !keys.salt || !keys.manifest || !keys.verify)
    throw new SwarmpadError('ROLE_TOO_LOW', { to: 'write' })
  const head = Buffer.concat([Buffer.of(version), keys.verify])
  const body = Buffer.concat([head, sealDeterministic(keys.manifest, keys.salt, head)])
  return Buffer.concat([body, sign('signManifest', [keys.documentId, body], keys.sign)])
}

/**
 * W.publicKey out of a manifest from anywhere. Checked against R by who can read, against the W of the
 * link by keepers and writers, and its signature by all. Throws MALFORMED.
 */
export function readManifest(keys: DocumentKeys, manifest: Uint8Array): Uint8Array {
  if (keys.read) return openManifest(keys, keys.read, manifest).verify
  return checkSignature(keys, manifest)
}

const readSecret = (salt: Uint8Array, verifyKey: Uint8Array): Uint8Array => kdf(salt, 'read', verifyKey)

function fromRead(read: Uint8Array): DocumentKeys {
  return {
    ...fromKeep(kdf(read, 'keep')),
    role: 'read',
    read,
    content: kdf(read, 'content'),
    presence: kdf(read, 'presence'),
    manifest: kdf(read, 'manifest'),
  }
}

function fromKeep(keep: Uint8Array): DocumentKeys {
  return {
    role: 'keep',
    documentId: kdf(keep, 'document'),
    topic: kdf(keep, 'topic'),
    keep,
    read: null,
    write: null,
    verify: null,
    sign: null,
    content: null,
    presence: null,
    manifest: null,
    salt: null,
  }
}

function openManifest(
  keys: DocumentKeys,
  read: Uint8Array,
  manifest: Uint8Array,
): { verify: Uint8Array; salt: Uint8Array } {
  const verifyKey = checkSignature(keys, manifest)
  const sealed = manifest.subarray(1 + 32, manifestSize - signatureSize)
  const salt = openDeterministic(keys.manifest ?? kdf(read, 'manifest'), sealed, manifest.subarray(0, 1 + 32))
  if (!sameBytes(readSecret(salt, verifyKey), read)) throw wrongManifest()
  return { verify: verifyKey, salt }
}

function checkSignature(keys: DocumentKeys, manifest: Uint8Array): Uint8Array {
  if (manifest.length !== manifestSize || manifest[0] !== version) throw wrongManifest()
  const verifyKey = Uint8Array.from(manifest.subarray(1, 1 + 32))
  if (keys.verify && !sameBytes(keys.verify, verifyKey)) throw wrongManifest()
  const body = manifest.subarray(0, manifestSize - signatureSize)
  const signature = manifest.subarray(manifestSize - signatureSize)
  if (!verify('signManifest', [keys.documentId, body], signature, verifyKey)) throw wrongManifest()
  return verifyKey
}

function checkSize(secret: Uint8Array): void {
  if (secret.length !== secretSize)
    throw new SwarmpadError('MALFORMED', { why: 'a document key of another length than 32 bytes' })
}

const wrongManifest = (): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: 'a manifest of another document' })
