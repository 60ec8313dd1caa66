import { access, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFile, replaceFile } from '../base/atomic-file'
import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { SerialQueue } from '../base/serial-queue'
import type { DocumentKeys } from '../keys/derive'
import { formatLink, keysFromLink, parseLink } from '../keys/link'
import { keptKeys } from './kept-keys'

/** A document that a keeper keeps, with the keys of a keep link, which can read nothing. */
export interface KeptEntry {
  readonly keys: DocumentKeys
  /** Label chosen by the operator; '' for none. */
  readonly label: string
  /** Null while it is unknown. */
  readonly manifest: Uint8Array | null
}

/** Result of adding a document. */
export interface Added {
  /** Hex. */
  readonly id: string
  /** Access dropped from a link that grants more than keeping. */
  readonly reduced: 'write' | null
}

interface StoredEntry {
  readonly link: string
  readonly label: string
  /** Hex. */
  readonly manifest: string | null
}

const version = 1

/** The documents of a keeper, in a file that its owner alone can read. */
export class KeptList {
  private readonly path: string
  private readonly kept = new Map<string, KeptEntry>()
  private readonly writing = new SerialQueue()

  /** Does no I/O. */
  constructor(path: string) {
    this.path = path
  }

  /** By document id, hex. */
  get entries(): ReadonlyMap<string, KeptEntry> {
    return this.kept
  }

  /** Returns the document with an id. Throws DOCUMENT_UNKNOWN. */
  entry(id: string): KeptEntry {
    const entry = this.kept.get(id)
    if (!entry) throw new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'keeper' })
    return entry
  }

  /** Reads the file if there is one. Rejects with STORE_DAMAGED, and leaves it as it is. */
  async open(): Promise<void> {
    if (!(await exists(this.path))) return
    const text = await readFile(this.path, 'utf8')
    try {
      for (const entry of parse(text)) this.kept.set(hex(entry.keys.documentId), entry)
    } catch {
      // The parse error may quote a key.
      throw new SwarmpadError('STORE_DAMAGED', { part: 'keeper-list', path: this.path })
    }
  }

  /**
   * Keeps the document of a link, under a label if one is given; durable when it resolves. Rejects as `keptKeys`
   * throws, and with STORE_WRITE_FAILED.
   */
  async add(link: string, label: string): Promise<Added> {
    const { keys, reduced } = keptKeys(link)
    const id = hex(keys.documentId)
    const known = this.kept.get(id)
    await this.put({ keys, label: label || known?.label || '', manifest: known?.manifest ?? null })
    return { id, reduced }
  }

  /** Adds or replaces a document's entry; durable when it resolves. Rejects with STORE_WRITE_FAILED. */
  put(entry: KeptEntry): Promise<void> {
    return this.change(() => this.kept.set(hex(entry.keys.documentId), entry))
  }

  /** Deletes a document's entry; durable when it resolves. Rejects with STORE_WRITE_FAILED. */
  remove(id: string): Promise<void> {
    return this.change(() => this.kept.delete(id))
  }

  /** Returns the id that `id`, or a prefix of it, names. Throws DOCUMENT_UNKNOWN for none or several. */
  find(id: string): string {
    const found = [...this.kept.keys()].filter(
      (known) => id.length >= 4 && known.startsWith(id.toLowerCase()),
    )
    const [first] = found
    if (first === undefined) throw new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'keeper' })
    if (found.length > 1) throw new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'ambiguous' })
    return first
  }

  private change(edit: () => void): Promise<void> {
    return this.writing.run(async () => {
      edit()
      await this.write()
    })
  }

  private async write(): Promise<void> {
    const documents = [...this.kept.values()].map(stored)
    const bytes = Buffer.from(`${JSON.stringify({ version, documents }, null, 2)}\n`)
    const prove = async (read: Buffer) => {
      if (!read.equals(bytes)) throw new Error('the disk gave back something else')
    }
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
      await ((await exists(this.path)) ? replaceFile : makeFile)({ path: this.path, bytes, prove })
    } catch (cause) {
      throw new SwarmpadError(
        'STORE_WRITE_FAILED',
        { what: 'keeper-list', path: this.path },
        {
          cause,
        },
      )
    }
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const stored = ({ keys, label, manifest }: KeptEntry): StoredEntry => ({
  link: formatLink(keys, 'keep'),
  label,
  manifest: manifest && hex(manifest),
})

function parse(text: string): KeptEntry[] {
  const file = JSON.parse(text) as { version?: unknown; documents?: unknown }
  if (file.version !== version || !Array.isArray(file.documents)) throw new Error('of another form')
  return file.documents.map(({ link, label, manifest }: StoredEntry) => {
    const keys = keysFromLink(parseLink(String(link)))
    if (keys.role !== 'keep' || typeof label !== 'string') throw new Error('no keep link')
    return { keys, label, manifest: typeof manifest === 'string' ? fromHex(manifest) : null }
  })
}
