import type { Calls, DocumentId } from '../../../preload/contract'
import { networkText } from '../../../preload/network-words'
import type { SharedDocument } from '../../workspace/shared-document'
import type { Workspace } from '../../workspace/workspace'
import { externalAddress } from '../external-address'
import { fileNameFor } from '../file-name'
import type { LinkHandlers } from '../link-offers'
import type { LockHandlers } from '../lock'
import { release, type WindowDocuments } from '../window-documents'
import type { BackupHandlers } from './backup-calls'
import type { PairingHandlers } from './pairing-calls'
import type { ProtectionHandlers } from './protection-calls'

/** System services that the call handlers use. */
export interface Desktop {
  /** Puts text on the clipboard. */
  copy(text: string): void
  /** Asks where to save; null when the person cancelled. */
  askWhereToSave(fileName: string): Promise<string | null>
  /** Asks which file to open; `sealed` limits the choice to Swarmpad files. Null if the person cancels. */
  askWhatToOpen(sealed: boolean): Promise<string | null>
  /** Asks whether the computer that shows these letters may go on as this person. */
  askToAllow(letters: string): Promise<boolean>
  /** Writes a file whole or not at all. Rejects with STORE_WRITE_FAILED, or as the pieces do. */
  writeFile(path: string, text: string | AsyncIterable<string>): Promise<void>
  /** Asks the person, then opens an address in the system's browser or mail program. Rejects with REQUEST_LATE while it asks. */
  openExternal(address: string): Promise<void>
}

/** Handlers for the calls of the contract; each rejects with a SwarmpadError. */
export type CallHandlers = {
  readonly [Name in keyof Calls]: (
    ...args: Parameters<Calls[Name]>
  ) => ReturnType<Calls[Name]> | Promise<ReturnType<Calls[Name]>>
}

/** Calls answered by the workspace and its documents. */
export type WorkspaceHandlers = Omit<
  CallHandlers,
  | keyof LockHandlers
  | keyof LinkHandlers
  | keyof ProtectionHandlers
  | keyof BackupHandlers
  | keyof PairingHandlers
>

/** How long a document that was made or joined waits for its window to open it, in ms. */
const keptOpen = 10_000

/** Answers the calls of one window. */
export function callHandlers(options: {
  workspace: Workspace
  documents: WindowDocuments
  desktop: Desktop
}): WorkspaceHandlers {
  const { workspace, documents, desktop } = options

  /** Uses a document, whether the window has it open or not. */
  const using = async <T>(id: DocumentId, use: (document: SharedDocument) => Promise<T>): Promise<T> => {
    const document = await workspace.document(id)
    try {
      return await use(document)
    } finally {
      void release(document)
    }
  }

  return {
    profile: () => workspace.profile(),
    setName: (name) => workspace.setName(name),
    acknowledgeAddress: () => workspace.acknowledgeAddress(),
    setOffline: (offline) => workspace.setOffline(offline),
    setNetwork: (network) => workspace.setNetwork(network),
    networkReport: (id) => workspace.networkReport(id),
    copyNetworkReport: (id) => {
      desktop.copy(networkText(workspace.networkReport(id), Date.now()))
      return null
    },
    documents: () => workspace.summaries(),
    createDocument: async () => letGo(await workspace.createDocument()),
    openLink: async (link) => letGo(await workspace.openDocument(link)),
    openDocument: (id) => documents.open(id),
    closeDocument: async (id) => {
      await documents.close(id)
      return null
    },
    pushEdits: (id, version, updates) => {
      documents.get(id).pushEdits(version, updates)
      return null
    },
    setSelection: (id, selection) => {
      documents.get(id).setSelection(selection)
      return null
    },
    copyLink: (id, kind) =>
      using(id, async (document) => {
        desktop.copy(await document.link(kind))
        return null
      }),
    saveCopy: (id) =>
      using(id, async (document) => {
        const path = await desktop.askWhereToSave(fileNameFor(await document.title()))
        if (path !== null) await desktop.writeFile(path, await document.text())
        return { path }
      }),
    leftOut: (id) => using(id, (document) => document.leftOut.details()),
    saveLeftOut: (id) =>
      using(id, async (document) => {
        const title = await document.title()
        const path = await desktop.askWhereToSave(fileNameFor(`${title || 'Untitled'} - left out`, 'json'))
        if (path === null) return { path, whole: true }
        const file = document.leftOut.export(title)
        await desktop.writeFile(path, file)
        return { path, whole: file.whole }
      }),
    dismissLeftOut: (id) =>
      using(id, async (document) => {
        await document.dismissLeftOut()
        return null
      }),
    goOnWithout: async (id) => {
      await workspace.goOnWithout(id)
      return null
    },
    takeMore: async (id) => {
      await workspace.takeMore(id)
      return null
    },
    writers: (id) => using(id, async (document) => document.writers()),
    replaceLinks: async (id, receivers, keepOld) =>
      letGo(await workspace.rotation.replace(id, { receivers, keepOld })),
    openSuccessor: async (id, key) => letGo(await workspace.rotation.follow(id, key)),
    removeDocument: async (id) => {
      await documents.close(id)
      await workspace.removeDocument(id)
      return null
    },
    restoreDocument: async (id) => {
      await workspace.restoreDocument(id)
      return null
    },
    openExternal: async (url) => {
      await desktop.openExternal(externalAddress(url))
      return null
    },
  }
}

/** Lets a document go a little later, so that its window finds it at work and not starting again. */
export function letGo(document: SharedDocument): { id: DocumentId } {
  setTimeout(() => void release(document), keptOpen).unref()
  return { id: document.id }
}
