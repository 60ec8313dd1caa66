import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { must, root, say } from './run.mjs'

/** Installs what package-lock.json names, when node_modules is missing or older than it. */
export async function install() {
  const lock = join(root, 'package-lock.json')
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  say('installing dependencies (npm ci)')
  await must('npm', ['ci', '--no-audit', '--no-fund'])
}
