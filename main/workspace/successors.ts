import { createHash } from 'node:crypto'
import type { DocumentId } from '../../preload/contract/ids'
import type { Successor } from '../../preload/contract/sharing'
import { authorWords } from '../../preload/left-out-words'
import { isProgramName, nameSkeleton } from '../../preload/names'
import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import type { PartChannel } from '../document/part-channel'
import { fingerprint, type Identity } from '../keys/identity'
import type { KeptSuccessor, OwnSuccessor } from '../library/library-entry'
import { authorOf } from '../log/authors'
import type { DocumentLog } from '../log/document-log'
import { openSuccessor, readSuccessor } from '../log/format/successor'
import type { KeyedRecord } from '../replica/parts/part'
import { DerivedValue } from './derived-value'

/** Maximum number of successors stored with a document. */
const maxKept = 64

/** Dependencies of `Successors`. */
export interface SuccessorsOptions {
  readonly log: DocumentLog
  readonly contentKey: Uint8Array
  readonly identity: () => Identity
  readonly canWrite: () => boolean
  /** The channel of the part 'notes'. */
  readonly channel: PartChannel
  /** Returns true if the document was closed: nothing is reported then. */
  readonly isEnded: () => boolean
  readonly kept: () => readonly KeptSuccessor[]
  /** Stores them with the document. Rejects with STORE_WRITE_FAILED. */
  readonly keep: (successors: readonly KeptSuccessor[]) => Promise<void>
  /** Returns true if the library shows a document. */
  readonly holds: (id: DocumentId) => boolean
  /** Called when the list for the window changed. */
  readonly onChange: (successors: Successor[]) => void
  /** Called when notes could not be stored. */
  readonly onFailure: (error: unknown) => void
}

/**
 * The documents that replaced an open document: finds their records among its notes, checks them, and posts local
 * ones that are missing. Everything in a note is untrusted until checked. Rules R1 to R5.
 */
export class Successors {
  private readonly options: SuccessorsOptions
  private readonly changed: DerivedValue<Successor[]>
  private readonly names = new Map<string, { readonly name: string; readonly look: string }>()
  private readonly sessions = new Set<string>()
  /** Keys of records posted since this document was opened: each is posted once, even if somebody deletes it. */
  private readonly posted = new Set<string>()

  constructor(options: SuccessorsOptions) {
    this.options = options
    const { channel, onChange, onFailure } = options
    this.changed = new DerivedValue({ compute: () => this.list(), onChange, initial: [] })
    channel.onRecords((notes) => {
      this.take(notes)
        .catch(onFailure)
        .finally(() => this.update())
    })
  }

  /** Reports the list for the window if it changed. */
  update(): void {
    if (!this.options.isEnded()) this.changed.update()
  }

  /** Reads the present notes of the document. Rejects with STORE_WRITE_FAILED. */
  async take(notes: readonly KeyedRecord[]): Promise<void> {
    const { kept, keep } = this.options
    const found = new Map(notes.map(({ bytes }) => [keyOf(bytes), bytes]))
    const known = new Set(kept().map(({ key }) => key))
    const fresh = [...found].flatMap(([key, bytes]) => (known.has(key) ? [] : this.read(key, bytes)))
    if (fresh.length > 0) await keep([...kept(), ...fresh].slice(0, maxKept))
    for (const { key, own } of kept()) if (own && !found.has(key)) await this.post(key, own)
  }

  /** Stores a local record, and posts it: durable in the document when it resolves. */
  async add(successor: KeptSuccessor & { readonly own: OwnSuccessor }): Promise<void> {
    const { kept, keep } = this.options
    await keep([successor, ...kept()].slice(0, maxKept))
    await this.post(successor.key, successor.own)
  }

  /** Returns the successors for the window. */
  list(): Successor[] {
    const { kept, holds, identity } = this.options
    if (kept().length === 0) return []
    this.learnNames()
    return kept().map(({ key, author, name, documentId, secret, own }) => ({
      key,
      name,
      fingerprint: fingerprint(fromHex(author)),
      sharesName: this.isShared(author, name),
      own: author === hex(identity().publicKey),
      held: holds(documentId),
      offered: secret !== null,
      untold: own ? own.untold.map((person) => this.wordsFor(person)) : [],
    }))
  }

  /** True if another author has that name, or one that looks like it. */
  private isShared(author: string, name: string): boolean {
    const look = nameSkeleton(name)
    return [...this.names].some(([other, theirs]) => other !== author && theirs.look === look)
  }

  private wordsFor({ author, name }: { author: string; name: string }): string {
    return name && !isProgramName(name) && !this.isShared(author, name)
      ? name
      : authorWords({ name, fingerprint: fingerprint(fromHex(author)) })
  }

  /** Puts a record into the document, and notes when it is durable there: receipts count from then on. */
  private async post(key: string, { record, posted }: OwnSuccessor): Promise<void> {
    const { canWrite, channel } = this.options
    if (!canWrite() || this.posted.has(key)) return
    this.posted.add(key)
    await channel.put({ key: key.slice(0, 32), bytes: fromHex(record) })
    if (posted) return
    const { kept, keep } = this.options
    await keep(
      kept().map((known) =>
        known.key === key && known.own ? { ...known, own: { ...known.own, posted: true } } : known,
      ),
    )
  }

  private read(key: string, bytes: Uint8Array): KeptSuccessor[] {
    const { log, identity } = this.options
    try {
      const record = readSuccessor(bytes, log.documentId)
      const author = hex(record.author)
      if (!this.names.has(author)) this.learnNames()
      const name = this.names.get(author)?.name
      if (name === undefined) return []
      const secret = openSuccessor(record, identity())
      const documentId = hex(record.documentId)
      return [{ key, author, name, documentId, secret: secret && hex(secret), own: null }]
    } catch (error) {
      if (error instanceof SwarmpadError) return []
      throw error
    }
  }

  /** Reads the certificates that arrived since the last call. */
  private learnNames(): void {
    const { log, contentKey } = this.options
    for (const session of log.vector.keys()) {
      if (this.sessions.has(session)) continue
      this.sessions.add(session)
      const author = authorOf({ log, content: contentKey }, session)
      if (!author) continue
      const { authorKey, name } = author
      this.names.set(hex(authorKey), { name, look: nameSkeleton(name) })
    }
  }
}

/** Returns the key of a record: its SHA-256 in hex. */
export const keyOf = (record: Uint8Array): string => createHash('sha256').update(record).digest('hex')
