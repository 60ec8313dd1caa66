import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Opens the document that a test names to the program it starts, by the profile's folder, a port of the DHT and the
 * link; `first` is the number of the first word to write.
 */
export async function documentToWrite(name: string) {
  const [directory = '', port = '', link = '', first = '0'] = process.argv.slice(2)
  const built = pathToFileURL(resolve('out/main/headless.js')).href
  const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
  const bootstrap = [{ host: '127.0.0.1', port: Number(port) }]
  const workspace = await openWorkspace({ directory, bootstrap, name })
  return { document: await workspace.openDocument(link), first: Number(first) }
}
