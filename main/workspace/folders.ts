import type { DocumentId } from '../../preload/contract/ids'
import type { Environment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { type ExportedDocument, type ExportReport, exportFolder } from '../files/export-folder'
import { type FolderRun, type ImportReport, importFolder } from '../files/import-folder'
import { keysFromWrite } from '../keys/derive'
import type { Library } from '../library/library'
import type { LibraryActions } from './library-actions'
import { loadedOrUnready } from './loaded'
import type { OpenDocuments } from './open-documents'

/** Folders of files that become documents, and the way back. */
export class Folders {
  private readonly options: {
    environment: Environment
    library: () => Library
    documents: OpenDocuments
    actions: LibraryActions
  }

  constructor(options: {
    environment: Environment
    library: () => Library
    documents: OpenDocuments
    actions: LibraryActions
  }) {
    this.options = options
  }

  /** Makes documents of the texts in a folder, as `importFolder` does. */
  import(path: string, run: FolderRun): Promise<ImportReport> {
    const { environment, library, actions } = this.options
    return importFolder(
      path,
      {
        random: environment.random,
        records: library().imports,
        look: (secret) => {
          const id = hex(keysFromWrite(secret).documentId)
          const entry = library().entries.get(id)
          return {
            id,
            isShown: entry?.removedAt === null,
            isRemoved: entry !== undefined && entry.removedAt !== null,
          }
        },
        create: async (secret, text) => {
          const document = await actions.create({ text, secret })
          await document.close()
        },
        arrange: (ids, folder) => actions.arrange(ids, { folder }),
      },
      run,
    )
  }

  /** Writes the documents that can be read as Markdown files into a folder, as `exportFolder` does. */
  export(path: string, run: FolderRun): Promise<ExportReport> {
    return this.write(path, this.options.actions.summaries(), run)
  }

  /** Writes copies of documents into a folder, beside each other, as `exportFolder` does. */
  saveCopies(path: string, ids: readonly DocumentId[], run: FolderRun): Promise<ExportReport> {
    const documents = [...new Set(ids)].flatMap((id) => this.options.actions.summary(id) ?? [])
    return this.write(
      path,
      documents.map(({ id, title }) => ({ id, title, folder: '' })),
      run,
    )
  }

  private write(path: string, documents: readonly ExportedDocument[], run: FolderRun): Promise<ExportReport> {
    // In an order that does not change, so that each file gets the same name when this is repeated.
    const ordered = [...documents].sort((a, b) => (a.id < b.id ? -1 : 1))
    return exportFolder(path, ordered, (id) => this.read(id), run)
  }

  /** Resolves to a document's whole title and text. Rejects with DOCUMENT_UNREADY, DOCUMENT_UNKNOWN or STORE_DAMAGED. */
  private async read(id: DocumentId): Promise<{ title: string; text: string }> {
    const { environment, library, documents } = this.options
    const document = await documents.document(id)
    try {
      await loadedOrUnready(environment.clock, document)
      const text = await document.text()
      if (text === '' && library().entry(id).waiting) throw new SwarmpadError('DOCUMENT_UNREADY')
      return { title: await document.title(), text }
    } finally {
      await document.close()
    }
  }
}
