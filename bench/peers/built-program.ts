import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Loads the built Swarmpad without its window, from the checkout that the environment names. */
export function builtProgram(): Promise<typeof import('../../main/headless')> {
  const checkout = process.env.SWARMPAD_BENCH_BUILT ?? ''
  return import(/* @vite-ignore */ pathToFileURL(join(checkout, 'out', 'main', 'headless.js')).href)
}
