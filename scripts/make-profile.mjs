import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { buildPrograms } from './lib/build-programs.mjs'
import { root } from './lib/run.mjs'

/** Makes a profile as the present program writes it, for test/vectors/profiles; its README says when. */
const [directory] = process.argv.slice(2)
if (!directory) {
  console.log('usage: node scripts/make-profile.mjs DIRECTORY')
  process.exit(1)
}
await buildPrograms('out/profile', {
  'make-profile': join(root, 'test', 'vectors', 'profiles', 'make-profile.ts'),
})
const file = join(root, 'out', 'profile', 'make-profile.js')
const { status } = spawnSync(process.execPath, [file, resolve(directory)], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
