import sodium from 'sodium-native'

/**
 * The forms of docs/protocol.md put together by straight calls of libsodium, apart from the program: what
 * the program makes is held against it, and so are the vectors.
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
} as const

type Place = keyof typeof places
type Bytes = Uint8Array

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

type Keys = ReturnType<typeof ladder>

/** Rule K5. */
export function manifest(keys: Keys): Buffer {
  const head = join(1, keys.verify)
  const nonce = kdf(keys.manifest, 'derivedNonce', uint32(head.length), head, keys.salt).subarray(0, 24)
  const body = join(head, nonce, seal(keys.manifest, keys.salt, head, nonce))
  return join(body, sign('signManifest', keys.sign, keys.documentId, body))
}

/** Rules C2, C3, C5. */
export function certificate(
  keys: Keys,
  {
    session,
    author,
    name,
    nonce,
  }: { session: Bytes; author: ReturnType<typeof pairOf>; name: string; nonce: Bytes },
): Buffer {
  const text = Buffer.from(name)
  const field = join(text.length, text, Buffer.alloc(64 - text.length))
  const head = join(1, session, 0, nonce)
  const approval = sign('signAuthor', author.secretKey, keys.documentId, session, field)
  const sealed = seal(
    keys.content,
    join(author.publicKey, field, approval),
    join(keys.documentId, head),
    nonce,
  )
  const signed = join(head, sealed)
  return join(signed, sign('signCertificate', keys.sign, keys.documentId, signed))
}

/** Rule S1: before the first change. */
export const chainStart = (keys: Keys, session: Bytes, cert: Bytes): Buffer =>
  hash('chain', keys.documentId, session, hash('certificate', cert))

/** Rules S2 to S4, of content that is packed as S5 says. */
export function segment(
  keys: Keys,
  options: {
    session: ReturnType<typeof pairOf>
    seqFrom: number
    seqTo: number
    prevChain: Bytes
    chain: Bytes
    packed: Bytes
    nonce: Bytes
  },
): Buffer {
  const { session, seqFrom, seqTo, prevChain, chain, packed, nonce } = options
  const bound = join(1, 0, session.publicKey, uint32(seqFrom), uint32(seqTo), prevChain, chain)
  const sealed = seal(keys.content, packed, bound, nonce)
  const header = join(bound, hash('body', nonce, sealed))
  return join(header, sign('signSegment', session.secretKey, keys.documentId, header), nonce, sealed)
}

/** Rule S11: the mark after a segment. */
export const mark = (before: Bytes, segmentBytes: Bytes): Buffer =>
  hash('history', before, segmentBytes.subarray(0, 138)).subarray(0, 16)

/** Rules T1 to T3, of a document that is packed as T2 says. */
export function snapshot(
  keys: Keys,
  options: {
    madeAt: number
    sessions: readonly { certificate: Bytes; tipProof: Bytes; mark: Bytes }[]
    packed: Bytes
    nonce: Bytes
  },
): Buffer {
  const { madeAt, sessions, packed, nonce } = options
  const time = Buffer.alloc(8)
  time.writeBigUInt64LE(BigInt(madeAt))
  const entries = sessions.map(({ certificate, tipProof, mark }) => join(certificate, tipProof, mark))
  const bound = join(1, time, uint32(sessions.length), ...entries)
  const body = join(nonce, seal(keys.content, packed, hash('snapshot', bound), nonce))
  const signed = join(bound, uint32(body.length), hash('snapshotBody', body))
  return join(signed, sign('signSnapshot', keys.sign, keys.documentId, signed), body)
}

/** An entry of VECTOR and RECEIPT. */
export interface ReferenceEntry {
  readonly session: Bytes
  readonly base: number
  readonly tip: number
  readonly mark: Bytes
}

/** Rules V2, W20: the body of HAVE. Entries of one bucket must come sorted by session. */
export function have(entries: readonly ReferenceEntry[]): Buffer {
  const bitmap = Buffer.alloc(32)
  const digests: Buffer[] = []
  for (let bucket = 0; bucket < 256; bucket++) {
    const inside = entries.filter(({ session }) => session[0] === bucket)
    if (inside.length === 0) continue
    bitmap[bucket >> 3] = (bitmap[bucket >> 3] ?? 0) | (1 << (bucket & 7))
    const parts = inside.map((entry) => join(entry.session, uint32(entry.tip), entry.mark))
    digests.push(hash('bucket', ...parts).subarray(0, 8))
  }
  return join(bitmap, ...digests)
}

/** Rule W20: the body of RECEIPT, and of VECTOR behind its first byte. */
export const receipt = (entries: readonly ReferenceEntry[]): Buffer =>
  join(
    uint(entries.length),
    ...entries.map((entry) => join(entry.session, uint(entry.base), uint(entry.tip), entry.mark)),
  )

