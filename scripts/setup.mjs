import { pathToFileURL } from 'node:url'
import { build } from './lib/build.mjs'
import { hasDisplay } from './lib/display.mjs'
import { install } from './lib/install.mjs'
import { say } from './lib/run.mjs'
import { resolveRuntime } from './lib/runtime.mjs'
import { sandboxAdvice, systemLibraries } from './lib/system-libraries.mjs'

/**
 * Makes everything ready to run from a fresh clone, with `forTests` also what only tests need; returns the Electron
 * runtime. Does only what is missing.
 */
export async function setUp({ forTests = false } = {}) {
  await install()
  await build()
  await systemLibraries({ needsDisplay: !hasDisplay(), needsNetworks: forTests })
  const runtime = await resolveRuntime()
  say(
    `Electron ${runtime.version}${runtime.substitute ? ' (substitute, not for release)' : ''}: ${runtime.directory}`,
  )
  sandboxAdvice()
  return runtime
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await setUp()
