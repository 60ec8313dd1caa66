import c from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'
import { fromHex, hex } from '../../base/hex'
import { kdf } from '../../keys/hash'
import { cleanName } from '../../keys/name'
import { nonceSize, open, seal } from '../../keys/seal'
import { decodeWhole } from '../../log/format/encoding'
import type { SessionId } from '../../log/format/version-vector'
import type { Range, Store, Write } from '../../storage/store'
import type { SignedReceipt } from './signed-receipt'

/** A computer that confirmed edits of a document, as it is recorded. */
export interface ReplicaRecord {
  /** 32 bytes. */
  readonly key: Uint8Array
  readonly isKeeper: boolean
  /** The author who vouched for it; empty for none. */
  readonly author: Uint8Array
  /** A claim. */
  readonly name: string
}

/** A receipt with all that is needed to prove later who signed it. */
export interface StoredReceipt extends SignedReceipt {
  /** Time of arrival by the local clock, in ms since the Unix epoch. */
  readonly receivedAt: number
  /** Public key of the instance that signed it. */
  readonly instance: Uint8Array
  /** The replica's signature on that instance. */
  readonly vouched: Uint8Array
  /** The author's signature on it; zeros where none is known. */
  readonly approved: Uint8Array
}

/** The fields of a receipt that are kept in memory. */
export interface ReceiptSummary {
  readonly tip: number
  readonly receivedAt: number
  /** Time at which its replica claimed less, in ms since the Unix epoch; 0 for never. */
  readonly deniedAt: number
}

/** A replica with its receipts, as they were recorded. */
export interface StoredReplica {
  readonly replica: ReplicaRecord
  readonly receipts: Map<SessionId, ReceiptSummary>
}

const kinds = { holder: 'e', receipt: 'a', denial: 'y' } as const

/**
 * Reads and makes the records about a document's storage replicas. The computer's identity is sealed, and row
 * names are hashes keyed with the document's presence key, so that the disk does not reveal which computer
 * stores which document.
 */
export class ReplicaRecords {
  private readonly documentId: Uint8Array
  private readonly key: Uint8Array

  /** `key`: the document's presence key. */
  constructor(documentId: Uint8Array, key: Uint8Array) {
    this.documentId = documentId
    this.key = key
  }

  /** Makes the record of a replica, with a fresh nonce. */
  replica(replica: ReplicaRecord, nonce: Uint8Array): Write {
    const name = this.nameOf('holder', replica.key)
    const plain = Buffer.concat([
      replica.key,
      Buffer.of(replica.isKeeper ? 1 : 0),
      c.encode(c.buffer, Buffer.from(replica.author)),
      c.encode(c.string, replica.name),
    ])
    return { key: name, value: Buffer.concat([nonce, seal(this.key, plain, name, nonce)]) }
  }

  /** Makes the record of a receipt. */
  receipt(replica: Uint8Array, receipt: StoredReceipt): Write {
    const { session, tip, mark, signature, instance, vouched, approved } = receipt
    const times = [receipt.at, receipt.receivedAt].map((time) => c.encode(c.uint64, time))
    const parts = [c.encode(c.uint32, tip), ...times, mark, instance, signature, vouched, approved]
    return { key: this.nameOf('receipt', replica, session), value: Buffer.concat(parts) }
  }

  /** Makes the record, beside a receipt, of when its replica claimed less. */
  denial(replica: Uint8Array, session: SessionId, at: number): Write {
    return { key: this.nameOf('denial', replica, session), value: Buffer.from(c.encode(c.uint64, at)) }
  }

  /** Removes a denial. */
  noDenial(replica: Uint8Array, session: SessionId): Write {
    return { key: this.nameOf('denial', replica, session), value: null }
  }

  /** Removes the receipt and denial of a session at a replica. */
  noReceipt(replica: Uint8Array, session: SessionId): Write[] {
    return [{ key: this.nameOf('receipt', replica, session), value: null }, this.noDenial(replica, session)]
  }

