import * as v from 'valibot'
import type { Vault } from '../profile/vault'
import type { Store } from '../storage/store'

const shape = v.object({
  secret: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  isDone: v.boolean(),
})

/** The document that a file became, as it is stored. */
export type ImportRecord = v.InferOutput<typeof shape>

/**
 * Files of folders that were imported, sealed: an import that was interrupted continues with the documents that it
 * began. Files are named by 32 bytes that follow from their path.
 */
export class ImportRecords {
  private readonly vault: Vault
  private readonly store: Store

  /** Does no I/O. */
  constructor(options: { vault: Vault; store: Store }) {
    this.vault = options.vault
    this.store = options.store
  }

  /** Resolves to the record of a file; null for none, or an unreadable one. */
  async find(file: Uint8Array): Promise<ImportRecord | null> {
    const { record } = await this.vault.find('import', file)
    const result = v.safeParse(shape, record)
    return result.success ? result.output : null
  }

  /** Stores records of files; durable when it resolves. Rejects with STORE_WRITE_FAILED. */
  async put(records: readonly (readonly [file: Uint8Array, record: ImportRecord])[]): Promise<void> {
    await this.store.write(records.map(([file, record]) => this.vault.sealed('import', file, record)))
  }
}
