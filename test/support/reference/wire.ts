import {
  type Bytes,
  hash,
  join,
  type Keys,
  kdf,
  type Pair,
  seal,
  sign,
  sized,
  uint,
  uint32,
} from './primitives'

/** Messages of two peers of a document, by straight calls of libsodium. */

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

/** Rule W81: the digest of the log. Entries must come sorted by session. */
export const logDigest = (entries: readonly (ReferenceEntry & { isForked: boolean })[]): Buffer =>
  hash(
    'state',
    ...entries.flatMap(({ session, tip, mark, isForked }) => [
      session,
      uint32(tip),
      mark,
      Buffer.of(isForked ? 1 : 0),
    ]),
  )

/** Rule W81: the digest of all that is held. */
export const stateDigest = (log: Bytes, hasManifest: boolean): Buffer =>
  hash('matchState', log, Buffer.of(hasManifest ? 1 : 0))

/** Rule W80: the tag that a side says. */
export function tag(keys: Keys, side: 'initiator' | 'responder', handshakeHash: Bytes): Buffer {
  const at = side === 'initiator' ? 0 : 8
  return kdf(keys.keep, 'match', handshakeHash).subarray(at, at + 8)
}

/** Rule W81: what stands beside a tag. */
export const stateTag = (keys: Keys, handshakeHash: Bytes, state: Bytes, hasSnapshot: boolean): Buffer =>
  kdf(keys.keep, 'matchState', handshakeHash, state, Buffer.of(hasSnapshot ? 1 : 0)).subarray(0, 8)

/** Rule W3. */
export const channel = (keys: Keys, handshakeHash: Bytes): Buffer => kdf(keys.keep, 'channel', handshakeHash)

/** The bytes 0 to 3 that distinguish an instance's signatures. Rules W4, W50, W6. */
export const uses = { hello: 0, presence: 1, warrant: 2, receipt: 3 } as const

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
    instance: Pair
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
    instance: Pair
    counter: number
    role: string
    /** Presence that readers see; null for a goodbye. */
    shown: {
      name: string
      author: Pair | null
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
