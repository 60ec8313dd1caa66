import type { DocumentId } from '../../preload/contract/ids'
import type { ArrangementChange, DocumentSummary } from '../../preload/contract/library'
import { titleWords } from '../../preload/messages/format'
import { escapeMarkdown } from '../../preload/text/markdown/escape'
import type { Environment } from '../base/environment'
import { hex } from '../base/hex'
import { keysFromWrite } from '../keys/derive'
import { keysFromLink, parseLink } from '../keys/link'
import type { AddDocument, LinkPreview } from '../library/add-document'
import { type Library, unknownDocument } from '../library/library'
import type { ProfileQuota } from '../log/quota'
import type { Arrangement } from '../personal/arrangement'
import { documentSummary } from './document-summary'
import { loadedOrUnready } from './loaded'
import type { OpenDocuments } from './open-documents'
import type { Person } from './person'
import { savedOrHindered } from './saved-or-hindered'
import type { SharedDocument } from './shared-document'

/** Dependencies of `LibraryActions`. */
export interface LibraryActionsOptions {
  readonly environment: Environment
  readonly library: () => Library
  readonly documents: OpenDocuments
  readonly adding: AddDocument
  readonly person: Person
  readonly quota: ProfileQuota
  /** Returns the tags of a document. */
  readonly tagsOf: (id: DocumentId) => readonly string[]
  readonly arrangement: () => Arrangement
  /** Called when a document may be listed otherwise, though its entry is the same. */
  readonly onShown: (id: DocumentId) => void
}

/** A document to be made: its text after a heading with the title, and the folder that it is put into. */
export interface NewDocument {
  readonly title?: string
  readonly text?: string
  readonly folder?: string
  /** Its write secret: one that was begun earlier is continued, and gets the text if it has none. */
  readonly secret?: Uint8Array
}

/** A person's actions on the documents of the library: list, make, open, arrange, give them more space. */
export class LibraryActions {
  private readonly options: LibraryActionsOptions

  constructor(options: LibraryActionsOptions) {
    this.options = options
  }

  /** Returns the documents that can be read, last edited first. */
  summaries(): DocumentSummary[] {
    return this.library.shown
      .flatMap(([id]) => this.summary(id) ?? [])
      .sort((a, b) => (b.editedAt ?? 0) - (a.editedAt ?? 0))
  }

  /** Returns a document as the library lists it; null for one that it does not show. */
  summary(id: DocumentId): DocumentSummary | null {
    const { arrangement, documents, person, tagsOf } = this.options
    const entry = this.library.entries.get(id)
    if (!entry || entry.removedAt !== null || entry.keys.role === 'keep') return null
    return documentSummary(id, entry, {
      arranged: arrangement().of(id),
      kept: documents.find(id),
      self: person.record.identity,
      tags: tagsOf(id),
    })
  }

  /** Arranges documents. Rejects with DOCUMENT_UNKNOWN or STORE_WRITE_FAILED, and then nothing changed. */
  async arrange(ids: readonly DocumentId[], change: ArrangementChange): Promise<void> {
    for (const id of ids) if (this.library.entry(id).removedAt !== null) throw unknownDocument()
    await this.options.arrangement().arrange(ids, change)
  }

  /** Makes a document and opens it. Rejects with STORE_WRITE_FAILED or SAVING_HINDERED, or DOCUMENT_UNREADY for one that was begun. */
  async create({ title, text = '', folder = '', secret }: NewDocument): Promise<SharedDocument> {
    const { environment, documents, adding, arrangement, onShown } = this.options
    const keys = keysFromWrite(secret ?? environment.random(32))
    const id = hex(keys.documentId)
    const settings = [{ kind: 'folder' as const, subject: id, value: folder }]
    const isBegun = this.library.entries.has(id)
    if (!isBegun)
      await this.library.putAll([adding.newEntry(keys, false)], (writes) =>
        arrangement().set(settings, writes),
      )
    const document = await documents.document(id)
    const insert = (title ? `# ${escapeMarkdown(title)}\n\n` : '') + text
    // Until it is loaded, it may seem to lack the text that it got before.
    if (isBegun)
      await loadedOrUnready(environment.clock, document).catch(async (error) => {
        await document.close()
        throw error
      })
    if (insert && !(isBegun && (await document.text()))) {
      await document.edit([{ from: 0, to: 0, insert }])
      await savedOrHindered(document)
    }
    onShown(id)
    return document
  }

  /** Returns previews of the links in a text. Throws LINK_… codes, or ROLE_TOO_LOW for keepers' links alone. */
  linksIn(text: string): readonly LinkPreview[] {
    return this.options.adding.previews(text).map((found) => {
      // The library stores a title a moment after it was written.
      const open = this.options.documents.find(found.id)?.document?.summary
      return found.title !== null && open && !open.loading ? { ...found, title: open.title } : found
    })
  }

  /** Opens a document by its link. Rejects with LINK_… codes, or ROLE_TOO_LOW for a keeper's link. */
  async openLink(link: string): Promise<SharedDocument> {
    const { documents, adding } = this.options
    // Refuses a keeper's link.
    adding.preview(link)
    return documents.document(await adding.addKeys(keysFromLink(parseLink(link))))
  }

  /** Keeps a document in sync by its link without opening it. Rejects with LINK_… codes. */
  async keepLink(link: string): Promise<void> {
    const { documents, adding } = this.options
    await documents.keep(await adding.addKeys(keysFromLink(parseLink(link))))
  }

  /** Doubles the limit on others' edits that is reached: of this document or of all. Rejects as `put` does. */
  async takeMore(id: DocumentId): Promise<void> {
    const { documents, person, quota: all } = this.options
    const { quota } = await documents.keep(id)
    const cause = quota.shortage?.cause
    if (cause === 'document') {
      const { nextLimit } = quota
      await this.library.put({ ...this.library.entry(id), quota: nextLimit })
      quota.setLimit(nextLimit)
    } else if (cause === 'profile') {
      const { nextLimit } = all
      await person.change({ quota: nextLimit })
      all.setLimit(nextLimit)
    }
  }

  /** Goes on without what cannot be read of a damaged document. Rejects with STORE_WRITE_FAILED. */
  async goOnWithout(id: DocumentId): Promise<void> {
    await (await this.options.documents.keep(id)).log.health.goOnWithout()
  }

  /** Titles of the documents that `OpenDocuments.unsaved` gives. */
  async unsaved(limit: number): Promise<string[]> {
    return this.titlesOf(await this.options.documents.unsaved(limit))
  }

  /** Titles of the documents that `OpenDocuments.unshared` gives. */
  async unshared(): Promise<string[]> {
    return this.titlesOf(await this.options.documents.unshared())
  }

  private titlesOf(ids: readonly DocumentId[]): string[] {
    return ids.map((id) => titleWords(this.summary(id)?.title ?? ''))
  }

  private get library(): Library {
    return this.options.library()
  }
}
