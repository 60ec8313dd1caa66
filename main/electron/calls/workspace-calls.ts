import type { DocumentId } from '../../../preload/contract/ids'
import type { WindowLayout } from '../../../preload/contract/layout'
import { titleWords } from '../../../preload/messages/format'
import { welcomeText } from '../../../preload/messages/welcome'
import { networkText } from '../../../preload/network-words'
import { cleanText } from '../../../preload/text'
import { SwarmpadError } from '../../base/errors'
import { fileNameFor } from '../../files/file-name'
import { unknownDocument } from '../../library/library'
import type { SharedDocument } from '../../workspace/shared-document'
import type { Workspace } from '../../workspace/workspace'
import { externalAddress } from '../external-address'
import { release, releaseLater, type WindowDocuments } from '../window-documents'
import type { DesktopServices } from './desktop-services'
import type { WorkspaceHandlers } from './handlers'

/** Returns the handlers for one window's calls about the workspace and its documents. */
export function workspaceCalls(options: {
  workspace: Workspace
  documents: WindowDocuments
  desktop: DesktopServices
  /** The panes and tabs of the window, with documents that the library has. */
  layout: { read(): Promise<WindowLayout>; note(layout: WindowLayout): void }
  /** True if the program may begin with a document of its own. */
  welcomes: () => boolean
  /** Closes the window if the program goes on without it. */
  closeWindow: () => void
  /** Closes a document in all other windows, with their edits handed over. */
  leaveElsewhere: (id: DocumentId) => Promise<void>
  /** Opens a window, with a document or without. Throws WINDOWS_FULL. */
  showElsewhere: (id: DocumentId | null) => void
}): WorkspaceHandlers {
  const { workspace, documents, desktop, layout, welcomes, closeWindow, leaveElsewhere, showElsewhere } =
    options

  /** Uses a document, open in the window or not. */
  const using = async <T>(id: DocumentId, use: (document: SharedDocument) => Promise<T>): Promise<T> => {
    const document = await workspace.document(id)
    try {
      return await use(document)
    } finally {
      void release(document)
    }
  }

  /** Returns the only link in a text that can be opened here. Throws LINK_SEVERAL, or as `linksIn` does. */
  const onlyLink = (text: string): string => {
    const [found, ...more] = workspace.linksIn(text)
    if (!found || more.length > 0) throw new SwarmpadError('LINK_SEVERAL')
    return found.link
  }

  return {
    profile: () => workspace.profile(),
    setName: (name) => workspace.setName(name),
    welcome: async () => {
      if (!welcomes() || workspace.summaries().length > 0) return { id: null }
      const text = welcomeText(workspace.profile().name, process.platform === 'darwin' ? 'Cmd' : 'Ctrl')
      return releaseLater(await workspace.createDocument({ text }))
    },
    acknowledgeAddress: () => workspace.acknowledgeAddress(),
    setOffline: (offline) => workspace.setOffline(offline),
    setNetwork: (network) => workspace.setNetwork(network),
    networkReport: (id) => workspace.networkReport(id),
    copyNetworkReport: (id) => {
      desktop.copy(networkText(workspace.networkReport(id), Date.now()))
      return null
    },
    settings: () => workspace.settings.value,
    setSettings: (settings) => workspace.settings.set(settings),
    ownWords: () => workspace.ownWords.list,
    addOwnWord: (word) => workspace.ownWords.add(word),
    removeOwnWord: (word) => workspace.ownWords.remove(word),
    documents: () => workspace.summaries(),
    openNewWindow: () => {
      showElsewhere(null)
      return null
    },
    showInNewWindow: (id) => {
      if (!workspace.shows(id)) throw unknownDocument()
      showElsewhere(id)
      return null
    },
    createDocument: async ({ title = '', folder = '' }) => {
      const words = cleanText(title).replace(/\s+/g, ' ').trim()
      const document = await workspace.createDocument({ title: words, folder })
      const { length } = document.opened().text
      return { ...releaseLater(document), length }
    },
    openLink: async (text) => releaseLater(await workspace.openDocument(onlyLink(text))),
    linksIn: (text) => workspace.linksIn(text).map(({ role, title }) => ({ role, title })),
    openOneOf: async (text, place) => {
      const found = workspace.linksIn(text)[place]
      if (!found) throw new SwarmpadError('REQUEST_INVALID')
      return releaseLater(await workspace.openDocument(found.link))
    },
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
      documents.select(id, selection)
      return null
    },
    place: (id) => workspace.places.of(id),
    setPlace: (id, place) => {
      workspace.places.note(id, place)
      return null
    },
    layout: () => layout.read(),
    setLayout: (shown) => {
      layout.note(shown)
      return null
    },
    closeWindow: () => {
      closeWindow()
      return null
    },
    copyLink: (id, kind) =>
      using(id, async (document) => {
        desktop.copy(await document.link(kind))
        await workspace.use.noteCopiedLink()
        return null
      }),
    saveCopy: (id) =>
      using(id, async (document) => {
        const path = await desktop.askWhereToSave(fileNameFor(await document.title()))
        // A NUL that somebody else wrote would make of the copy a file that no program takes for text.
        if (path !== null)
          await desktop.writeFile(path, (await document.text()).replaceAll('\0', '\ufffd'), 'copy')
        return { path }
      }),
    leftOut: (id) => using(id, (document) => document.quarantine.details()),
    saveLeftOut: (id) =>
      using(id, async (document) => {
        const title = await document.title()
        const path = await desktop.askWhereToSave(fileNameFor(`${titleWords(title)} - left out`, 'json'))
        if (path === null) return { path, whole: true }
        const file = document.quarantine.export(title)
        await desktop.writeFile(path, file, 'copy')
        return { path, whole: file.whole }
      }),
    dismissLeftOut: (id) =>
      using(id, async (document) => {
        await document.dismissQuarantine()
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
      releaseLater(await workspace.rotation.replace(id, { receivers, keepOld })),
    openSuccessor: async (id, key) => releaseLater(await workspace.rotation.follow(id, key)),
    arrange: async (ids, change) => {
      await workspace.arrange(ids, change)
      return null
    },
    removeDocuments: async (ids) => {
      await Promise.all(ids.flatMap((id) => [documents.close(id), leaveElsewhere(id)]))
      await workspace.removeDocuments(ids)
      return null
    },
    restoreDocuments: async (ids) => {
      await workspace.restoreDocuments(ids)
      return null
    },
    deleteDocuments: async (ids) => {
      await workspace.deleteDocuments(ids)
      return null
    },
    removedDocuments: () => workspace.removed(),
    openExternal: async (id, url) => {
      documents.get(id)
      await desktop.openExternal(id, externalAddress(url))
      return null
    },
  }
}