/** Rule W3. */
export const channel = (keys: Keys, handshakeHash: Bytes): Buffer => kdf(keys.keep, 'channel', handshakeHash)

/** The bytes 0 to 2 by which an instance's signatures are told apart. Rules W4, W50, W6. */
const uses = { hello: 0, presence: 1, warrant: 2, receipt: 3 } as const

/** Rule W6. */
export const warrant = (keys: Keys, instance: Bytes): Buffer =>
  sign('signPresence', keys.sign, keys.documentId, Buffer.of(uses.warrant), instance)

const roles = ['write', 'read', 'keep']

/** Rules W4, W5. */
export function hello(
  keys: Keys,
  options: {
    version: number
    side: 'initiator' | 'responder'
    instance: ReturnType<typeof pairOf>
    handshakeHash: Bytes
  },
): Buffer {
  const { version, side, instance, handshakeHash } = options
  return join(
    uint(version),
    kdf(keys.keep, side, handshakeHash),
    instance.publicKey,
    sign('signPresence', instance.secretKey, keys.documentId, Buffer.of(uses.hello), handshakeHash),
  )
}

/** The body of INTRODUCTION. Rule W74. */
export function introduction(
  keys: Keys,
  options: { role: string; instance: Bytes; name: string; nonce: Bytes; handshakeHash: Bytes },
): Buffer {
  const { role, instance, name, nonce, handshakeHash } = options
  return join(
    roles.indexOf(role),
    sized(role === 'write' ? warrant(keys, instance) : Buffer.alloc(0)),
    sized(
      role === 'keep'
        ? Buffer.alloc(0)
        : join(nonce, seal(keys.presence, Buffer.from(name), handshakeHash, nonce)),
    ),
  )
}

/** The frame of Protomux that opens a channel. */
export const opening = (localId: number, id: Bytes, helloBytes: Bytes): Buffer =>
  join(0, 1, uint(localId), sized(Buffer.from('swarmpad/doc')), sized(id), helloBytes)

/** Rules W50, W54. */
export function presence(
  keys: Keys,
  options: {
    hops: number
    instance: ReturnType<typeof pairOf>
    counter: number
    role: string
    /** Presence that readers see; null for a goodbye. */
    shown: {
      name: string
      author: ReturnType<typeof pairOf> | null
      caret: string | null
      nonce: Bytes
    } | null
  },
): Buffer {
  const { hops, instance, counter, role, shown } = options
  let sealed: Uint8Array = Buffer.alloc(0)
  if (shown) {
    const { author, nonce } = shown
    const approval = author
      ? join(author.publicKey, sign('signInstance', author.secretKey, keys.documentId, instance.publicKey))
      : Buffer.alloc(0)
    const plain = join(
      sized(Buffer.from(shown.name)),
      sized(approval),
      sized(Buffer.from(shown.caret ?? '', 'latin1')),
    )
    sealed = join(nonce, seal(keys.presence, plain, instance.publicKey, nonce))
  }
  const signed = join(
    instance.publicKey,
    uint(counter),
    roles.indexOf(role),
    shown ? 0 : 1,
    role === 'write' ? warrant(keys, instance.publicKey) : Buffer.alloc(0),
    sealed,
  )
  const signature = sign(
    'signPresence',
    instance.secretKey,
    keys.documentId,
    Buffer.of(uses.presence),
    signed,
  )
  return join(hops, signature, signed)
}

