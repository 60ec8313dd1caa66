import type { DocumentId, Role } from '../../preload/contract/ids'
import type { Clock } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { type DocumentKeys, keysFromRead, makeManifest } from '../keys/derive'
import { formatLink, keysFromLink, type Link, linksIn, parseLink } from '../keys/link'
import type { Library } from './library'
import { type LibraryEntry, nothingNoted } from './library-entry'

/** Preview of opening a link. */
export interface LinkPreview {
  readonly id: DocumentId
  /** Role in the document after opening the link. */
  readonly role: Role
  /** True if the library shows it with that role already. */
  readonly held: boolean
  /** The title in the library; null for a document that it does not show. */
  readonly title: string | null
  /** The link itself. It opens the document, and must not reach a window. */
  readonly link: string
}

const rank = { keep: 0, read: 1, write: 2 } as const

/** Adds documents to the library: by link, from a backup, from another computer of this person. */
export class AddDocument {
  private readonly clock: Clock
  private readonly libraryOf: () => Library
  private readonly renew: (id: DocumentId) => Promise<void>
  private readonly restore: (id: DocumentId) => Promise<void>
  private readonly share: (id: DocumentId) => Promise<void>
  private readonly wanted: (id: DocumentId) => Promise<void>

  /**
   * `upgrade` applies better keys in the library; `restore` brings a removed document back; `share` announces one;
   * `wanted` notes that the person opens one, so that an earlier removal counts no more.
   */
  constructor(options: {
    clock: Clock
    library: () => Library
    upgrade: (id: DocumentId) => Promise<void>
    restore: (id: DocumentId) => Promise<void>
    share: (id: DocumentId) => Promise<void>
    wanted: (id: DocumentId) => Promise<void>
  }) {
    this.clock = options.clock
    this.libraryOf = options.library
    this.renew = options.upgrade
    this.restore = options.restore
    this.share = options.share
    this.wanted = options.wanted
  }

  /**
   * Returns a preview of opening a link, without opening, storing or looking up anything. Throws LINK_… codes, or
   * ROLE_TOO_LOW for a keeper's link.
   */
  preview(link: string): LinkPreview {
    const found = this.previewOf(parseLink(link))
    if (!found) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'read' })
    return found
  }

  /**
   * Returns a preview of each link in a text that opens a document here, in their order; at least one. Throws LINK_…
   * codes, or ROLE_TOO_LOW for a text with nothing but keepers' links.
   */
  previews(text: string): readonly LinkPreview[] {
    const found = linksIn(text).flatMap((link) => this.previewOf(link) ?? [])
    if (found.length === 0) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'read' })
    return found
  }

  /** Returns null for a link that lets nobody read the document here. */
  private previewOf(link: Link): LinkPreview | null {
    const keys = keysFromLink(link)
    const id = hex(keys.documentId)
    const known = this.library.entries.get(id)
    const held = known?.keys.role ?? 'keep'
    const role = rank[keys.role] > rank[held] ? keys.role : held
    if (role === 'keep') return null
    const isShown = known?.removedAt === null
    return {
      id,
      role,
      held: role === held && isShown,
      title: isShown ? known.title : null,
      link: formatLink(keys, keys.role),
    }
  }

  /** Returns an entry for a document of which only the keys are known. `waiting`: others have its text. */
  newEntry(keys: DocumentKeys, waiting: boolean): LibraryEntry {
    const manifest = keys.role === 'write' ? hex(makeManifest(keys)) : null
    const createdAt = this.clock.now()
    const editedAt = waiting ? null : createdAt
    const times = { editedAt, createdAt, removedAt: null }
    return { keys, manifest, title: '', waiting, ...times, ...nothingNoted, shared: waiting }
  }

  /** Adds the keys of a link, which others have; resolves to the document's id. Rejects with STORE_WRITE_FAILED. */
  async addKeys(keys: DocumentKeys): Promise<DocumentId> {
    const id = hex(keys.documentId)
    await this.library.deleted(id)
    await this.wanted(id)
    if (this.library.entries.has(id)) {
      await this.share(id)
      await this.improve(id, keys)
    } else await this.library.put(this.newEntry(keys, true))
    return id
  }

  /** Adds an entry from elsewhere; of a known document it takes only better keys, and that others may have it. */
  async addEntry(entry: LibraryEntry): Promise<'added' | 'known'> {
    const { keys, manifest, shared } = entry
    const id = hex(keys.documentId)
    await this.library.deleted(id)
    const known = this.library.entries.get(id)
    if (!known) {
      // The manifest is derived from the keys if possible: the file is not trusted.
      const fresh = this.newEntry(keys, true)
      const createdAt = entry.createdAt ?? fresh.createdAt
      await this.library.put({ ...entry, manifest: fresh.manifest ?? manifest, createdAt })
      return 'added'
    }
    if (shared) await this.share(id)
    await this.improve(id, keys)
    const { keys: held } = this.library.entry(id)
    if (!held.verify && keys.verify && keys.role === held.role) {
      await this.library.put({ ...this.library.entry(id), keys, manifest })
      await this.renew(id)
    }
    return known.removedAt !== null ? 'added' : 'known'
  }

  /** Takes better keys of a known document, and brings it back if it was removed. */
  private async improve(id: DocumentId, keys: DocumentKeys): Promise<void> {
    const known = this.library.entry(id)
    if (rank[keys.role] > rank[known.keys.role]) await this.upgrade(id, known, keys)
    else if (known.removedAt !== null) await this.restore(id)
  }

  private async upgrade(id: DocumentId, known: LibraryEntry, better: DocumentKeys): Promise<void> {
    const { read } = better
    const keys =
      better.role === 'read' && read && known.manifest ? keysFromRead(read, fromHex(known.manifest)) : better
    await this.library.put({
      ...known,
      keys,
      manifest: this.newEntry(keys, true).manifest ?? known.manifest,
      removedAt: null,
    })
    await this.renew(id)
  }

  private get library(): Library {
    return this.libraryOf()
  }
}
