import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build } from './lib/build.mjs'
import { install } from './lib/install.mjs'
import { root } from './lib/run.mjs'

await install()
await build()
const program = join(root, 'out', 'main', 'keeper.js')
const child = spawn(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
// Ctrl-C reaches the keeper by itself: handed on too, it would be the second, which ends it at once.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => child.kill('SIGTERM'))
// The error itself lists the arguments, and they may hold a link.
child.on('error', ({ code }) => {
  console.error(`the keeper could not be started (${code})`)
  process.exit(1)
})
child.on('close', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
