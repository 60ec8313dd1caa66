import { createHash } from 'node:crypto'
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
  // An incompressible text: each letter is drawn independently.
  paste: async (size) => {
    const letters = createHash('shake256', { outputLength: Math.ceil((Number(size) * 3) / 4) }).update(size)
    await open().edit([{ from: 0, to: 0, insert: letters.digest('base64url').slice(0, Number(size)) }])
  },
  text: () => open().text(),
  digest: async () =>
    createHash('sha256')
      .update(await open().text())
      .digest('hex'),
  peers: () => open().peers(),
  sleep: () => workspace.suspend(),
  wake: () => workspace.resume(),
})
say('ready')
