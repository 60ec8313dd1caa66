import { availableParallelism } from 'node:os'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

const soak = process.env.SWARMPAD_SOAK === '1'
const minutes = (count: number) => count * 60_000

/**
 * A kind of test, in the folder of its name; with `alone`, its files run one after the other. `timeout` bounds a
 * test: wide, since it ends what hangs, and a busy machine is no failure.
 */
const project = (name: string, timeout: number, alone = false) => ({
  plugins: name === 'unit' ? [svelte()] : [],
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    setupFiles: ['test/support/patience.ts'],
    testTimeout: soak ? minutes(120) : timeout,
    hookTimeout: minutes(5),
    maxWorkers: alone ? 1 : availableParallelism(),
    pool: 'forks' as const,
    expect: { poll: { timeout: minutes(2) } },
  },
})

export default defineConfig({
  test: {
    projects: [
      project('unit', minutes(3)),
      project('contract', minutes(5)),
      project('sim', minutes(10)),
      project('network-local', minutes(10), true),
      project('network', minutes(10), true),
      project('hostile', minutes(10), true),
      project('e2e', minutes(10), true),
    ],
  },
})
