import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bin, must, root } from './run.mjs'

/**
 * Packs the built app, hardened as it ships, into `folder`; returns the folder of the unpacked program.
 * Needs no network. Relative folders are the project's.
 *
 * @param {{ runtime: { directory: string, version: string }, folder: string, quiet?: boolean }} options
 */
export async function pack({ runtime, folder, quiet = false }) {
  await must(
    process.execPath,
    [
      bin('electron-builder', 'cli.js'),
      '--dir',
      '--publish=never',
      `-c.electronVersion=${runtime.version}`,
      `-c.electronDist=${runtime.directory}`,
      `-c.directories.output=${folder}`,
    ],
    { stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'] },
  )
  const unpacked = join(root, folder, 'linux-unpacked')
  // The runtime's own start page is no part of the app.
  rmSync(join(unpacked, 'resources', 'app'), { recursive: true, force: true })
  return unpacked
}

/**
 * The hardened program for tests, packed into dist/hardened when what is there is older than the built app.
 * Linux only. Resolves to the executable.
 *
 * @param {string} executable The runtime's.
 */
export async function hardenedApp(executable) {
  const folder = join('dist', 'hardened')
  const packed = join(root, folder, 'linux-unpacked', 'swarmpad')
  const archive = join(root, folder, 'linux-unpacked', 'resources', 'app.asar')
  const made = existsSync(packed) && existsSync(archive) ? statSync(archive).mtimeMs : 0
  const sources = [
    'out/main/index.js',
    'out/preload/index.cjs',
    'out/renderer/index.html',
    'electron-builder.yml',
  ]
  if (sources.every((source) => statSync(join(root, source)).mtimeMs < made)) return packed
  rmSync(join(root, folder), { recursive: true, force: true })
  const directory = dirname(executable)
  const version = readFileSync(join(directory, 'version'), 'utf8').trim()
  await pack({ runtime: { directory, version }, folder, quiet: true })
  return packed
}
