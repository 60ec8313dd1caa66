import { root, say } from './run.mjs'

/** The arguments that start the built app with a runtime from `resolveRuntime`, before the app's own. */
export function launchArguments({ quiet = false } = {}) {
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0
  if (asRoot && !quiet) say('running as root: the sandbox is switched off (--no-sandbox)')
  return [root, ...(asRoot ? ['--no-sandbox'] : [])]
}
