import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { countsLine } from './lib/counts.mjs'
import { withDisplay } from './lib/display.mjs'
import { kinds } from './lib/kinds.mjs'
import { loopbackOnly } from './lib/loopback-only.mjs'
import { bin, root, run, say } from './lib/run.mjs'
import { setUp } from './setup.mjs'

const usage = `usage: npm test -- [KIND …] [--trace FILE] [--soak]

  KIND           ${kinds.map(({ name }) => name).join(', ')}; all if none is named
  --trace FILE   an editing session to replay instead of a made one
  --soak         the long form`

const { wanted, trace, soak } = readArguments(process.argv.slice(2))
const runtime = await setUp({ forTests: true })
const display = await withDisplay()
const reports = mkdtempSync(join(tmpdir(), 'swarmpad-tests-'))
say(loopbackOnly([process.execPath]).says)

const began = Date.now()
// The long forms measure as well: nothing runs beside them.
const laneOf = ({ lane }) => (soak ? 'all' : lane)
const lanes = [...new Set(wanted.map(laneOf))].map((lane) => wanted.filter((kind) => laneOf(kind) === lane))
const results = (await Promise.all(lanes.map(runLane))).flat()
display.end()
rmSync(reports, { recursive: true, force: true })
summarize()

/** Runs kinds of test one after the other. */
async function runLane(kinds) {
  const results = []
  for (const kind of kinds) results.push(await runKind(kind))
  return results
}

/** Runs a kind of test; every line that it prints begins with its name. */
async function runKind({ name }) {
  const began = Date.now()
  const report = join(reports, `${name}.json`)
  const vitest = [
    ...[process.execPath, bin('vitest', 'vitest.mjs'), 'run', '--project', name],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ]
  const { command, args } = loopbackOnly(vitest)
  const code = await run(command, args, {
    hear: (line) => console.log(`${name}  ${line}`.trimEnd()),
    env: {
      ...display.env,
      SWARMPAD_RUNTIME: runtime.executable,
      ...(trace ? { SWARMPAD_TRACE: trace } : {}),
      ...(soak ? { SWARMPAD_SOAK: '1' } : {}),
    },
  })
  return { name, span: Date.now() - began, ...read(name, report, code) }
}

/** Reads the report of a kind's runner. A runner that wrote none, or ended with an error, has failed. */
function read(name, report, code) {
  try {
    const {
      numPassedTests: passed,
      numPendingTests: skipped,
      testResults,
    } = JSON.parse(readFileSync(report, 'utf8'))
    const failures = testResults.flatMap(({ name: path, status, assertionResults }) => {
      const file = relative(root, path)
      const failed = assertionResults.filter((test) => test.status === 'failed')
      // A file that fails before its first test counts as one failure.
      if (status === 'failed' && assertionResults.length === 0) return [file]
      return failed.map(({ fullName }) => `${file} > ${fullName}`)
    })
    if (code !== 0 && failures.length === 0) failures.push(`${name}: an error outside of all tests`)
    return { passed, skipped, failures }
  } catch {
    return { passed: 0, skipped: 0, failures: [`${name}: the runner told nothing`] }
  }
}

/** Prints how long each kind took, what failed, and the counts; ends with 0 if nothing failed. */
function summarize() {
  const seconds = (span) => `${Math.round(span / 1000)} s`
  const line = (name, span) => console.log(`${name.padEnd(14)}${seconds(span).padStart(7)}`)
  console.log()
  for (const { name, span } of results) line(name, span)
  line('all of it', Date.now() - began)
  const failures = results.flatMap((result) => result.failures)
  for (const failure of failures) console.log(`FAILED ${failure}`)
  const sum = (count) => results.reduce((total, result) => total + result[count], 0)
  const counts = { passed: sum('passed'), failed: failures.length, skipped: sum('skipped') }
  console.log(countsLine(counts))
  process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1)
}

function readArguments(args) {
  const found = { names: new Set(), trace: null, soak: false }
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]
    if (argument === '--soak') found.soak = true
    else if (argument === '--trace') found.trace = args[++index]
    else if (kinds.some(({ name }) => name === argument)) found.names.add(argument)
    else {
      console.log(usage)
      process.exit(argument === '--help' ? 0 : 1)
    }
  }
  const { names, trace, soak } = found
  return { wanted: kinds.filter(({ name }) => names.size === 0 || names.has(name)), trace, soak }
}
