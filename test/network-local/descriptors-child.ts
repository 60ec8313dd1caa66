import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { say } from '../support/lab/child-side'

/**
 * Makes a document while this process has a few file descriptors left, and another when it has them again; then comes
 * back to the network in the same way. Says what came of all that. Its limit is small, or this takes long.
 */
const { openWorkspace }: typeof import('../../main/headless') = await import(
  pathToFileURL(resolve('out/main/headless.js')).href
)
const [directory = '', port = '', left = ''] = process.argv.slice(2)
const bootstrap = [{ host: '127.0.0.1', port: Number(port) }]
const workspace = await openWorkspace({ directory, bootstrap, name: 'Ada' })
const held: number[] = []
/** Takes all file descriptors but a few. */
function holdAll(): void {
  try {
    for (;;) held.push(openSync('/dev/null', 'r'))
  } catch (error) {
    say((error as NodeJS.ErrnoException).code)
  }
  release(Number(left))
}
function release(count: number): void {
  for (const file of held.splice(0, count)) closeSync(file)
}
holdAll()

const make = (text: string) =>
  workspace.createDocument({ text }).then(
    (document) => document.text(),
    ({ code, message }) => ({ code, message }),
  )
say(await make('# First'))
release(held.length)
say(await make('# Second'))
const [first] = workspace.documents()
const document = await workspace.document(first?.id ?? '')
await document.saved()
say(await document.text())

await workspace.setOffline(true)
holdAll()
await workspace.setOffline(false)
release(held.length)
while (workspace.networkReport(null).nodes === 0) await new Promise((done) => setTimeout(done, 50))
say('on the network')
await workspace.close()
process.exit(0)
