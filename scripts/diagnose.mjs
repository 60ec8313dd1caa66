import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from './lib/build.mjs'
import { install } from './lib/install.mjs'
import { root } from './lib/run.mjs'

const usage = `usage: npm run diagnose -- [--bootstrap HOST:PORT,…] [--no-lan]

Joins the network without any document, says what it is like, and leaves it. Ends with 1 when nobody answers.`

const values = read()
if (!values || values.help) {
  console.log(usage)
  process.exit(values ? 0 : 2)
}
/** Null for wrong arguments: the error would quote them, and they may hold a link. */
function read() {
  const options = { bootstrap: { type: 'string' }, 'no-lan': { type: 'boolean' }, help: { type: 'boolean' } }
  try {
    return parseArgs({ options }).values
  } catch {
    return null
  }
}

await install()
await build()
const { diagnose } = await import(pathToFileURL(join(root, 'out', 'main', 'headless.js')).href)
const bootstrap = values.bootstrap?.split(',').map((node) => {
  const [host, port] = node.split(':')
  return { host, port: Number(port) }
})
const { text, reached } = await diagnose({ lan: !values['no-lan'], ...(bootstrap ? { bootstrap } : {}) })
process.stdout.write(text)
process.exit(reached ? 0 : 1)
