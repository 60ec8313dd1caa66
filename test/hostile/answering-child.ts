import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** An honest person in a process of their own: answers each word ⟦n⟧ that someone else writes with ⟨n⟩. */
const [directory = '', port = '', link = ''] = process.argv.slice(2)
const built = pathToFileURL(resolve('out/main/headless.js')).href
const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
const workspace = await openWorkspace({
  directory,
  bootstrap: [{ host: '127.0.0.1', port: Number(port) }],
  name: 'Ben',
})
const document = await workspace.openDocument(link)
let answered = -1
const answer = async () => {
  const newest = Math.max(-1, ...[...(await document.text()).matchAll(/⟦(\d+)⟧/g)].map(([, n]) => Number(n)))
  if (newest <= answered) return
  answered = newest
  await document.edit([{ from: 0, to: 0, insert: `⟨${newest}⟩` }])
}
document.on('change', () => void answer())
await document.whenSynced({ timeout: 120_000 })
process.stdout.write('synced\n')
