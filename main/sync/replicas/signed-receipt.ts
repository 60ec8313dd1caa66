import c, { type State } from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'
import { fromHex, hex } from '../../base/hex'
import { decodeWhole } from '../../log/format/encoding'
import type { SessionId } from '../../log/format/version-vector'
import { type Instance, signAs, verifyAs } from '../wire/instance'
import type { Spot } from './possession'

/** A peer's signed and dated statement that a session is durable there to a tip. Rule W71. */
export interface SignedReceipt {
  readonly session: SessionId
  readonly tip: number
  /** Mark of the history up to the tip. Rule S11. */
  readonly mark: Uint8Array
  /** In ms since the Unix epoch, by the signer's clock. */
  readonly at: number
  /** By the instance. */
  readonly signature: Uint8Array
}

/** A question for receipts and for a proof of possession. Rule W71. */
export interface Question {
  /** 32 bytes, fresh for each question. */
  readonly nonce: Uint8Array
  /** Number of spots, from the first on, that are to be signed for. */
  readonly signed: number
  /** Spots to prove up to their tips; those that are signed for are proven to the peer's own tips. */
  readonly spots: readonly Spot[]
}

/** The answer to a question. Rule W71. */
export interface Answer {
  /** The first 8 bytes of the question's nonce. */
  readonly question: Uint8Array
  /** Rule W73, 32 bytes. */
  readonly proof: Uint8Array
  /** Proven tip of each spot; 0 for one that is not stored and is left out of the proof. */
  readonly tips: readonly number[]
  readonly receipts: readonly SignedReceipt[]
}

/** Maximum number of receipts that one question asks for. Rule W71. */
export const maxAsked = 100
/** Maximum number of spots in one question. Rule W71. */
export const maxSpots = 1_000

/** Bytes that name a question in its answer. */
export const questionSize = 8

/** Signs that a session is durable here to a tip. */
export function signReceipt(instance: Instance, receipt: Omit<SignedReceipt, 'signature'>): SignedReceipt {
  return { ...receipt, signature: signAs(instance, 'receipt', messageOf(receipt)) }
}

/** Returns true if the instance with that public key signed a receipt. */
export function verifyReceipt(receipt: SignedReceipt, documentId: Uint8Array, instance: Uint8Array): boolean {
  const { signature } = receipt
  return verifyAs({ publicKey: instance, use: 'receipt', documentId, message: messageOf(receipt), signature })
}

/** Encodes a question of `maxSpots` at most, of which `maxAsked` at most are to be signed for. */
export function encodeAsk({ nonce, signed, spots }: Question): Uint8Array {
  return Buffer.concat([
    nonce,
    ...[signed, spots.length].map((count) => c.encode(c.uint, count)),
    ...spots.flatMap(({ session, from, tip }) => [
      fromHex(session),
      c.encode(c.uint, from),
      c.encode(c.uint, tip),
    ]),
  ])
}

/** Decodes what `encodeAsk` made. Throws MALFORMED. */
export function decodeAsk(bytes: Uint8Array): Question {
  return decodeWhole(bytes, (state) => {
    const nonce = Uint8Array.from(c.fixed32.decode(state))
    const signed = bounded(state, maxAsked)
    const count = bounded(state, maxSpots)
    if (count === 0 || signed > count) throw invalid()
    const spots = Array.from({ length: count }, () => {
      const session = hex(c.fixed32.decode(state))
      const from = bounded(state, 0xffff_ffff)
      const tip = bounded(state, 0xffff_ffff)
      if (tip === 0 || from > tip) throw invalid()
      return { session, from, tip }
    })
    return { nonce, signed, spots }
  })
}

/** Encodes an answer, of `maxSpots` tips and `maxAsked` receipts at most. */
export function encodeSigned({ question, proof, tips, receipts }: Answer): Uint8Array {
  return Buffer.concat([
    question,
    proof,
    ...[tips.length, ...tips].map((number) => c.encode(c.uint, number)),
    ...receipts.map(encodeReceiptOf),
  ])
}

/** Decodes what `encodeSigned` made; neither signatures nor the proof are checked. Throws MALFORMED. */
export function decodeSigned(bytes: Uint8Array): Answer {
  return decodeWhole(bytes, (state) => {
    const question = Uint8Array.from(c.fixed(questionSize).decode(state))
    const proof = Uint8Array.from(c.fixed32.decode(state))
    const tips = Array.from({ length: bounded(state, maxSpots) }, () => bounded(state, 0xffff_ffff))
    const count = (state.end - state.start) / signedReceiptSize
    if (!Number.isInteger(count) || count > maxAsked) throw invalid()
    const receipts = Array.from({ length: count }, () => readReceipt(state))
    return { question, proof, tips, receipts }
  })
}

/** Bytes of a receipt with its signature. */
const signedReceiptSize = 32 + 4 + 16 + 8 + 64

/** Encodes one receipt: what is signed, then the signature. */
export const encodeReceiptOf = ({ signature, ...receipt }: SignedReceipt): Uint8Array =>
  Buffer.concat([messageOf(receipt), signature])

function readReceipt(state: State): SignedReceipt {
  const session = hex(c.fixed32.decode(state))
  const tip = c.uint32.decode(state)
  const mark = Uint8Array.from(c.fixed16.decode(state))
  const at = c.uint64.decode(state)
  if (tip === 0 || !Number.isSafeInteger(at)) throw invalid()
  return { session, tip, mark, at, signature: Uint8Array.from(c.fixed64.decode(state)) }
}

function bounded(state: State, limit: number): number {
  const value = c.uint.decode(state)
  if (value > limit) throw invalid()
  return value
}

/** Returns the bytes to sign: session, tip (4), mark (16), time (8). */
function messageOf({ session, tip, mark, at }: Omit<SignedReceipt, 'signature'>): Uint8Array {
  return Buffer.concat([fromHex(session), c.encode(c.uint32, tip), mark, c.encode(c.uint64, at)])
}

const invalid = (): SwarmpadError => new SwarmpadError('MALFORMED', { why: 'receipts' })
