import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { benchPeers } from './lib/bench-peers.mjs'
import { install } from './lib/install.mjs'
import { root, say } from './lib/run.mjs'

/** The benches in order; each is bench/NAME.ts and runs in a process of its own. */
const names = [
  'remote-change',
  'given',
  'pages',
  'other-window',
  'opening',
  'saving',
  'fresh-peer',
  'memory',
  'disk',
  'library',
  'search',
  'window',
  'writing',
  'heavy-texts',
]
/** Those that measure the real window. */
const windowed = new Set(['library', 'window', 'writing', 'heavy-texts'])
const usage = `usage: npm run bench -- [NAME …] [--trace FILE]

  NAME           ${names.join(', ')}; all if none is named
  --trace FILE   an editing session to measure with instead of a made one

usage: npm run bench -- peers [OPTION …], beside other systems; --help lists the options`

if (process.argv[2] === 'peers') process.exit(await benchPeers(process.argv.slice(3)))

const { chosen, trace } = readArguments(process.argv.slice(2))
await install()
await buildBenches()
const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}, ${process.platform}`
say(`measuring on ${machine}`)
const results = []
let failed = 0
for (const name of chosen) {
  const extra = windowed.has(name) ? await forWindow() : { env: process.env, end: () => undefined }
  if (extra) await measure(name, extra)
}
writeFileSync(
  join(root, 'bench', 'results.json'),
  `${JSON.stringify({ machine, trace, measurements: results }, null, 2)}\n`,
)
say('wrote bench/results.json')
process.exit(failed === 0 ? 0 : 1)

/** Runs a bench and prints its numbers as they come. */
async function measure(name, { env, end }) {
  console.log(`\n${name}`)
  const file = join(root, 'out', 'bench', `${name}.js`)
  const child = spawn(process.execPath, [file, ...(trace ? ['--trace', trace] : [])], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let rest = ''
  child.stdout.on('data', (data) => {
    const lines = (rest + data).split('\n')
    rest = lines.pop()
    for (const line of lines) take(name, JSON.parse(line))
  })
  const code = await new Promise((done) => child.once('close', done))
  end()
  if (code === 0) return
  failed++
  console.log(`  failed with ${code}`)
}

function take(bench, { what, value, unit, aim }) {
  results.push({ bench, what, value, unit, ...(aim === undefined ? {} : { aim }) })
  const verdict = aim === undefined ? '' : `  aim ${aim}: ${value <= aim ? 'met' : 'MISSED'}`
  console.log(`  ${what.padEnd(64)} ${number(value).padStart(10)} ${unit}${verdict}`)
}

function number(value) {
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)
}

/** Provides the built app, a runtime and a display for the real window; null if they are unavailable. */
async function forWindow() {
  try {
    const { setUp } = await import('./setup.mjs')
    const { withDisplay } = await import('./lib/display.mjs')
    const runtime = await setUp()
    const display = await withDisplay()
    return { env: { ...display.env, SWARMPAD_RUNTIME: runtime.executable }, end: display.end }
  } catch (error) {
    failed++
    console.log(`\nnot measured: ${error.message}`)
    return null
  }
}

async function buildBenches() {
  const { buildPrograms } = await import('./lib/build-programs.mjs')
  await buildPrograms(
    'out/bench',
    Object.fromEntries(names.map((name) => [name, join(root, 'bench', `${name}.ts`)])),
  )
}

function readArguments(args) {
  const found = { chosen: [], trace: null }
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]
    if (argument === '--trace' && args[index + 1]) found.trace = resolve(args[++index])
    else if (names.includes(argument)) found.chosen.push(argument)
    else {
      console.log(usage)
      process.exit(argument === '--help' ? 0 : 1)
    }
  }
  if (found.chosen.length === 0) found.chosen = names
  return found
}
