import { spawn } from 'node:child_process'
import { countsLine, readCounts } from './lib/counts.mjs'
import { install } from './lib/install.mjs'
import { root, say } from './lib/run.mjs'

/** Checks required before a change lands, in order; each step is a command of the README. */
const steps = [
  ['format and lint', ['npm', 'run', '--silent', 'lint']],
  ['types', ['npm', 'run', '--silent', 'types']],
  ['build', ['npm', 'run', '--silent', 'build']],
  ['tests', ['npm', 'test', '--silent']],
  ['package, and a start of it', ['npm', 'run', '--silent', 'package']],
]

await install()
const total = { passed: 0, failed: 0, skipped: 0 }
const report = []
for (const [name, command] of steps) {
  say(`check: ${name}`)
  const started = Date.now()
  const { code, counts } = await step(command)
  total.passed += (counts?.passed ?? 0) + (code === 0 ? 1 : 0)
  total.skipped += counts?.skipped ?? 0
  // A step whose tests failed is counted by its tests.
  total.failed += (counts?.failed ?? 0) || (code === 0 ? 0 : 1)
  report.push(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${Math.round((Date.now() - started) / 1000)} s)`)
}
console.log(`\n${report.join('\n')}\n`)
console.log(countsLine(total))
process.exit(total.failed === 0 ? 0 : 1)

/** Runs a step with its output shown; the counts are those of its last line, if it has any. */
function step([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let tail = ''
    child.stdout.on('data', (data) => {
      process.stdout.write(data)
      tail = (tail + data).slice(-2000)
    })
    child.on('close', (code) => resolve({ code, counts: readCounts(tail.trim().split('\n').at(-1) ?? '') }))
  })
}
