import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { nextTurn } from '../base/next-turn'
import { kdf } from '../keys/hash'
import type { Range, Store, Write } from '../storage/store'
import { nonceSize, openRecord, placeId, recordKey, sealRecord } from './sealed-record'

/** Kinds of records that a profile stores beside the logs, by the first byte of their key. */
export const vaultKinds = {
  profile: 'p',
  settings: 'm',
  words: 'w',
  /** How much the profile was used on this computer. */
  use: 'u',
  document: 'r',
  /** The text of a document last seen, and what was edited in it since that was stored. */
  text: 'v',
  textEdits: 'd',
  /** Tags and links of that text. */
  facts: 'T',
  /** Documents that older programs removed while the person's other computers had them. */
  gone: 'x',
  /** Folders, pins, archive and removals of documents, own words, and how far the private document has them. */
  personal: 'A',
  /** Where the person was in a document. */
  place: 'l',
  /** Local edits of a document that are in no segment, and the text that they fit. */
  journal: 'j',
  journalBase: 'i',
  /** The document that a file of an imported folder became. */
  import: 'F',
  /** Sites to which links of a document lead without a question. */
  sites: 'U',
} as const

/** One of the vault's kinds. */
export type VaultKind = keyof typeof vaultKinds

const textLetters: ReadonlySet<number> = new Set(
  [vaultKinds.text, vaultKinds.textEdits].map((letter) => letter.charCodeAt(0)),
)

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
 * Records of a profile, each sealed with its master key: no text and no key is on the disk in the clear. Texts last
 * seen have a key that follows from it, so that a thread that reads them needs no other.
 */
export class Vault {
  private readonly store: Store
  private readonly key: Uint8Array
  /** Key that seals the texts last seen, and nothing else. */
  readonly textKey: Uint8Array
  /** Returns unpredictable bytes. */
  readonly random: (size: number) => Buffer

  constructor(options: { store: Store; key: Uint8Array; random: (size: number) => Buffer }) {
    this.store = options.store
    this.key = options.key
    this.textKey = kdf(options.key, 'texts')
    this.random = options.random
  }

  /** Resolves to the record, or null. Rejects with STORE_DAMAGED if another key sealed it or it was changed. */
  async read(kind: VaultKind, id: Uint8Array): Promise<unknown> {
    const name = nameOf(kind, id)
    const sealed = await this.store.get(name)
    return sealed ? this.open(name, sealed) : null
  }

  /** Like `read`, but reports a record that this key does not open instead of throwing. */
  async find(kind: VaultKind, id: Uint8Array): Promise<{ record: unknown; isUnreadable: boolean }> {
    const name = nameOf(kind, id)
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
    const name = nameOf(kind, id)
    const value = await this.store.get(name)
    if (!value) return []
    const mark = each ? value.subarray(0, nonceSize) : Buffer.alloc(0)
    return [{ key: Buffer.concat([asideKey(name), mark]), value }]
  }

  /** Returns the key range of the copies made with `each`. */
  asideRange(kind: VaultKind, id: Uint8Array): Range {
    const gte = asideKey(nameOf(kind, id))
    return { gte, lt: Buffer.concat([gte, Buffer.alloc(nonceSize + 1, 0xff)]) }
  }

  /** Yields the records of a series by their places from 0 on. Throws STORE_DAMAGED where one is missing or unreadable. */
  async *series(kind: VaultKind, id: Uint8Array): AsyncGenerator<unknown> {
    let place = 0
    for await (const [key, sealed] of this.store.entries(this.seriesRange(kind, id))) {
      if (Buffer.compare(key, nameOf(kind, placeId(id, place++))) !== 0)
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
    return { gte: nameOf(kind, placeId(id, 0)), lt: nameOf(kind, placeId(id, 0xffffffff)) }
  }

  /** Reads all records of a kind; returns the readable ones by id (hex), the number of others, and the ids of both. */
  async all(kind: VaultKind): Promise<{ records: Map<string, unknown>; damaged: number; ids: Set<string> }> {
    const records = new Map<string, unknown>()
    const ids = new Set<string>()
    let damaged = 0
    for await (const [key, sealed] of this.store.entries(vaultRange(kind))) {
      const id = hex(key.subarray(1))
      ids.add(id)
      if (ids.size % slice === 0) await nextTurn()
      try {
        records.set(id, this.open(key, sealed))
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
    const name = nameOf(kind, id)
    return { key: name, value: sealRecord(this.keyOf(name), name, record, this.random(nonceSize)) }
  }

  /** Returns the write that deletes a record. */
  removal(kind: VaultKind, id: Uint8Array): Write {
    return { key: nameOf(kind, id), value: null }
  }

  private open(name: Uint8Array, sealed: Uint8Array): unknown {
    const key = this.keyOf(name)
    try {
      return openRecord(key, name, sealed)
    } catch (cause) {
      // An earlier program sealed texts with the master key too.
      if (key !== this.key)
        try {
          return openRecord(this.key, name, sealed)
        } catch {}
      throw new SwarmpadError('STORE_DAMAGED', { part: 'records' }, { cause })
    }
  }

  private keyOf(name: Uint8Array): Uint8Array {
    return textLetters.has(name[0] ?? 0) ? this.textKey : this.key
  }
}

/** Records that are read in one turn. */
const slice = 200

const asideKey = (name: Uint8Array): Buffer => Buffer.concat([Buffer.from('!was '), name])

/** Returns the key of a record in the store. */
export const nameOf = (kind: VaultKind, id: Uint8Array): Buffer => recordKey(vaultKinds[kind], id)
