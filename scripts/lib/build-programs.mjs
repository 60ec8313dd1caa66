import { join } from 'node:path'
import { build } from 'vite'
import { root } from './run.mjs'

/**
 * Builds programs for Node, each from its file (by the name it gets), with the threads beside them, into a folder.
 * `external`: packages that are installed in that folder alone, whose other files are then kept.
 */
export const buildPrograms = (outDir, input, external = []) =>
  build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      target: 'node20',
      outDir,
      emptyOutDir: external.length === 0,
      rollupOptions: {
        external,
        input: {
          ...input,
          worker: join(root, 'main', 'replica', 'worker.ts'),
          'search-worker': join(root, 'main', 'search', 'search-worker.ts'),
        },
        // Shared code lies beside the entries, since it finds the project's root from its own place.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })
