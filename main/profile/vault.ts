import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { open, seal } from '../keys/seal'
import type { Range, Store, Write } from '../storage/store'

/** Kinds of records that a profile stores beside the logs, by the first byte of their key. */
export const vaultKinds = {
  profile: 'p',
  settings: 'm',
  words: 'w',
  document: 'r',
  /** The text of a document last seen, and what was edited in it since that was stored. */
  text: 'v',
  textEdits: 'd',
  /** Documents that older programs removed while the person's other computers had them. */
  gone: 'x',
  /** What the person arranged: of documents, their own words, and how far it is in the private document. */
  personal: 'A',
  /** Where the person was in a document. */
  place: 'l',
  /** Local edits of a document that are in no segment, and the text that they fit. */
  journal: 'j',
  journalBase: 'i',
} as const

/** One of the vault's kinds. */
export type VaultKind = keyof typeof vaultKinds

/** Returns the key range of all records of a kind. */
export function vaultRange(kind: VaultKind): Range {
  const first = vaultKinds[kind].charCodeAt(0)
  return { gte: Buffer.of(first), lt: Buffer.of(first + 1) }
}

/** Resolves to true if a store holds sealed records, under any key. */
export async function holdsRecords(store: Store): Promise<boolean> {
  for (const kind of Object.keys(vaultKinds) as VaultKind[])
    for await (const _ of store.entries({ ...vaultRange(kind), limit: 1 })) return true
  return false
}

/**
 * Records of a profile, each sealed with its master key: no text and no key is on the disk in the clear.
 */
export class Vault {
  private readonly store: Store
  private readonly key: Uint8Array
  /** Returns unpredictable bytes. */
  readonly random: (size: number) => Buffer

  constructor(options: { store: Store; key: Uint8Array; random: (size: number) => Buffer }) {
    this.store = options.store
    this.key = options.key
    this.random = options.random
  }

  /** Resolves to the record, or null. Rejects with STORE_DAMAGED if another key sealed it or it was changed. */
  async read(kind: VaultKind, id: Uint8Array): Promise<unknown> {
    const name = recordKey(kind, id)
    const sealed = await this.store.get(name)
    return sealed ? this.open(name, sealed) : null
  }

  /** Like `read`, but reports a record that this key does not open instead of throwing. */
  async find(kind: VaultKind, id: Uint8Array): Promise<{ record: unknown; isUnreadable: boolean }> {
    const name = recordKey(kind, id)
    const sealed = await this.store.get(name)
    try {
      return { record: sealed && this.open(name, sealed), isUnreadable: false }
    } catch (error) {
      if (!(error instanceof SwarmpadError)) throw error
      return { record: null, isUnreadable: true }
    }
  }

  /** Copies the stored bytes of a record aside, before another one replaces it. */
  async setAside(kind: VaultKind, id: Uint8Array): Promise<void> {
    await this.store.write(await this.aside(kind, id))
  }

  /** Returns the writes that copy a record aside; with `each` they replace no earlier copy. */
  async aside(kind: VaultKind, id: Uint8Array, { each = false } = {}): Promise<Write[]> {
    const name = recordKey(kind, id)
    const value = await this.store.get(name)
    if (!value) return []
    const mark = each ? value.subarray(0, nonceSize) : Buffer.alloc(0)
    return [{ key: Buffer.concat([asideKey(name), mark]), value }]
  }

  /** Returns the key range of the copies made with `each`. */
  asideRange(kind: VaultKind, id: Uint8Array): Range {
    const gte = asideKey(recordKey(kind, id))
    return { gte, lt: Buffer.concat([gte, Buffer.alloc(nonceSize + 1, 0xff)]) }
  }

  /** Yields the records of a series by their places from 0 on. Throws STORE_DAMAGED where one is missing or unreadable. */
  async *series(kind: VaultKind, id: Uint8Array): AsyncGenerator<unknown> {
    let place = 0
    for await (const [key, sealed] of this.store.entries(this.seriesRange(kind, id))) {
      if (Buffer.compare(key, recordKey(kind, placeId(id, place++))) !== 0)
        throw new SwarmpadError('STORE_DAMAGED', { part: 'records' })
      yield this.open(key, sealed)
    }
  }

  /** Returns the write that stores a record of a series at its place. */
  sealedAt(kind: VaultKind, id: Uint8Array, place: number, record: unknown): Write {
    return this.sealed(kind, placeId(id, place), record)
  }

  /** Returns the key range of a series. */
  seriesRange(kind: VaultKind, id: Uint8Array): Range {
    return { gte: recordKey(kind, placeId(id, 0)), lt: recordKey(kind, placeId(id, 0xffffffff)) }
  }

  /** Reads all records of a kind; returns the readable ones, the number of others, and the ids (hex) of both. */
  async all(kind: VaultKind): Promise<{ records: unknown[]; damaged: number; ids: Set<string> }> {
    const records: unknown[] = []
    const ids = new Set<string>()
    let damaged = 0
    for await (const [key, sealed] of this.store.entries(vaultRange(kind))) {
      ids.add(hex(key.subarray(1)))
      if (ids.size % slice === 0) await new Promise((resolve) => setImmediate(resolve))
      try {
        records.push(this.open(key, sealed))
      } catch (error) {
        if (!(error instanceof SwarmpadError)) throw error
        damaged++
      }
    }
    return { records, damaged, ids }
  }

  /** Writes a record: durable when it resolves. Rejects with STORE_WRITE_FAILED. */
  async write(kind: VaultKind, id: Uint8Array, record: unknown): Promise<void> {
    await this.store.write([this.sealed(kind, id, record)])
  }

  /** Returns the write that stores a record. */
  sealed(kind: VaultKind, id: Uint8Array, record: unknown): Write {
    const name = recordKey(kind, id)
    const nonce = this.random(nonceSize)
    const sealed = seal(this.key, Buffer.from(JSON.stringify(record)), name, nonce)
    return { key: name, value: Buffer.concat([nonce, sealed]) }
  }

  /** Returns the write that deletes a record. */
  removal(kind: VaultKind, id: Uint8Array): Write {
    return { key: recordKey(kind, id), value: null }
  }

  private open(name: Uint8Array, sealed: Uint8Array): unknown {
    try {
      const plain = open(this.key, sealed.subarray(nonceSize), name, sealed.subarray(0, nonceSize))
      return JSON.parse(Buffer.from(plain).toString())
    } catch (error) {
      throw new SwarmpadError('STORE_DAMAGED', { part: 'records' }, { cause: error })
    }
  }
}

const nonceSize = 24
/** Records that are read in one turn. */
const slice = 200

/** Returns the id of a record of a series: that of the series, and its place as 4 bytes, big-endian. */
function placeId(id: Uint8Array, place: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(place)
  return Buffer.concat([id, bytes])
}

const asideKey = (name: Uint8Array): Buffer => Buffer.concat([Buffer.from('!was '), name])

const recordKey = (kind: VaultKind, id: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(vaultKinds[kind], 'latin1'), id])
