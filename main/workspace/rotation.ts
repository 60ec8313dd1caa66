import type { DocumentId } from '../../preload/contract/ids'
import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { type DocumentKeys, keysFromWrite } from '../keys/derive'
import type { Identity } from '../keys/identity'
import type { KeptSuccessor, LibraryEntry, OwnSuccessor } from '../library/library-entry'
import { makeSuccessor } from '../log/format/successor'
import type { DocumentSync } from '../sync/document-sync'
import type { SharedDocument } from './shared-document'
import { keyOf } from './successors'

/** Parts of the workspace that replacing links needs. */
export interface RotationOptions {
  readonly random: (size: number) => Buffer
  readonly identity: () => { name: string; identity: Identity }
  readonly entry: (id: DocumentId) => LibraryEntry
  readonly put: (entry: LibraryEntry) => Promise<void>
  /** Opens a document of the library; the caller closes it. */
  readonly open: (id: DocumentId) => Promise<SharedDocument>
  /** Creates and opens a document. */
  readonly create: (text: string) => Promise<SharedDocument>
  /** Adds the keys of a link to the library. */
  readonly addKeys: (keys: DocumentKeys) => Promise<DocumentId>
  /** Notes that others may have a document. Rejects with STORE_WRITE_FAILED. */
  readonly share: (id: DocumentId) => Promise<void>
  /** Removes a document from the library. */
  readonly remove: (id: DocumentId) => Promise<void>
}

/**
 * Replaces the links of documents: creates a new document with the present text, and seals its write secret in the
 * old one for the chosen people. The old links keep working. Rules R1 to R5.
 */
export class Rotation {
  private readonly options: RotationOptions
  private readonly leaving = new Set<DocumentId>()
  /** The peers of documents that were replaced while somebody is still to be told, and the ends of watching them. */
  private readonly watched = new WeakMap<DocumentSync, () => void>()

  constructor(options: RotationOptions) {
    this.options = options
  }

  /**
   * Creates the new document and posts the record in the old one; both are durable when it resolves. `receivers`
   * are author keys (hex) from `SharedDocument.writers`; without `keepOld` the old document is removed from the
   * library once all of them have the record. The caller closes the new document. Rejects with ROLE_TOO_LOW,
   * RECEIVER_UNKNOWN, DOCUMENT_UNKNOWN or STORE_WRITE_FAILED.
   */
  async replace(
    id: DocumentId,
    { receivers, keepOld }: { receivers: readonly string[]; keepOld: boolean },
  ): Promise<SharedDocument> {
    const old = await this.options.open(id)
    try {
      if (old.role !== 'write') throw new SwarmpadError('ROLE_TOO_LOW', { to: 'replace-links' })
      const writers = new Map(old.writers().map((writer) => [writer.key, writer.name]))
      const untold = [...new Set(receivers)].map((author) => ({ author, name: writers.get(author) }))
      if (!untold.every((person): person is { author: string; name: string } => person.name !== undefined))
        throw new SwarmpadError('RECEIVER_UNKNOWN')
      await old.settled()
      const next = await this.options.create(await old.text())
      try {
        if (untold.length > 0) {
          await this.options.put({ ...this.options.entry(next.id), given: true, shared: true })
          await this.options.share(next.id)
        }
        await old.successors.add(this.successor(id, next.id, { posted: false, leaving: !keepOld, untold }))
        return next
      } catch (error) {
        await next.close()
        throw error
      }
    } finally {
      await old.close()
    }
  }

  /**
   * Opens a document that replaced this one, by the link that was sealed for this person, or one in the library
   * already. Rejects with REQUEST_LATE or DOCUMENT_UNKNOWN.
   */
  async follow(id: DocumentId, key: string): Promise<SharedDocument> {
    const successor = this.options.entry(id).successors.find((known) => known.key === key)
    if (!successor) throw new SwarmpadError('REQUEST_LATE', { of: 'new-link' })
    if (!successor.secret) return this.options.open(successor.documentId)
    return this.options.open(await this.options.addKeys(keysFromWrite(fromHex(successor.secret))))
  }

  /** Notes the peers that have the record; `isOpen` keeps the old document from being removed. */
  async heard(id: DocumentId, peers: DocumentSync, isOpen: boolean): Promise<void> {
    const entry = this.options.entry(id)
    if (entry.removedAt !== null || this.leaving.has(id) || !entry.successors.some(({ own }) => own?.posted))
      return
    const notified = new Set(
      peers.peers.flatMap(({ coversMine, connected, authorKey }) =>
        coversMine && connected && authorKey ? [hex(authorKey)] : [],
      ),
    )
    const successors = entry.successors.map((known) => without(known, notified))
    if (successors.some((known, place) => known !== entry.successors[place]))
      await this.options.put({ ...this.options.entry(id), successors })
    const own = successors.flatMap((known) => (known.own ? [known.own] : []))
    this.watch(
      peers,
      own.some(({ untold }) => untold.length > 0),
    )
    const isDone = own.every(({ posted, untold }) => posted && untold.length === 0) && !peers.unshared
    if (isOpen || !isDone || !own.some(({ leaving }) => leaving)) return
    this.leaving.add(id)
    try {
      // Only once: a person who opens it again by its link wants it.
      await this.options.put({ ...this.options.entry(id), successors: successors.map(staying) })
      await this.options.remove(id)
    } finally {
      this.leaving.delete(id)
    }
  }

  /** Keeps the channels open over which those who are still to be told say that they have the record. */
  private watch(peers: DocumentSync, isAwaited: boolean): void {
    const stop = this.watched.get(peers)
    if (isAwaited && !stop) this.watched.set(peers, peers.watch())
    if (isAwaited || !stop) return
    stop()
    this.watched.delete(peers)
  }

  private successor(
    id: DocumentId,
    documentId: DocumentId,
    rest: Omit<OwnSuccessor, 'record'>,
  ): KeptSuccessor & { own: OwnSuccessor } {
    const { name, identity } = this.options.identity()
    const { keys } = this.options.entry(documentId)
    const record = makeSuccessor({
      from: fromHex(id),
      to: keys,
      identity,
      receivers: rest.untold.map(({ author }) => fromHex(author)),
      random: this.options.random,
    })
    const author = hex(identity.publicKey)
    const secret = keys.write && hex(keys.write)
    return { key: keyOf(record), author, name, documentId, secret, own: { ...rest, record: hex(record) } }
  }
}

/** Returns the successor without the notified people among its untold ones. */
function without(known: KeptSuccessor, notified: ReadonlySet<string>): KeptSuccessor {
  if (!known.own?.posted || !known.own.untold.some(({ author }) => notified.has(author))) return known
  return {
    ...known,
    own: { ...known.own, untold: known.own.untold.filter(({ author }) => !notified.has(author)) },
  }
}

const staying = (known: KeptSuccessor): KeptSuccessor =>
  known.own ? { ...known, own: { ...known.own, leaving: false } } : known
