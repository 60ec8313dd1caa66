import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'

// For a browser it reads names of characters by a page's own parser, which a worker does not have.
const characterNames = fileURLToPath(
  new URL('./node_modules/decode-named-character-reference/index.js', import.meta.url),
)

/** Takes the fonts that only older browsers read out of KaTeX's style sheet, and thus out of the program. */
const oneFontFormat = {
  name: 'one-font-format',
  enforce: 'pre' as const,
  transform: (css: string, file: string) =>
    /katex[^/]*\.css/.test(file) ? css.replace(/,url\([^)]*\.(?:woff|ttf)\) format\("[a-z]*"\)/g, '') : null,
}

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rollupOptions: {
        input: {
          index: 'main/index.ts',
          headless: 'main/headless.ts',
          worker: 'main/replica/worker.ts',
          'search-worker': 'main/search/search-worker.ts',
          keeper: 'main/keeper/program.ts',
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'shared/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { index: 'preload/index.ts' },
        // A sandboxed preload script must be CommonJS in one file.
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [svelte(), oneFontFormat],
    resolve: { alias: { 'decode-named-character-reference': characterNames } },
    build: {
      outDir: 'out/renderer',
      emptyOutDir: true,
      // The window may load nothing but files: no data: URLs in place of small ones.
      assetsInlineLimit: 0,
      // Half the bytes to parse at each start.
      minify: true,
      rollupOptions: { input: 'renderer/index.html' },
    },
  },
})
