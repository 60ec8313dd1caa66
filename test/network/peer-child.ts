import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SharedDocument } from '../../main/headless'
import { answer, say } from '../support/lab/child-side'

/** A person's program with one document, as it is shipped, that does what the test asks. */
const [options = '{}'] = process.argv.slice(2)
const built = pathToFileURL(resolve('out/main/headless.js')).href
const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
const workspace = await openWorkspace(JSON.parse(options))
let document: SharedDocument | null = null
const open = (): SharedDocument => {
  if (!document) throw new Error('no document is open')
  return document
}
answer({
  create: async () => {
    document = await workspace.createDocument()
    return document.link('write')
  },
  open: async (link) => {
    document = await workspace.openDocument(link)
  },
  type: async (text) => {
    await open().edit([{ from: 0, to: 0, insert: text }])
  },
  text: () => open().text(),
  peers: () => open().peers(),
})
say('ready')
