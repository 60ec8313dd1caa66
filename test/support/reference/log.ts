import {
  type Bytes,
  hash,
  join,
  type Keys,
  kdf,
  ladder,
  type Pair,
  seal,
  sealedBox,
  sign,
  uint32,
} from './primitives'

/** Certificates, segments, snapshots and records of new links by straight calls of libsodium. */

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
  { session, author, name, nonce }: { session: Bytes; author: Pair; name: string; nonce: Bytes },
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
    session: Pair
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

/** Rules R1, R2. */
export function successor(
  keys: Keys,
  options: {
    author: Pair
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
