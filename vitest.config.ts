import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

const soak = process.env.SWARMPAD_SOAK === '1'
const minutes = (count: number) => count * 60_000

/** A kind of test, in the folder of its name; with `alone`, its files run one after the other. */
const project = (name: string, timeout: number, alone = false) => ({
  plugins: name === 'unit' ? [svelte()] : [],
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: soak ? minutes(120) : timeout,
    hookTimeout: minutes(2),
    fileParallelism: !alone,
    pool: 'forks' as const,
  },
})

export default defineConfig({
  test: {
    projects: [
      project('unit', minutes(1)),
      project('contract', minutes(1)),
      project('sim', minutes(5)),
      project('network-local', minutes(3), true),
      project('network', minutes(3), true),
      project('hostile', minutes(3), true),
      project('e2e', minutes(3), true),
    ],
  },
})
