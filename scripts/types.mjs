import { bin, run } from './lib/run.mjs'

/** Type-checks every world: each has its own libraries, so that Node cannot be used in the window by mistake. */
const checks = [
  ...['main', 'preload', 'test'].map((world) => [bin('typescript', 'bin/tsc'), '-p', world]),
  [bin('svelte-check', 'bin/svelte-check'), '--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings'],
]

let failed = 0
for (const [script, ...args] of checks) if ((await run(process.execPath, [script, ...args])) !== 0) failed++
process.exit(failed === 0 ? 0 : 1)
