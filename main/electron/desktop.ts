import { extname, join } from 'node:path'
import { app, type BrowserWindow, clipboard, dialog, shell } from 'electron'
import { SwarmpadError } from '../base/errors'
import { saveFile } from '../files/save-file'
import type { AllowedSites } from '../library/allowed-sites'
import type { DesktopServices } from './calls/desktop-services'
import { externalQuestion, siteOf } from './external-address'

/** Returns the system services for a window: clipboard, dialogs, files, browser. */
export function desktopOf(
  window: BrowserWindow,
  allowed: Pick<AllowedSites, 'has' | 'add'>,
): DesktopServices {
  let asking = false
  return {
    copy: (text) => clipboard.writeText(text),
    askWhereToSave: (fileName) => askWhereToSave(window, fileName),
    askWhatToOpen: (sealed) => askWhatToOpen(window, sealed),
    askForFolder: (to) => askForFolder(window, to),
    askToAllow: (letters) => askToAllow(window, letters),
    writeFile: saveFile,
    openExternal: async (document, address) => {
      if (asking) throw new SwarmpadError('REQUEST_LATE', { of: 'address' })
      asking = true
      try {
        const site = siteOf(address)
        const isAllowed = site !== null && (await allowed.has(document, site))
        if (!isAllowed && !(await mayLeave(window, address))) return
        await shell.openExternal(address)
        // It is asked about again if the disk refuses to note it.
        if (site !== null && !isAllowed) await allowed.add(document, site).catch(() => undefined)
      } finally {
        asking = false
      }
    },
  }
}

/** Asks the person before an address from the text is opened in another program. */
async function mayLeave(window: BrowserWindow, address: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    title: app.name,
    ...externalQuestion(address),
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  })
  return response === 0
}

/** Asks in a native dialog, since a compromised page could confirm by itself. */
async function askToAllow(window: BrowserWindow, letters: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    title: app.name,
    message: `Allow the computer that shows ${letters}?`,
    detail: 'It can then read and write in all your documents, as you. This cannot be taken back.',
    buttons: ['Allow', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  })
  return response === 0
}

const markdown = { name: 'Markdown', extensions: ['md'] }
const json = { name: 'JSON', extensions: ['json'] }
const own = { name: 'Swarmpad', extensions: ['swarmpad'] }
const texts = { name: 'Swarmpad and text', extensions: ['swarmpad', 'md', 'markdown', 'txt'] }
const anything = { name: 'All files', extensions: ['*'] }

async function askWhereToSave(window: BrowserWindow, fileName: string): Promise<string | null> {
  const extension = extname(fileName).slice(1)
  const pictures = { name: 'Picture', extensions: [extension] }
  const kind = [markdown, json, own].find(({ extensions }) => extensions.includes(extension)) ?? pictures
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: kind === pictures ? 'Save the picture' : 'Save a copy',
    defaultPath: join(app.getPath('documents'), fileName),
    filters: [kind, anything],
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  })
  return canceled || !filePath ? null : filePath
}

async function askWhatToOpen(window: BrowserWindow, sealed: boolean): Promise<readonly string[]> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: sealed ? 'Restore from a backup' : 'Open files',
    defaultPath: app.getPath('documents'),
    filters: [sealed ? own : texts, anything],
    properties: sealed ? ['openFile'] : ['openFile', 'multiSelections'],
  })
  return canceled ? [] : filePaths
}

const folderQuestions = {
  import: { title: 'Import a folder', buttonLabel: 'Import' },
  export: { title: 'Export into a folder', buttonLabel: 'Export here' },
  copies: { title: 'Save copies in a folder', buttonLabel: 'Save here' },
} as const

async function askForFolder(window: BrowserWindow, to: keyof typeof folderQuestions): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    ...folderQuestions[to],
    defaultPath: app.getPath('documents'),
    properties: to === 'import' ? ['openDirectory'] : ['openDirectory', 'createDirectory'],
  })
  return canceled ? null : (filePaths[0] ?? null)
}
