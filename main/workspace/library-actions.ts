import type { DocumentId } from '../../preload/contract/ids'
import type { DocumentSummary } from '../../preload/contract/library'
import { titleWords } from '../../preload/messages/format'
import { hex } from '../base/hex'
import { keysFromWrite } from '../keys/derive'
import { keysFromLink, parseLink } from '../keys/link'
import type { AddDocument, LinkPreview } from '../library/add-document'
import type { Library } from '../library/library'
import type { ProfileQuota } from '../log/quota'
import { documentSummary } from './document-summary'
import type { OpenDocuments } from './open-documents'
import type { Person } from './person'
import { savedOrHindered } from './saved-or-hindered'
import { notSaved } from './saving-watch'
import type { SharedDocument } from './shared-document'

/** How long removing a document waits for edits to become durable, in ms. */
const flushLimit = 3_000

/** Dependencies of `LibraryActions`. */
export interface LibraryActionsOptions {
  readonly random: (size: number) => Buffer
  readonly library: () => Library
  readonly documents: OpenDocuments
  readonly adding: AddDocument
  readonly person: Person
  readonly quota: ProfileQuota
  /** Notes a removal for this person's other computers. Rejects with STORE_WRITE_FAILED. */
  readonly noteRemoval: (id: DocumentId) => Promise<void>
  /** Called when something that the library shows changed. */
  readonly onDocuments: () => void
}

/** A person's actions on the documents of the library: list, make, open, remove, restore, give them more space. */
export class LibraryActions {
  private readonly options: LibraryActionsOptions

  constructor(options: LibraryActionsOptions) {
    this.options = options
  }

  /** Returns the documents that can be read, last edited first. */
  summaries(): DocumentSummary[] {
    const { documents, person } = this.options
    return this.library.shown
      .filter(([, entry]) => entry.keys.role !== 'keep')
      .map(([id, entry]) => documentSummary(id, entry, documents.find(id), person.record.identity))
      .sort((a, b) => (b.editedAt ?? 0) - (a.editedAt ?? 0))
  }

  /** Makes a document and opens it. Rejects with STORE_WRITE_FAILED or SAVING_HINDERED. */
  async create({ title, text = '' }: { title?: string; text?: string }): Promise<SharedDocument> {
    const { random, documents, adding, onDocuments } = this.options
    const keys = keysFromWrite(random(32))
    await this.library.put(adding.newEntry(keys, false))
    const document = await documents.document(hex(keys.documentId))
    const insert = (title ? `# ${title}\n\n` : '') + text
    if (insert) {
      await document.edit([{ from: 0, to: 0, insert }])
      await savedOrHindered(document)
    }
    onDocuments()
    return document
  }

  /** Returns a preview of opening a link. Throws LINK_… codes, or ROLE_TOO_LOW for a keeper's link. */
  look(link: string): LinkPreview {
    return this.options.adding.preview(link)
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
    this.look(link)
    return documents.document(await adding.addKeys(keysFromLink(parseLink(link))))
  }

  /** Keeps a document in sync by its link without opening it. Rejects with LINK_… codes. */
  async keepLink(link: string): Promise<void> {
    const { documents, adding } = this.options
    await documents.keep(await adding.addKeys(keysFromLink(parseLink(link))))
  }

  /** Takes a document out of the library. Rejects with NOT_SAVED, and leaves it, while edits in it are not saved. */
  async remove(id: DocumentId): Promise<void> {
    const { documents, noteRemoval, onDocuments } = this.options
    const document = documents.find(id)?.document
    if (document && !(await document.savedWithin(flushLimit))) throw notSaved(document.unsavedEdits)
    // First of all: where the disk refuses to note it, the document stays as it is.
    await noteRemoval(id)
    await this.library.put({ ...this.library.entry(id), removed: true })
    onDocuments()
    await documents.drop(id)
  }

  /** Brings a removed document back. Rejects with DOCUMENT_UNKNOWN. */
  async restore(id: DocumentId): Promise<void> {
    const { documents, onDocuments } = this.options
    await this.library.put({ ...this.library.entry(id), removed: false })
    await documents.keep(id)
    onDocuments()
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
    const titles = new Map(this.summaries().map(({ id, title }) => [id, title]))
    return ids.map((id) => titleWords(titles.get(id) ?? ''))
  }

  private get library(): Library {
    return this.options.library()
  }
}
