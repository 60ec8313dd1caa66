import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/run.mjs'

/** Comments that read as if translated: by how they begin, and by their turns. */
const beginnings = /^\s*(?:\/\*\*?|\*|\/\/|<!--|\{\/\*)\s*(?:What|Who|Whoever|Whose|Whether|Which)\b/
const turns = [
  'anew',
  'given up',
  "of one[’']s own",
  'is none',
  'for good',
  'as may be',
  'in vain',
  'put away',
  'comes? to nothing',
  '(?:is|are|was|were) told',
  'tells? of',
  'nothing tells',
  'is said of',
  'what is held of',
  'what becomes of',
  'ever (?:less|more)',
  'lest',
]
const comment = String.raw`(?:^|\s)(?:\/\/|\/\*\*?|\*|<!--)\s.*`
const refused = new RegExp(String.raw`${comment}\b(?:${turns.join('|')})\b`, 'i')

const problems = []
for (const folder of ['main', 'preload', 'renderer', 'scripts', 'bench', 'test'])
  for (const name of readdirSync(join(root, folder), { recursive: true })) {
    if (!/\.(ts|mjs|svelte)$/.test(name)) continue
    const file = join(folder, name)
    for (const [index, line] of readFileSync(join(root, file), 'utf8').split('\n').entries())
      if (beginnings.test(line) || refused.test(line)) problems.push(`${file}:${index + 1}: ${line.trim()}`)
  }
for (const problem of problems) console.error(problem)
console.log(`comments: ${problems.length} to be said more plainly`)
process.exit(problems.length === 0 ? 0 : 1)
