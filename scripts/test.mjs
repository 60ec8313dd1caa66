import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countsLine } from './lib/counts.mjs'
import { withDisplay } from './lib/display.mjs'
import { loopbackOnly } from './lib/loopback-only.mjs'
import { bin, run, say } from './lib/run.mjs'
import { setUp } from './setup.mjs'

const usage = `usage: npm test -- [KIND …] [--trace FILE] [--soak]

  KIND           unit, contract, sim, network-local, network, hostile, e2e; all if none is named
  --trace FILE   an editing session to replay instead of a made one
  --soak         the long form`

const { kinds, trace, soak } = readArguments(process.argv.slice(2))
const runtime = await setUp({ forTests: true })
const display = await withDisplay()
const results = mkdtempSync(join(tmpdir(), 'swarmpad-tests-'))
const report = join(results, 'report.json')

const vitest = [
  bin('vitest', 'vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
]
const isolated = loopbackOnly([process.execPath, ...vitest, ...kinds.flatMap((kind) => ['--project', kind])])
say(isolated.says)
const code = await run(isolated.command, isolated.args, {
  env: {
    ...display.env,
    SWARMPAD_RUNTIME: runtime.executable,
    ...(trace ? { SWARMPAD_TRACE: trace } : {}),
    ...(soak ? { SWARMPAD_SOAK: '1' } : {}),
  },
})
display.end()
const counts = read()
rmSync(results, { recursive: true, force: true })
console.log(countsLine(counts))
process.exit(code === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1)

/** The counts that the runner wrote; a run that wrote none has failed. */
function read() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
      readFileSync(report, 'utf8'),
    )
    // A file that fails before its first test counts as one failure.
    const broken = testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    )
    return { passed: numPassedTests, failed: numFailedTests + broken.length, skipped: numPendingTests }
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

function readArguments(args) {
  const found = { kinds: [], trace: null, soak: false }
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]
    if (argument === '--soak') found.soak = true
    else if (argument === '--trace') found.trace = args[++index]
    else if (argument.startsWith('-')) {
      console.log(usage)
      process.exit(argument === '--help' ? 0 : 1)
    } else found.kinds.push(argument)
  }
  return found
}