/** A sealed box to an Ed25519 key, as crypto_box_seal makes it when it draws `seed`. */
function sealedBox(receiver: Bytes, plain: Bytes, seed: Bytes): Buffer {
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
export function openBox({ publicKey, secretKey }: ReturnType<typeof pairOf>, box: Bytes): Buffer {
  const [to, secret] = [Buffer.alloc(32), Buffer.alloc(32)]
  sodium.crypto_sign_ed25519_pk_to_curve25519(to, publicKey)
  sodium.crypto_sign_ed25519_sk_to_curve25519(secret, secretKey)
  const plain = Buffer.alloc(box.length - 48)
  if (!sodium.crypto_box_seal_open(plain, Buffer.from(box), to, secret)) throw new Error('another box')
  return plain
}

/** Rules R1, R2. */
export function successor(
  keys: Keys,
  options: {
    author: ReturnType<typeof pairOf>
    write: Bytes
    receivers: readonly { key: Bytes; seed: Bytes }[]
  },
): Buffer {
  const { author, write, receivers } = options
  const plain = join(author.publicKey, write)
  const seals = receivers.map(({ key, seed }) => sealedBox(key, plain, seed))
  const body = join(1, author.publicKey, ladder(write).documentId, seals.length, ...seals)
  return join(body, sign('signSuccessor', author.secretKey, keys.documentId, body))
}

/** The pair under which a computer confirms what it stores of a document. Rule W70. */
export const holder = (keys: Keys, seed: Bytes): ReturnType<typeof pairOf> =>
  pairOf(kdf(seed, 'holder', keys.documentId))

/** The body of HOLDER: sealed with a nonce from who can read, open with a name from a keeper. Rule W70. */
export function holderWord(
  keys: Keys,
  options: {
    holder: ReturnType<typeof pairOf>
    instance: ReturnType<typeof pairOf>
    nonce: Bytes | null
    name: string
  },
): Buffer {
  const { instance, nonce } = options
  const { publicKey, secretKey } = options.holder
  const known = join(publicKey, sign('signInstance', secretKey, keys.documentId, instance.publicKey))
  if (nonce) return join(1, nonce, seal(keys.presence, known, instance.publicKey, nonce))
  return join(0, known, Buffer.from(options.name))
}

/** A signed receipt. Rule W71. */
export function signedReceipt(
  keys: Keys,
  options: { instance: ReturnType<typeof pairOf>; session: Bytes; tip: number; mark: Bytes; at: number },
): Buffer {
  const time = Buffer.alloc(8)
  time.writeBigUInt64LE(BigInt(options.at))
  const signed = join(options.session, uint32(options.tip), options.mark, time)
  const { secretKey } = options.instance
  return join(signed, sign('signPresence', secretKey, keys.documentId, Buffer.of(uses.receipt), signed))
}

/** A spot of a question, and what is held of it. */
interface ReferenceSpot {
  readonly session: Bytes
  readonly from: number
  readonly tip: number
}

/** The body of ASK. Rule W71. */
export const ask = (question: { nonce: Bytes; signed: number; spots: readonly ReferenceSpot[] }): Buffer =>
  join(
    question.nonce,
    uint(question.signed),
    uint(question.spots.length),
    ...question.spots.flatMap(({ session, from, tip }) => [session, uint(from), uint(tip)]),
  )

/** A proof that spots are held, each given with its tip proof and the segments that go in. Rule W73. */
export const possession = (
  nonce: Bytes,
  instance: Bytes,
  held: readonly { session: Bytes; tip: number; tipProof: Bytes; segments: readonly Bytes[] }[],
): Buffer =>
  kdf(
    nonce,
    'held',
    instance,
    ...held.flatMap(({ session, tip, tipProof, segments }) => [session, uint32(tip), tipProof, ...segments]),
  )

/** The body of SIGNED. Rule W71. */
export const answer = (
  nonce: Bytes,
  { proof, tips, receipts }: { proof: Bytes; tips: readonly number[]; receipts: readonly Bytes[] },
): Buffer => join(nonce.subarray(0, 8), proof, uint(tips.length), ...tips.map(uint), ...receipts)

/** Messages and codes of two computers that pair, from the numbers that each drew. Rules P1 to P6. */
export function pairing({ secret, handshakeHash, offered, joined }: Record<PairingInput, Bytes>) {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  const number = kdf(secret, 'pairCode', handshakeHash, offered, joined).readUInt32BE(0)
  const letters = Array.from({ length: 6 }, (_, place) => alphabet[(number >>> (5 * place)) & 31]).join('')
  const proof = (side: 'pairOffer' | 'pairJoin') => kdf(secret, side, handshakeHash)
  return {
    topic: kdf(secret, 'pairTopic'),
    channel: kdf(secret, 'pairChannel', handshakeHash),
    offerHello: join(2, proof('pairOffer'), kdf(secret, 'pairCommitment', handshakeHash, offered)),
    joinHello: join(2, proof('pairJoin')),
    code: `${letters.slice(0, 3)}-${letters.slice(3)}`,
  }
}

type PairingInput = 'secret' | 'handshakeHash' | 'offered' | 'joined'

/** PERSON. Rule P6. */
export const pairedPerson = (seed: Bytes, name: string, told: boolean): Buffer =>
  join(seed, told ? 1 : 0, sized(Buffer.from(name)))

/** DOCUMENT; `role` is 0 write, 1 read, 2 keep. Rule P6. */
export const pairedDocument = (
  role: number,
  secret: Bytes,
  rest: { verify: Bytes; manifest: Bytes; title: string; editedAt: number },
): Buffer =>
  join(
    role,
    secret,
    sized(rest.verify),
    sized(rest.manifest),
    sized(Buffer.from(rest.title)),
    uint(rest.editedAt),
  )
