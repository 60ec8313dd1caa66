import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bin, must, root, say } from './run.mjs'

const sources = ['main', 'preload', 'renderer', 'package-lock.json', 'electron.vite.config.ts']
const outputs = [
  'out/main/index.js',
  'out/main/worker.js',
  'out/main/search-worker.js',
  'out/main/keeper.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
]

/** Builds into out/ when a source is newer than what is there, or always with `force`. */
export async function build({ force = false } = {}) {
  const oldest = Math.min(...outputs.map((file) => time(join(root, file))))
  if (!force && Math.max(...sources.map((source) => newest(join(root, source)))) <= oldest) return
  say('building')
  await must(process.execPath, [bin('electron-vite', 'bin/electron-vite.js'), 'build', '--logLevel', 'warn'])
}

const time = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0)

function newest(path) {
  const status = statSync(path)
  if (!status.isDirectory()) return status.mtimeMs
  return Math.max(status.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
