import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { say } from '../support/lab/child-side'

/** Opens a document of a profile as a program does that was just started, and says what that took. */
const [directory = '', id = ''] = process.argv.slice(2)
const built = pathToFileURL(resolve('out/main/headless.js')).href
const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
const begun = performance.now()
const since = () => Math.round(performance.now() - begun)
// A port that nobody listens on: this one is to be left alone.
const workspace = await openWorkspace({ directory, bootstrap: [{ host: '127.0.0.1', port: 9 }] })
await workspace.setOffline(true)
const toWorkspace = since()
const before = process.memoryUsage().rss
const document = await workspace.document(id)
const { length } = await document.text()
const toText = since()
while (document.opened().status.loading)
  await new Promise<void>((done) => {
    const stop = document.on('status', () => {
      stop()
      done()
    })
  })
const toLoaded = since()
const { user, system } = process.cpuUsage()
const cpu = Math.round((user + system) / 1_000)
say({ toWorkspace, toText, toLoaded, cpu, before, after: process.memoryUsage().rss, length })
process.exit(0)
