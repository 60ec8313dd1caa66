import { join } from 'node:path'
import { build } from 'vite'
import { root } from './run.mjs'

/** Builds programs for Node, each from its file (by the name it gets), with the worker beside them, into a folder. */
export const buildPrograms = (outDir, input) =>
  build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      target: 'node20',
      outDir,
      rollupOptions: {
        input: { ...input, worker: join(root, 'main', 'replica', 'worker.ts') },
        // Shared code lies beside the entries, since it finds the project's root from its own place.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })
