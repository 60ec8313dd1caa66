import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setUp } from '../setup.mjs'
import { build } from './build.mjs'
import { buildPrograms } from './build-programs.mjs'
import { withDisplay } from './display.mjs'
import { install } from './install.mjs'
import { loopbackOnly } from './loopback-only.mjs'
import { must, root, run, say } from './run.mjs'

const sources = join(root, 'bench', 'peers')
const folder = join(root, 'out', 'bench-peers')
const programs = ['driver', 'peer', 'library', 'server', 'dht']
/** Packages that are loaded from the folder in which they are installed, not bundled. */
const packages = Object.keys(
  JSON.parse(readFileSync(join(sources, 'packages', 'package.json'), 'utf8')).dependencies,
)

/** Measures Swarmpad beside other systems, where no network but 127.0.0.1 is; resolves to the exit code. */
export async function benchPeers(args) {
  await install()
  await installPackages()
  await build()
  const input = Object.fromEntries(programs.map((name) => [name, join(sources, `${name}.ts`)]))
  for (const name of readdirSync(folder)) if (name.endsWith('.js')) rmSync(join(folder, name))
  await buildPrograms(folder, input, [...packages, 'y-websocket/bin/utils'])
  const desk = await forWindow(args)
  const driver = [process.execPath, join(folder, 'driver.js'), ...args]
  const { command, args: rest, says } = loopbackOnly(driver)
  say(says)
  const code = await run(command, rest, {
    env: {
      ...desk.env,
      SWARMPAD_BENCH_BUILT: root,
      SWARMPAD_BENCH_WORK: join(folder, 'work'),
      SWARMPAD_BENCH_RESULTS: join(root, 'bench', 'results-peers.json'),
    },
  })
  desk.end()
  return code
}

/** The environment for a case with the real window, if it may be among those to be run; else that of this process. */
async function forWindow(args) {
  const plain = { env: process.env, end: () => undefined }
  if (args.includes('--help') || (args.includes('--only') && !args.join().includes('window'))) return plain
  try {
    const runtime = await setUp()
    const display = await withDisplay()
    return { env: { ...display.env, SWARMPAD_RUNTIME: runtime.executable }, end: display.end }
  } catch (error) {
    say(`no window: ${error.message}`)
    return plain
  }
}

/** Installs the other systems beside the bench's programs, as their lockfile says, unless they are there. */
async function installPackages() {
  const files = ['package.json', 'package-lock.json']
  const same = files.every(
    (name) =>
      existsSync(join(folder, name)) &&
      readFileSync(join(folder, name)).equals(readFileSync(join(sources, 'packages', name))),
  )
  if (same && existsSync(join(folder, 'node_modules', '.package-lock.json'))) return
  say('installing the systems to compare with')
  mkdirSync(folder, { recursive: true })
  for (const name of files) copyFileSync(join(sources, 'packages', name), join(folder, name))
  // `npm ci` refuses a lockfile without the optional packages of other machines; this leaves it as it is too.
  await must('npm', ['install', '--no-save', '--no-audit', '--no-fund'], { cwd: folder })
}