  /** Removes a replica; its receipts must be removed as well. */
  noReplica(replica: Uint8Array): Write {
    return { key: this.nameOf('holder', replica), value: null }
  }

  /** Loads all records. Skips damaged ones, since replicas sign again. Rejects when the store does. */
  async load(store: Store): Promise<StoredReplica[]> {
    const found = new Map<string, StoredReplica>()
    for await (const [key, value] of store.entries(this.range('holder')))
      skippingDamage(() => {
        const plain = open(this.key, value.subarray(nonceSize), key, value.subarray(0, nonceSize))
        found.set(rowOf(key), { replica: readReplica(plain), receipts: new Map() })
      })
    const denials = new Map<string, number>()
    for await (const [key, value] of store.entries(this.range('denial')))
      skippingDamage(() => denials.set(rowOf(key) + sessionOf(key), decodeWhole(value, c.uint64.decode)))
    for await (const [key, value] of store.entries(this.range('receipt')))
      skippingDamage(() => {
        const deniedAt = denials.get(rowOf(key) + sessionOf(key)) ?? 0
        const { tip, receivedAt } = readReceipt(value)
        found.get(rowOf(key))?.receipts.set(sessionOf(key), { tip, receivedAt, deniedAt })
      })
    return [...found.values()]
  }

  /** Returns a stored receipt, as evidence for others; null for none. Rejects when the store does. */
  async evidence(store: Store, replica: Uint8Array, session: SessionId): Promise<StoredReceipt | null> {
    const value = await store.get(this.nameOf('receipt', replica, session))
    return value && { session, ...readReceipt(value) }
  }

  private range(kind: keyof typeof kinds): Range {
    return rangeOf(kinds[kind], this.documentId)
  }

  private nameOf(kind: keyof typeof kinds, replica: Uint8Array, session: SessionId = ''): Uint8Array {
    const row = kdf(this.key, 'holder', replica).subarray(0, rowSize)
    return Buffer.concat([Buffer.from(kinds[kind], 'latin1'), this.documentId, row, fromHex(session)])
  }
}

/** Letter of rows of claimed tips, which profiles of form 1 may have. Nothing reads them. */
const claimRows = 's'

/** Ranges of all records of a document's replicas, to be deleted with the document. */
export function replicaRanges(documentId: Uint8Array): Range[] {
  return [...Object.values(kinds), claimRows].map((letter) => rangeOf(letter, documentId))
}

const rowSize = 16
const rowStart = 1 + 32

const rowOf = (key: Uint8Array): string => hex(key.subarray(rowStart, rowStart + rowSize))
const sessionOf = (key: Uint8Array): SessionId => hex(key.subarray(rowStart + rowSize))

function rangeOf(letter: string, documentId: Uint8Array): Range {
  const gte = Buffer.concat([Buffer.from(letter, 'latin1'), documentId])
  return { gte, lt: Buffer.concat([gte, Buffer.alloc(rowSize + 32 + 1, 0xff)]) }
}

const readReplica = (plain: Uint8Array): ReplicaRecord =>
  decodeWhole(plain, (state) => ({
    key: Uint8Array.from(c.fixed32.decode(state)),
    isKeeper: c.uint8.decode(state) === 1,
    author: Uint8Array.from(c.buffer.decode(state) ?? []),
    name: cleanName(c.string.decode(state)),
  }))

const readReceipt = (value: Uint8Array): Omit<StoredReceipt, 'session'> =>
  decodeWhole(Uint8Array.from(value), (state) => ({
    tip: c.uint32.decode(state),
    at: c.uint64.decode(state),
    receivedAt: c.uint64.decode(state),
    mark: c.fixed16.decode(state),
    instance: c.fixed32.decode(state),
    signature: c.fixed64.decode(state),
    vouched: c.fixed64.decode(state),
    approved: c.fixed64.decode(state),
  }))

function skippingDamage(read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof SwarmpadError)) throw error
  }
}
