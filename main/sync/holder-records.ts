import c from 'compact-encoding'
import { SwarmpadError } from '../errors'
import { fromHex, hex } from '../hex'
import { nonceSize, open, seal } from '../keys/seal'
import { decodeWhole } from '../log/encoding'
import type { SessionId } from '../log/version-vector'
import type { Range, Store, Write } from '../storage/store'
import type { SignedReceipt } from './signed-receipt'

/** A computer that confirmed something of a document, as it is noted. */
export interface HolderRecord {
  /** 32 bytes. */
  readonly key: Uint8Array
  readonly isKeeper: boolean
  /** The author who vouched for it; empty for none. */
  readonly author: Uint8Array
  /** A claim. */
  readonly name: string
}

/** A receipt with all that is needed to show later who gave it. */
export interface KeptReceipt extends Omit<SignedReceipt, 'session'> {
  /** When it came, by the own clock, in ms since the Unix epoch. */
  readonly receivedAt: number
  /** When the holder said that it holds less than it had signed, in ms since the Unix epoch; 0 for never. */
  readonly deniedAt: number
  /** Public key of the instance that signed it. */
  readonly instance: Uint8Array
  /** The holder's signature on that instance. */
  readonly vouched: Uint8Array
  /** The author's signature on it; zeros where none is known. */
  readonly approved: Uint8Array
}

/** What is known of a document's holders, by the number that each is noted under. */
export type HolderRecords = Map<number, { holder: HolderRecord; receipts: Map<SessionId, KeptReceipt> }>

const kinds = { holder: 'e', receipt: 'a' } as const

/** The write that notes a holder. It is sealed: who writes in a document shall not be read off the disk. */
export function holderWrite(options: {
  documentId: Uint8Array
  index: number
  holder: HolderRecord
  sealKey: Uint8Array
  random: (size: number) => Uint8Array
}): Write {
  const { documentId, index, holder, sealKey, random } = options
  const key = recordKey('holder', documentId, index)
  const plain = Buffer.concat([
    holder.key,
    Buffer.of(holder.isKeeper ? 1 : 0),
    c.encode(c.buffer, Buffer.from(holder.author)),
    c.encode(c.string, holder.name),
  ])
  const nonce = random(nonceSize)
  return { key, value: Buffer.concat([nonce, seal(sealKey, plain, key, nonce)]) }
}

/** The write that notes a receipt, or (null) takes it away. */
export function receiptWrite(
  documentId: Uint8Array,
  index: number,
  session: SessionId,
  receipt: KeptReceipt | null,
): Write {
  const key = Buffer.concat([recordKey('receipt', documentId, index), fromHex(session)])
  if (!receipt) return { key, value: null }
  const { tip, mark, signature, instance, vouched, approved } = receipt
  const times = [receipt.at, receipt.receivedAt, receipt.deniedAt].map((time) => c.encode(c.uint64, time))
  const parts = [c.encode(c.uint32, tip), ...times, mark, instance, signature, vouched, approved]
  return { key, value: Buffer.concat(parts) }
}

/** Reads what is noted; what is damaged is passed over, since holders sign it again. Rejects when the store does. */
export async function loadHolders(
  store: Store,
  documentId: Uint8Array,
  sealKey: Uint8Array,
): Promise<HolderRecords> {
  const records: HolderRecords = new Map()
  for await (const [key, value] of store.entries(kindRange('holder', documentId)))
    ignoringDamage(() => {
      const plain = open(sealKey, value.subarray(nonceSize), key, value.subarray(0, nonceSize))
      records.set(indexOf(key), { holder: readHolder(plain), receipts: new Map() })
    })
  for await (const [key, value] of store.entries(kindRange('receipt', documentId)))
    ignoringDamage(() =>
      records.get(indexOf(key))?.receipts.set(hex(key.subarray(1 + 32 + 2)), readReceipt(value)),
    )
  return records
}

/** All that is noted of a document's holders: to be deleted with the document. */
export function holderRanges(documentId: Uint8Array): Range[] {
  return [kindRange('holder', documentId), kindRange('receipt', documentId)]
}

const recordKey = (kind: keyof typeof kinds, documentId: Uint8Array, index: number): Buffer =>
  Buffer.concat([Buffer.from(kinds[kind], 'latin1'), documentId, Buffer.of(index >> 8, index & 0xff)])

const indexOf = (key: Uint8Array): number => Buffer.from(key).readUInt16BE(1 + 32)

function kindRange(kind: keyof typeof kinds, documentId: Uint8Array): Range {
  const gte = Buffer.concat([Buffer.from(kinds[kind], 'latin1'), documentId])
  return { gte, lt: Buffer.concat([gte, Buffer.alloc(35, 0xff)]) }
}

const readHolder = (plain: Uint8Array): HolderRecord =>
  decodeWhole(plain, (state) => ({
    key: Uint8Array.from(c.fixed32.decode(state)),
    isKeeper: c.uint8.decode(state) === 1,
    author: Uint8Array.from(c.buffer.decode(state) ?? []),
    name: c.string.decode(state),
  }))

const readReceipt = (value: Uint8Array): KeptReceipt =>
  decodeWhole(Uint8Array.from(value), (state) => ({
    tip: c.uint32.decode(state),
    at: c.uint64.decode(state),
    receivedAt: c.uint64.decode(state),
    deniedAt: c.uint64.decode(state),
    mark: c.fixed16.decode(state),
    instance: c.fixed32.decode(state),
    signature: c.fixed64.decode(state),
    vouched: c.fixed64.decode(state),
    approved: c.fixed64.decode(state),
  }))

function ignoringDamage(read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof SwarmpadError)) throw error
  }
}
