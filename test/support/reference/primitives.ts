import sodium from 'sodium-native'

/**
 * Bytes, hashes, signatures, seals and keys of docs/protocol.md by straight calls of libsodium, apart from the
 * program: its results and the vectors are compared with these.
 */

/** The purposes of rule K3, each at its place in main/keys/namespaces.ts. */
const places = {
  documentKey: 0,
  salt: 1,
  read: 2,
  content: 3,
  presence: 4,
  manifest: 5,
  keep: 6,
  topic: 7,
  document: 8,
  channel: 9,
  initiator: 10,
  responder: 11,
  chain: 12,
  certificate: 13,
  body: 14,
  derivedNonce: 15,
  bucket: 17,
  signManifest: 18,
  signCertificate: 19,
  signAuthor: 20,
  signSegment: 21,
  signPresence: 22,
  signInstance: 23,
  history: 24,
  signSuccessor: 25,
  snapshot: 26,
  snapshotBody: 27,
  signSnapshot: 28,
  pairTopic: 29,
  pairChannel: 30,
  pairOffer: 31,
  pairJoin: 32,
  pairCommitment: 33,
  pairCode: 34,
  deviceTopic: 35,
  deviceChannel: 36,
  deviceInitiator: 37,
  deviceResponder: 38,
  holder: 39,
  held: 40,
  match: 42,
  matchState: 43,
  state: 44,
} as const

export type Place = keyof typeof places
export type Bytes = Uint8Array

/** Joins bytes; a number is one byte. */
export const join = (...parts: (Bytes | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : part)))

/** A number of 4 bytes, little-endian. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** A number as compact-encoding's `uint`: one byte up to 252, else 253, 254 or 255 and 2, 4 or 8 bytes. */
export function uint(value: number): Buffer {
  if (value <= 0xfc) return Buffer.of(value)
  const bytes = Buffer.alloc(value <= 0xffff ? 3 : value <= 0xffff_ffff ? 5 : 9)
  bytes[0] = bytes.length === 3 ? 0xfd : bytes.length === 5 ? 0xfe : 0xff
  if (bytes.length === 3) bytes.writeUInt16LE(value, 1)
  else if (bytes.length === 5) bytes.writeUInt32LE(value, 1)
  else bytes.writeBigUInt64LE(BigInt(value), 1)
  return bytes
}

/** A `buffer`: its size, then its bytes. */
export const sized = (bytes: Bytes): Buffer => join(uint(bytes.length), bytes)

function blake(input: Bytes, key?: Bytes): Buffer {
  const out = Buffer.alloc(32)
  sodium.crypto_generichash(out, Buffer.from(input), ...(key ? [Buffer.from(key)] : []))
  return out
}

const namespace = (place: Place): Buffer => blake(join(blake(Buffer.from('swarmpad/keys/v1')), places[place]))

/** `kdf(key, PURPOSE, parts…)`. Rule K1. */
export const kdf = (key: Bytes, place: Place, ...parts: Bytes[]): Buffer =>
  blake(join(namespace(place), ...parts), key)

/** `H(PURPOSE, parts…)`. Rule S1. */
export const hash = (place: Place, ...parts: Bytes[]): Buffer => blake(join(namespace(place), ...parts))

/** The Ed25519 pair of a seed. */
export function pairOf(seed: Bytes): { publicKey: Buffer; secretKey: Buffer } {
  const [publicKey, secretKey] = [Buffer.alloc(32), Buffer.alloc(64)]
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, Buffer.from(seed))
  return { publicKey, secretKey }
}

/** A signature with a purpose. */
export function sign(place: Place, secretKey: Bytes, ...parts: Bytes[]): Buffer {
  const signature = Buffer.alloc(64)
  sodium.crypto_sign_detached(signature, join(namespace(place), ...parts), Buffer.from(secretKey))
  return signature
}

/** XChaCha20-Poly1305, the nonce not put in front. */
export function seal(key: Bytes, plain: Bytes, bound: Bytes, nonce: Bytes): Buffer {
  const out = Buffer.alloc(plain.length + 16)
  const [message, head, once, secret] = [plain, bound, nonce, key].map((bytes) => Buffer.from(bytes))
  if (message && head && once && secret)
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(out, message, head, null, once, secret)
  return out
}

/** A sealed box to an Ed25519 key, as crypto_box_seal makes it when it draws `seed`. */
export function sealedBox(receiver: Bytes, plain: Bytes, seed: Bytes): Buffer {
  const [to, from, secret] = [Buffer.alloc(32), Buffer.alloc(32), Buffer.alloc(32)]
  sodium.crypto_sign_ed25519_pk_to_curve25519(to, Buffer.from(receiver))
  sodium.crypto_box_seed_keypair(from, secret, Buffer.from(seed))
  const nonce = Buffer.alloc(24)
  sodium.crypto_generichash(nonce, join(from, to))
  const box = Buffer.alloc(plain.length + 16)
  sodium.crypto_box_easy(box, Buffer.from(plain), nonce, to, secret)
  return join(from, box)
}

/** Opens a sealed box as the owner of an Ed25519 pair, with libsodium's own call. */
export function openBox({ publicKey, secretKey }: Pair, box: Bytes): Buffer {
  const [to, secret] = [Buffer.alloc(32), Buffer.alloc(32)]
  sodium.crypto_sign_ed25519_pk_to_curve25519(to, publicKey)
  sodium.crypto_sign_ed25519_sk_to_curve25519(secret, secretKey)
  const plain = Buffer.alloc(box.length - 48)
  if (!sodium.crypto_box_seal_open(plain, Buffer.from(box), to, secret)) throw new Error('another box')
  return plain
}

/** All keys of a document. Rule K1. */
export function ladder(write: Bytes) {
  const w = pairOf(kdf(write, 'documentKey'))
  const salt = kdf(write, 'salt')
  const read = kdf(salt, 'read', w.publicKey)
  const keep = kdf(read, 'keep')
  return {
    verify: w.publicKey,
    sign: w.secretKey,
    salt,
    read,
    keep,
    content: kdf(read, 'content'),
    presence: kdf(read, 'presence'),
    manifest: kdf(read, 'manifest'),
    topic: kdf(keep, 'topic'),
    documentId: kdf(keep, 'document'),
  }
}

/** All keys of a document. */
export type Keys = ReturnType<typeof ladder>

/** An Ed25519 key pair. */
export type Pair = ReturnType<typeof pairOf>
