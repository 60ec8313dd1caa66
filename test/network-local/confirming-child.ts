import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { say } from '../support/lab/child-side'

/**
 * Opens a document of a profile and puts in one numbered word after the other at its end. Says up to which one all
 * are saved here, and up to which one all are confirmed by somebody else, each time that it is so.
 */
const [directory = '', port = '', link = '', first = '0'] = process.argv.slice(2)
const built = pathToFileURL(resolve('out/main/headless.js')).href
const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
const workspace = await openWorkspace({
  directory,
  bootstrap: [{ host: '127.0.0.1', port: Number(port) }],
  name: 'Ada',
})
const document = await workspace.openDocument(link)
let saved = Number(first) - 1
let confirmed = -1
// The last word that is saved is the last one that was written whenever this is looked at.
const look = () => {
  if (saved <= confirmed || document.opened().status.unshared) return
  confirmed = saved
  say({ confirmed })
}
document.on('status', look)
for (let number = Number(first); ; number++) {
  const { length } = document.opened().text
  await document.edit([{ from: length, to: length, insert: `⟦${number}⟧` }])
  await document.saved()
  saved = number
  say({ saved })
  look()
  // With nobody there it does not run ahead for ever: what is confirmed is what is tried here.
  while (saved - confirmed > 40)
    await new Promise<void>((done) => {
      const stop = document.on('status', () => {
        stop()
        done()
      })
    })
}
