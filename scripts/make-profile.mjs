import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { root } from './lib/run.mjs'

/** Makes a profile as the present program writes it, for test/vectors/profiles; its README says when. */
const [directory] = process.argv.slice(2)
if (!directory) {
  console.log('usage: node scripts/make-profile.mjs DIRECTORY')
  process.exit(1)
}
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'out/profile',
    rollupOptions: {
      input: {
        'make-profile': join(root, 'test', 'vectors', 'profiles', 'make-profile.ts'),
        worker: join(root, 'main', 'document', 'worker.ts'),
      },
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'shared/[name]-[hash].js' },
    },
  },
})
const file = join(root, 'out', 'profile', 'make-profile.js')
const { status } = spawnSync(process.execPath, [file, resolve(directory)], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
