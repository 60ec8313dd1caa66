import { rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { cases } from './cases'
import type { Case } from './cases/case'
import { Group, type Measurable } from './group'
import { type BenchOptions, readOptions, usageText } from './options'
import { type Measured, PointResults } from './results'
import { floors, systems } from './systems'

/** Folder in which peers store, and the file for the results; both given by the program that starts this one. */
const { SWARMPAD_BENCH_WORK: work = '', SWARMPAD_BENCH_RESULTS: file = '' } = process.env

const known = { cases: cases.map(({ name }) => name), systems: systems.map(({ name }) => name) }
const options = read(process.argv.slice(2))
const all = measurable(options)
const merging = known.systems.filter((name) => !floors.includes(name))
const chosen = cases.filter(({ name }) => options.cases.length === 0 || options.cases.includes(name))
const rounds = options.rounds ?? (options.quick ? 1 : 3)
const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}, ${process.platform}`
const measured: Measured[] = []
const failures: string[] = []

console.log(`measuring on ${machine}, ${rounds} times each, in turns`)
for (const { name, wire, durable, signed, sealed } of all)
  console.log(
    `  ${name}: over ${wire}; durable: ${durable}; ${signed ? 'signed' : 'not signed'}; sealed: ${sealed}`,
  )
// A run that was ended early leaves its folders.
rmSync(work, { recursive: true, force: true })
for (const one of chosen) await runCase(one)
process.exit(failures.length === 0 ? 0 : 1)

async function runCase(one: Case): Promise<void> {
  const points = options.points.length > 0 ? options.points : options.quick ? one.quickPoints : one.points
  const names = one.systems ?? merging
  const fit = all.filter(({ adapter }) => names.includes(adapter))
  for (const point of points) {
    const results = new PointResults({ case: one.name, point: one.words(point) }, one.aims?.(point) ?? {})
    for (let round = 0; round < rounds; round++)
      for (let turn = 0; turn < fit.length; turn++) {
        // Each round begins with another system, so that none always has the machine of the one before.
        const system = fit[(turn + round) % fit.length]
        if (system) await measureOnce(one, point, system, results)
      }
    measured.push(...results.measured())
    keep()
    console.log(`\n${results.table(all.map(({ name }) => name))}`)
  }
}

/** Writes all results so far: a run that is ended early keeps what it has measured. */
function keep(): void {
  const about = { machine, quick: options.quick, rounds, systems: all.map(facts) }
  writeFileSync(file, `${JSON.stringify({ ...about, measured, failures }, null, 2)}\n`)
}

async function measureOnce(
  one: Case,
  point: number,
  system: Measurable,
  results: PointResults,
): Promise<void> {
  const group = await Group.open(system, work, one.nodes)
  try {
    await one.measure(group, point, (value) => results.add(system.name, value), options.quick)
  } catch (error) {
    // The lines after the first may name what it was started with, which is a link.
    const [words] = (error instanceof Error ? error.message : String(error)).split('\n')
    failures.push(`${one.name}, ${one.words(point)}, ${system.name}: ${words}`)
    console.log(`  failed: ${failures.at(-1)}`)
  } finally {
    await group.end()
  }
}

function measurable({ systems: wanted, against }: BenchOptions): Measurable[] {
  const [own] = systems
  const list: Measurable[] = systems.map((system) => ({ ...system, adapter: system.name, env: {} }))
  if (own && against) {
    const env = { SWARMPAD_BENCH_BUILT: resolve(against) }
    list.splice(1, 0, { ...own, name: 'before', adapter: own.name, env })
  }
  return list.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
}

function facts({ name, wire, durable, signed, sealed }: Measurable): object {
  return { name, wire, durable, signed, sealed }
}

function read(args: string[]): BenchOptions {
  try {
    if (!args.includes('--help')) return readOptions(args, known)
  } catch (error) {
    console.log(error instanceof Error ? error.message : error)
  }
  console.log(usageText.replace('CASES', known.cases.join(', ')).replace('SYSTEMS', known.systems.join(', ')))
  process.exit(args.includes('--help') ? 0 : 1)
}
