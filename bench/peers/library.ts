import { randomBytes } from 'node:crypto'
import { hex } from '../../main/base/hex'
import type { SharedDocument, Workspace } from '../../main/headless'
import { keysFromWrite } from '../../main/keys/derive'
import { formatLink } from '../../main/keys/link'
import { keepMany } from '../kept-profile'
import { builtProgram } from './built-program'
import { offer } from './calls'
import { moment, usage } from './usage'

type Bootstrap = { host: string; port: number }[]

/** Characters typed into each document. */
const characters = 10
/** How long a change may take to reach someone, in ms. */
const limit = 150_000

let workspace: Workspace | null = null
let documents: SharedDocument[] = []

/** Functions of a process with Swarmpad and a library of many documents. */
export const libraryCalls = {
  /** Makes a profile with so many documents that came by a link; returns their ids and links. */
  async make(
    directory: string,
    bootstrap: Bootstrap,
    count: number,
  ): Promise<{ id: string; link: string }[]> {
    const all = Array.from({ length: count }, () => keysFromWrite(randomBytes(32)))
    await keepMany(directory, { bootstrap }, all, characters)
    return all.map((keys) => ({ id: hex(keys.documentId), link: formatLink(keys, 'write') }))
  },
  /** Opens a profile and goes online; returns the ms until its list of documents was there. */
  async open(directory: string, bootstrap: Bootstrap): Promise<number> {
    const { openWorkspace } = await builtProgram()
    const begun = moment()
    workspace = await openWorkspace({ directory, bootstrap, lan: false, name: 'Bench' })
    workspace.summaries()
    const listed = moment()
    await workspace.setOffline(false)
    return listed - begun
  },
  /** Opens a document of the library; returns the ms until its text was there. */
  async click(id: string): Promise<number> {
    const begun = moment()
    const document = await opened().document(id)
    await waitForText(document)
    return moment() - begun
  },
  /** Opens documents by their links, which others have; returns the ms until all texts were there. */
  async join(links: string[]): Promise<number> {
    const begun = moment()
    documents = await Promise.all(links.map((link) => opened().openDocument(link)))
    await Promise.all(documents.map(waitForText))
    return moment() - begun
  },
  /** Edits one of the documents joined; returns the ms until someone else is known to hold that. */
  async change(index: number): Promise<number> {
    const document = documents[index]
    if (!document) throw new Error('no such document')
    const begun = moment()
    await document.edit([{ from: 0, to: 0, insert: 'x' }])
    await document.whenSynced({ timeout: limit })
    return moment() - begun
  },
  usage,
}

function opened(): Workspace {
  if (!workspace) throw new Error('no library is open')
  return workspace
}

function waitForText(document: SharedDocument): Promise<void> {
  if (document.opened().text.length > 0) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = document.on('updates', () => {
      stop()
      resolve()
    })
  })
}

offer(libraryCalls, async () => workspace?.close())
