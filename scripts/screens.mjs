import { resolve } from 'node:path'
import { withDisplay } from './lib/display.mjs'
import { loopbackOnly } from './lib/loopback-only.mjs'
import { bin, run, say } from './lib/run.mjs'
import { setUp } from './setup.mjs'

/** Takes pictures of every screen, in both themes, three sizes, 150 % and forced colours, and checks each with axe-core. */
const [folder = 'screens', ...rest] = process.argv.slice(2)
if (rest.length > 0 || folder.startsWith('-')) {
  console.error('usage: npm run screens -- [FOLDER]')
  process.exit(2)
}
const runtime = await setUp({ forTests: true })
const display = await withDisplay({ size: '1920x1200' })
const pictures = resolve(folder)
const vitest = [process.execPath, bin('vitest', 'vitest.mjs'), 'run', '--project', 'e2e', 'accessibility']
const { command, args } = loopbackOnly(vitest)
const code = await run(command, args, {
  env: { ...display.env, SWARMPAD_RUNTIME: runtime.executable, SWARMPAD_SCREENS: pictures },
})
display.end()
say(`pictures: ${pictures}`)
process.exit(code)
