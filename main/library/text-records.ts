import { type ChangeSet, Text } from '@codemirror/state'
import { toText } from '../../preload/text'
import { hasCode } from '../base/errors'
import { fromHex } from '../base/hex'
import { SerialQueue } from '../base/serial-queue'
import { nameOf, type Vault, vaultRange } from '../profile/vault'
import type { Store, Write } from '../storage/store'
import { editOf, type SealedText, wholeOf } from './cached-text'

/** The text is stored whole instead of more edits than these, so that reading it stays quick. */
const maxEdits = 1_000
/** It is stored whole when its edits take more than this share of its length: they would soon cost more. */
const maxShare = 0.5
const markSize = 8

/** The text of a document last seen: as it was stored, and a store for what it becomes. */
export interface LastSeen {
  readonly text: Text
  /**
   * Stores a text, which follows from the one stored before by `changes`; null if that is not known. Costs as much as
   * the changes, as a rule. Rejects with STORE_WRITE_FAILED.
   */
  store(text: Text, changes: ChangeSet | null): Promise<void>
}

/**
 * The texts last seen of a profile's documents, sealed with its key: for each a record of the whole text, and a series
 * of edits made since. Nothing depends on them.
 */
export class TextRecords {
  private readonly vault: Vault
  private readonly database: Store

  /** Does no I/O. */
  constructor(options: { vault: Vault; store: Store }) {
    this.vault = options.vault
    this.database = options.store
  }

  /**
   * Opens the text last seen of a document (id in hex), by one user at a time. It is empty if none is stored or it is
   * unreadable, and older where some of its edits are.
   */
  async open(id: string): Promise<LastSeen> {
    const { vault, database } = this
    const stored = new StoredText({ vault, database, documentId: fromHex(id) })
    const text = await stored.read()
    return { text, store: (after, changes) => stored.store(after, changes) }
  }

  /** Key that opens the sealed records, and no others. */
  get key(): Uint8Array {
    return this.vault.textKey
  }

  /** Resolves to the sealed records of a document's text (id in hex), for a thread that opens them; null for none. */
  async sealed(id: string): Promise<SealedText | null> {
    const documentId = fromHex(id)
    const whole = await this.database.get(nameOf('text', documentId))
    if (!whole) return null
    const edits: Uint8Array[] = []
    for await (const [, edit] of this.database.entries(this.vault.seriesRange('textEdits', documentId)))
      edits.push(edit)
    return { id: documentId, whole, edits }
  }

  /** Yields the sealed records of all texts, by id. */
  async *allSealed(): AsyncGenerator<SealedText> {
    const series = this.database.entries(vaultRange('textEdits'))[Symbol.asyncIterator]()
    try {
      let next = await series.next()
      for await (const [key, whole] of this.database.entries(vaultRange('text'))) {
        const id = key.subarray(1)
        const edits: Uint8Array[] = []
        for (; !next.done; next = await series.next()) {
          const [name, edit] = next.value
          const order = Buffer.compare(name.subarray(1, 1 + id.length), id)
          if (order > 0) break
          if (order === 0) edits.push(edit)
        }
        yield { id, whole, edits }
      }
    } finally {
      await series.return?.()
    }
  }

  /** Returns the writes that delete the text of a document, and what was found in it. */
  async removals(documentId: Uint8Array): Promise<Write[]> {
    const edits = await editRemovals(this.vault, this.database, documentId)
    return [this.vault.removal('text', documentId), this.vault.removal('facts', documentId), ...edits]
  }
}

/** State of a series: the whole text that its edits begin with, by a random mark, their number and size in bytes. */
interface Series {
  readonly mark: string
  readonly edits: number
  readonly size: number
}

/** Records of one text. Invariant: `series` is the stored state, or null if that is unknown or cannot be continued. */
class StoredText {
  private readonly vault: Vault
  private readonly database: Store
  private readonly documentId: Uint8Array
  private series: Series | null = null
  private readonly writing = new SerialQueue()

  constructor(options: { vault: Vault; database: Store; documentId: Uint8Array }) {
    this.vault = options.vault
    this.database = options.database
    this.documentId = options.documentId
  }

  async read(): Promise<Text> {
    const whole = wholeOf(await this.vault.read('text', this.documentId).catch(damagedAsNull))
    if (!whole) return Text.empty
    let text = toText(whole.text)
    let [edits, size] = [0, 0]
    try {
      for await (const record of this.vault.series('textEdits', this.documentId)) {
        const changes = editOf(record, whole.mark)
        // Edits of an earlier text, which a repaired database may bring back.
        if (!changes) return text
        text = changes.apply(text)
        edits++
        size += JSON.stringify(record).length
      }
    } catch (error) {
      if (!(error instanceof RangeError || hasCode(error, 'STORE_DAMAGED'))) throw error
      return text
    }
    this.series = whole.mark === '' ? null : { mark: whole.mark, edits, size }
    return text
  }

  store(text: Text, changes: ChangeSet | null): Promise<void> {
    return this.writing.run(async () => {
      if (this.series && changes?.empty) return
      const next = (changes && this.continued(text, changes)) ?? (await this.whole(text))
      // Unknown until it is written: these changes are in no later call.
      this.series = null
      await this.database.write(next.writes)
      this.series = next.series
    })
  }

  /** Returns the write that adds changes to the series; null where the whole text is better. */
  private continued(text: Text, changes: ChangeSet): { writes: Write[]; series: Series } | null {
    const { series, vault, documentId } = this
    const limit = text.length * maxShare
    if (!series || series.edits >= maxEdits || changes.newLength - changes.length > limit) return null
    const record = { mark: series.mark, changes: changes.toJSON() }
    const write = vault.sealedAt('textEdits', documentId, series.edits, record)
    const size = series.size + (write.value?.length ?? 0)
    if (size > limit) return null
    return { writes: [write], series: { mark: series.mark, edits: series.edits + 1, size } }
  }

  private async whole(text: Text): Promise<{ writes: Write[]; series: Series }> {
    const { vault, database, documentId } = this
    const mark = vault.random(markSize).toString('base64url')
    const write = vault.sealed('text', documentId, { mark, text: text.toString() })
    const writes = [write, ...(await editRemovals(vault, database, documentId))]
    return { writes, series: { mark, edits: 0, size: 0 } }
  }
}

async function editRemovals(vault: Vault, database: Store, documentId: Uint8Array): Promise<Write[]> {
  const writes: Write[] = []
  for await (const [key] of database.entries(vault.seriesRange('textEdits', documentId)))
    writes.push({ key, value: null })
  return writes
}

function damagedAsNull(error: unknown): null {
  if (hasCode(error, 'STORE_DAMAGED')) return null
  throw error
}
