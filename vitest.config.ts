import { availableParallelism } from 'node:os'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

const soak = process.env.SWARMPAD_SOAK === '1'
const minutes = (count: number) => count * 60_000
const cores = availableParallelism()

/**
 * A kind of test, in the folder of its name, with the number of its files that run at once. `timeout` bounds a test:
 * wide, since it ends what hangs, and a busy machine is no failure.
 */
const project = (name: string, timeout: number, maxWorkers: number) => ({
  plugins: name === 'unit' ? [svelte()] : [],
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    setupFiles: ['test/support/patience.ts'],
    testTimeout: soak ? minutes(120) : timeout,
    hookTimeout: minutes(5),
    maxWorkers,
    pool: 'forks' as const,
    expect: { poll: { timeout: minutes(2) } },
  },
})

export default defineConfig({
  test: {
    projects: [
      project('unit', minutes(3), cores),
      project('contract', minutes(5), cores),
      project('sim', minutes(10), cores),
      // These wait more than they compute.
      project('network-local', minutes(10), 2),
      project('network', minutes(10), 2),
      // These compare how long something takes with and without an attack.
      project('hostile', minutes(10), 1),
      // All windows have one clipboard.
      project('e2e', minutes(10), 1),
    ],
  },
})
