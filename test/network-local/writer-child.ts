import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Opens a document of a profile and puts in one numbered word after the other; says each one that is saved. */
const [directory = '', port = '', link = '', first = '0'] = process.argv.slice(2)
const built = pathToFileURL(resolve('out/main/headless.js')).href
const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
const workspace = await openWorkspace({
  directory,
  bootstrap: [{ host: '127.0.0.1', port: Number(port) }],
  name: 'Cy',
})
const document = await workspace.openDocument(link)
for (let number = Number(first); ; number++) {
  await document.edit([{ from: 0, to: 0, insert: `⟦${number}⟧` }])
  await document.saved()
  process.stdout.write(`${number}\n`)
}
