import { type Bytes, join, type Keys, kdf, type Pair, pairOf, seal, sign, uint, uint32 } from './primitives'
import { uses } from './wire'

/** Signed receipts and proofs of possession by straight calls of libsodium. */

/** The pair under which a computer confirms what it stores of a document. Rule W70. */
export const holder = (keys: Keys, seed: Bytes): Pair => pairOf(kdf(seed, 'holder', keys.documentId))

/** The body of HOLDER: sealed with a nonce from who can read, open with a name from a keeper. Rule W70. */
export function holderWord(
  keys: Keys,
  options: {
    holder: Pair
    instance: Pair
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
  options: { instance: Pair; session: Bytes; tip: number; mark: Bytes; at: number },
): Buffer {
  const time = Buffer.alloc(8)
  time.writeBigUInt64LE(BigInt(options.at))
  const signed = join(options.session, uint32(options.tip), options.mark, time)
  const { secretKey } = options.instance
  return join(signed, sign('signPresence', secretKey, keys.documentId, Buffer.of(uses.receipt), signed))
}

/** A spot of a question, and how far it is held. */
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
