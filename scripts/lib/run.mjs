import { spawn, spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The project's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** How long the last lines of a command that has ended may take, in ms. */
const lastLinesLimit = 5_000

/**
 * Runs a command to its end; resolves to its exit code. Its output is shown, or given to `hear` line by line.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { hear?: (line: string) => void }} options
 */
export function run(command, args, { hear, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = hear ? ['inherit', 'pipe', 'pipe'] : 'inherit'
    const child = spawn(command, args, { cwd: root, stdio, ...options })
    if (hear) for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', hear)
    const pass = (signal) => child.kill(signal)
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, pass)
    // The error itself lists the arguments, and they may hold a link.
    child.on('error', ({ code }) => reject(new Error(`${command} could not be started (${code})`)))
    child.on('exit', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM']) process.off(name, pass)
      const end = () => resolve(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1))
      if (!hear) return end()
      // Its last lines are still on their way; a process that it left behind may hold the pipe open for ever.
      child.once('close', end)
      setTimeout(end, lastLinesLimit).unref()
    })
  })
}

/** Runs a command that must succeed. Throws with its name otherwise. */
export async function must(command, args, options) {
  const code = await run(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args[0] ?? ''} ended with ${code}`)
}

/** Returns the output of a command, or null if it fails. */
export function output(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options })
  return result.status === 0 ? result.stdout : null
}

/** The file of a locally installed command, to be run with this Node. */
export const bin = (name, file) => join(root, 'node_modules', name, file)

/** Says something in one line. */
export const say = (text) => console.log(`swarmpad: ${text}`)
