import { withDisplay } from './lib/display.mjs'
import { launchArguments } from './lib/launch.mjs'
import { run } from './lib/run.mjs'
import { setUp } from './setup.mjs'

const usage = `usage: npm start -- [--profile DIR] [--bootstrap HOST:PORT,…] [--no-lan] [--diagnose] [LINK or FILE.md]

  --profile DIR          where documents and keys are kept
  --bootstrap HOST:PORT  DHT nodes to begin with, instead of the public ones
  --no-lan               do not look for people on the local network
  --diagnose             say what the network is like, and end
  LINK                   a swarmpad: link to open
  FILE.md                a text to make a new document of`

const args = process.argv.slice(2)
/** Working directory of the npm call; paths are resolved against it. */
const directory = process.env.INIT_CWD ?? process.cwd()
if (args.includes('--help')) {
  console.log(usage)
  process.exit(0)
}
const runtime = await setUp()
const display = await withDisplay()
const code = await run(runtime.executable, [...launchArguments(), ...args], {
  env: display.env,
  cwd: directory,
})
display.end()
process.exit(code)
