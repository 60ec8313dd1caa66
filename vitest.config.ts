import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { kinds } from './scripts/lib/kinds.mjs'

const soak = process.env.SWARMPAD_SOAK === '1'
const ms = (minutes: number) => minutes * 60_000
/** Unhandled errors that Playwright leaves when the app does not start, besides its caller's rejection. */
const strays = /^(Timeout \d+ms exceeded\.|Process failed to launch!)$/

export default defineConfig({
  test: {
    onUnhandledError: ({ message }) => !strays.test(message),
    projects: kinds.map(({ name, files, minutes }) => ({
      plugins: name === 'unit' ? [svelte()] : [],
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        setupFiles: ['test/support/patience.ts'],
        testTimeout: ms(soak ? 120 : minutes),
        hookTimeout: ms(5),
        maxWorkers: soak ? 1 : files,
        pool: 'forks' as const,
        expect: { poll: { timeout: ms(2) } },
      },
    })),
  },
})
