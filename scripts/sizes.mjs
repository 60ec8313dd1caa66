import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/run.mjs'

/** Maximum number of lines in a file. Tables of data in JSON are not counted. */
const maxLines = 400

/** Longer files, each with the reason why it is one. */
const exceptions = {}

const problems = []
for (const folder of ['main', 'preload', 'renderer', 'scripts', 'bench', 'test'])
  for (const name of readdirSync(join(root, folder), { recursive: true })) {
    if (!/\.(ts|mjs|svelte|css|py)$/.test(name)) continue
    const file = join(folder, name)
    const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1
    if (lines > maxLines && !(file in exceptions)) problems.push(`${file} has ${lines} lines`)
    if (lines <= maxLines && file in exceptions) problems.push(`${file} needs no exception`)
  }
for (const problem of problems) console.error(problem)
console.log(`sizes: ${problems.length} files to be split`)
process.exit(problems.length === 0 ? 0 : 1)
