import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countsLine } from './lib/counts.mjs'
import { withDisplay } from './lib/display.mjs'
import { kinds, lanes } from './lib/kinds.mjs'
import { loopbackOnly } from './lib/loopback-only.mjs'
import { bin, run, say } from './lib/run.mjs'
import { setUp } from './setup.mjs'

const usage = `usage: npm test -- [KIND …] [--trace FILE] [--soak]

  KIND           ${kinds.join(', ')}; all if none is named
  --trace FILE   an editing session to replay instead of a made one
  --soak         the long form`

const { wanted, trace, soak } = readArguments(process.argv.slice(2))
const runtime = await setUp({ forTests: true })
const display = await withDisplay()
const reports = mkdtempSync(join(tmpdir(), 'swarmpad-tests-'))
say(loopbackOnly([process.execPath]).says)

const began = Date.now()
const results = (await Promise.all(lanes.map(runLane))).flat()
display.end()
rmSync(reports, { recursive: true, force: true })
summarize()

/** Runs the wanted kinds of a lane, one after the other. */
async function runLane(lane) {
  const results = []
  for (const kind of lane.filter((kind) => wanted.includes(kind))) results.push(await runKind(kind))
  return results
}

/** Runs a kind of test; every line that it prints begins with its name. */
async function runKind(kind) {
  const began = Date.now()
  const report = join(reports, `${kind}.json`)
  const vitest = [
    ...[process.execPath, bin('vitest', 'vitest.mjs'), 'run', '--project', kind],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ]
  const { command, args } = loopbackOnly(vitest)
  const code = await run(command, args, {
    hear: (line) => console.log(`${kind}  ${line}`.trimEnd()),
    env: {
      ...display.env,
      SWARMPAD_RUNTIME: runtime.executable,
      ...(trace ? { SWARMPAD_TRACE: trace } : {}),
      ...(soak ? { SWARMPAD_SOAK: '1' } : {}),
    },
  })
  return { kind, span: Date.now() - began, ...read(report, code) }
}

/** What the runner of a kind wrote of it. One that wrote nothing, or ended with an error of its own, has failed. */
function read(report, code) {
  try {
    const {
      numPassedTests: passed,
      numPendingTests: skipped,
      testResults,
    } = JSON.parse(readFileSync(report, 'utf8'))
    const failures = testResults.flatMap(({ name, status, assertionResults }) => {
      const failed = assertionResults.filter((test) => test.status === 'failed')
      // A file that fails before its first test counts as one failure.
      if (status === 'failed' && assertionResults.length === 0) return [name]
      return failed.map(({ fullName }) => `${name} > ${fullName}`)
    })
    if (code !== 0 && failures.length === 0) failures.push('an error outside of all tests')
    return { passed, skipped, failures }
  } catch {
    return { passed: 0, skipped: 0, failures: ['the runner of the tests'] }
  }
}

/** Prints how long each kind took, what failed, and the counts; ends with 0 if nothing failed. */
function summarize() {
  const seconds = (span) => `${Math.round(span / 1000)} s`
  const order = ({ kind }) => kinds.indexOf(kind)
  console.log()
  for (const { kind, span } of results.sort((one, other) => order(one) - order(other)))
    console.log(`${kind.padEnd(14)}${seconds(span).padStart(7)}`)
  console.log(`${'all of it'.padEnd(14)}${seconds(Date.now() - began).padStart(7)}`)
  const failures = results.flatMap(({ kind, failures }) => failures.map((name) => `FAILED ${kind}: ${name}`))
  for (const line of failures) console.log(line)
  const sum = (count) => results.reduce((total, result) => total + result[count], 0)
  const counts = { passed: sum('passed'), failed: failures.length, skipped: sum('skipped') }
  console.log(countsLine(counts))
  process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1)
}

function readArguments(args) {
  const found = { wanted: [], trace: null, soak: false }
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]
    if (argument === '--soak') found.soak = true
    else if (argument === '--trace') found.trace = args[++index]
    else if (kinds.includes(argument)) found.wanted.push(argument)
    else {
      console.log(usage)
      process.exit(argument === '--help' ? 0 : 1)
    }
  }
  return { ...found, wanted: found.wanted.length > 0 ? found.wanted : kinds }
}
