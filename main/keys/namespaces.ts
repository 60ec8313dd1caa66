import sodium from 'sodium-native'

/**
 * The purposes that a hash, a derived key or a signature can serve. The place in the list makes the
 * constant, so the order is frozen and new purposes go to the end. Names that begin with `sign` stand
 * before signed messages, the rest before hashed ones.
 */
const purposes = [
  'documentKey',
  'salt',
  'read',
  'content',
  'presence',
  'manifest',
  'keep',
  'topic',
  'document',
  'channel',
  'initiator',
  'responder',
  'chain',
  'certificate',
  'body',
  'derivedNonce',
  'fingerprint',
  'bucket',
  'signManifest',
  'signCertificate',
  'signAuthor',
  'signSegment',
  'signPresence',
  'signInstance',
  'history',
  'signSuccessor',
  'snapshot',
  'snapshotBody',
  'signSnapshot',
  'pairTopic',
  'pairChannel',
  'pairOffer',
  'pairJoin',
  'pairCommitment',
  'pairCode',
  'deviceTopic',
  'deviceChannel',
  'deviceInitiator',
  'deviceResponder',
  'holder',
  'held',
  'storeNotes',
  'match',
  'matchState',
  'state',
  'personal',
  'texts',
] as const

/** Purpose of a hash or signature. */
export type Purpose = (typeof purposes)[number]

const hash = (bytes: Buffer): Buffer => {
  const out = Buffer.alloc(32)
  sodium.crypto_generichash(out, bytes)
  return out
}

const root = hash(Buffer.from('swarmpad/keys/v1'))

/**
 * 32 bytes for each purpose: BLAKE2b-256(BLAKE2b-256('swarmpad/keys/v1') || place), the construction of
 * `namespace` in hypercore-crypto. They keep what is made for one purpose from serving another.
 */
export const namespaces: Readonly<Record<Purpose, Buffer>> = Object.fromEntries(
  purposes.map((purpose, place) => [purpose, hash(Buffer.concat([root, Buffer.of(place)]))]),
) as Record<Purpose, Buffer>
