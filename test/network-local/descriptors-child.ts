import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { say } from '../support/lab/child-side'

/**
 * Makes a document while this process has a few file descriptors left, and another when it has them again. Says what
 * came of both, and what is in the first in the end. Its limit is small, or this takes long.
 */
const { openWorkspace }: typeof import('../../main/headless') = await import(
  pathToFileURL(resolve('out/main/headless.js')).href
)
const [directory = '', port = '', left = ''] = process.argv.slice(2)
const bootstrap = [{ host: '127.0.0.1', port: Number(port) }]
const workspace = await openWorkspace({ directory, bootstrap, name: 'Ada' })
const held: number[] = []
try {
  for (;;) held.push(openSync('/dev/null'))
} catch (error) {
  say((error as NodeJS.ErrnoException).code)
}
for (const file of held.splice(0, Number(left))) closeSync(file)

const make = (text: string) =>
  workspace.createDocument({ text }).then(
    (document) => document.text(),
    ({ code, message }) => ({ code, message }),
  )
say(await make('# First'))
for (const file of held.splice(0)) closeSync(file)
say(await make('# Second'))
const [first] = workspace.documents()
const document = await workspace.document(first?.id ?? '')
await document.saved()
say(await document.text())
await workspace.close()
process.exit(0)
