import c from 'compact-encoding'
import { SwarmpadError } from '../errors'
import { fromHex, hex } from '../hex'
import { decodeWhole } from '../log/encoding'
import type { SessionId } from '../log/version-vector'
import { type Instance, signAs, verifyAs } from './instance'

/** A peer's word, dated and signed, that a session is durable there up to a tip. Rule W71. */
export interface SignedReceipt {
  readonly session: SessionId
  readonly tip: number
  /** Stands for all that is held up to the tip (S11). */
  readonly mark: Uint8Array
  /** In ms since the Unix epoch, by the clock of who signed. */
  readonly at: number
  /** By the instance. */
  readonly signature: Uint8Array
}

/** Sessions in one question, and receipts in one answer, at most. Rule W71. */
export const maxAsked = 100

/** Signs that a session is durable here up to a tip. */
export function signReceipt(instance: Instance, receipt: Omit<SignedReceipt, 'signature'>): SignedReceipt {
  return { ...receipt, signature: signAs(instance, 'receipt', messageOf(receipt)) }
}

/** Whether the instance with that public key signed a receipt. */
export function verifyReceipt(receipt: SignedReceipt, documentId: Uint8Array, instance: Uint8Array): boolean {
  const { signature } = receipt
  return verifyAs({ publicKey: instance, use: 'receipt', documentId, message: messageOf(receipt), signature })
}

/** Encodes of which sessions signed receipts are asked for, `maxAsked` at most. */
export function encodeAsk(sessions: readonly SessionId[]): Uint8Array {
  return Buffer.concat(sessions.map(fromHex))
}

/** Decodes what `encodeAsk` made. Throws INVALID. */
export function decodeAsk(bytes: Uint8Array): SessionId[] {
  const count = bytes.length / sessionSize
  if (!Number.isInteger(count) || count === 0 || count > maxAsked) throw invalid()
  return Array.from({ length: count }, (_, index) =>
    hex(bytes.subarray(index * sessionSize, (index + 1) * sessionSize)),
  )
}

/** Encodes receipts, `maxAsked` at most. */
export function encodeSigned(receipts: readonly SignedReceipt[]): Uint8Array {
  return Buffer.concat(receipts.flatMap(({ signature, ...receipt }) => [messageOf(receipt), signature]))
}

/** Decodes what `encodeSigned` made; no signature is checked. Throws INVALID. */
export function decodeSigned(bytes: Uint8Array): SignedReceipt[] {
  const count = bytes.length / signedReceiptSize
  if (!Number.isInteger(count) || count === 0 || count > maxAsked) throw invalid()
  return decodeWhole(bytes, (state) =>
    Array.from({ length: count }, () => {
      const session = hex(c.fixed32.decode(state))
      const tip = c.uint32.decode(state)
      const mark = Uint8Array.from(c.fixed16.decode(state))
      const at = c.uint64.decode(state)
      if (tip === 0 || !Number.isSafeInteger(at)) throw invalid()
      return { session, tip, mark, at, signature: Uint8Array.from(c.fixed64.decode(state)) }
    }),
  )
}

const sessionSize = 32
/** Bytes of a receipt with its signature. */
export const signedReceiptSize = sessionSize + 4 + 16 + 8 + 64

/** What is signed: session, tip (4), mark (16), time (8). */
function messageOf({ session, tip, mark, at }: Omit<SignedReceipt, 'signature'>): Uint8Array {
  return Buffer.concat([fromHex(session), c.encode(c.uint32, tip), mark, c.encode(c.uint64, at)])
}

const invalid = (): SwarmpadError => new SwarmpadError('INVALID', 'A peer sent receipts that cannot be read.')
