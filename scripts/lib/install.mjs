import { existsSync, lstatSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { must, root, say } from './run.mjs'

/** Installs what package-lock.json names, when node_modules is missing or older than it. */
export async function install() {
  const lock = join(root, 'package-lock.json')
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  // npm would empty what it leads to.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    say(
      'node_modules leads to another folder and is left as it is, though it is older than package-lock.json',
    )
    return
  }
  say('installing dependencies (npm ci)')
  await must('npm', ['ci', '--no-audit', '--no-fund'])
}
