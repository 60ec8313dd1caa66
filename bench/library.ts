import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openWorkspace } from '../main/headless'
import { keysFromWrite } from '../main/keys/derive'
import { endApp, startApp } from '../scripts/lib/app.mjs'
import { randomFrom } from '../test/support/random'
import { limit } from './desk'
import { keepMany } from './kept-profile'
import { Place, pause } from './place'
import { report } from './report'
import { Role, released, roleOptions, tell } from './role'
import { settledMemory } from './settled-memory'

const counts = [10, 1_000, 10_000]
/** Characters in each document. */
const characters = 20
const settling = { every: 10_000, looks: 3, share: 0.02, limit: 240_000 }

interface StarterOptions {
  readonly directory: string
  readonly bootstrap: { host: string; port: number }[]
}

/** Spans in ms, and memory in bytes. */
interface Started {
  /** From the start of the profile to the list of its documents. */
  readonly toList: number
  /** From there to a document that is asked for. */
  readonly toDocument: number
  /** The longest that the main thread was held up until then. */
  readonly longestHold: number
  /** Memory with one document open, once it has settled. */
  readonly settled: number
}

/** Spans in ms, and memory of each process in MB. */
interface Shown {
  /** From the start of the app to the first row of the library. */
  readonly toList: number
  /** From the click on a row to the editor. */
  readonly toEditor: number
  readonly memory: ReadonlyMap<string, number>
}

const starter = roleOptions<StarterOptions>('starter')
if (starter) await start(starter)
else await measure()

/** Libraries with few and with many documents: the list, a document of it, memory; without a window and with one. */
async function measure(): Promise<void> {
  const place = await Place.open()
  const { bootstrap } = place
  const first: { started: Started | null; shown: Shown | null } = { started: null, shown: null }
  for (const count of counts) {
    const directory = place.folder()
    const random = randomFrom(count)
    const all = Array.from({ length: count }, () => keysFromWrite(random.bytes(32)))
    await keepMany(directory, place, all, characters)
    const name = `a library of ${count}`
    const child = new Role<Started>('starter', { directory, bootstrap } satisfies StarterOptions, [
      '--expose-gc',
    ])
    const started = await child.next()
    await child.end()
    first.started ??= started
    const more = (started.settled - first.started.settled) / 2 ** 20
    report(`${name}: start to list`, started.toList, 'ms', 1_200)
    report(`${name}: list to the first document`, started.toDocument, 'ms')
    report(`${name}: the same beside 10`, started.toDocument / first.started.toDocument, 'times')
    report(`${name}: the longest hold of the main thread until then`, started.longestHold, 'ms')
    report(`${name}: memory, one document open`, started.settled / 2 ** 20, 'MB')
    report(`${name}: memory above that with 10`, more, 'MB', count > 1_000 ? 100 : 20)
    const shown = await show(directory, place)
    first.shown ??= shown
    report(`${name}: start of the app to its list`, shown.toList, 'ms')
    report(`${name}: the same beside 10`, shown.toList / first.shown.toList, 'times')
    report(`${name}: click to the editor`, shown.toEditor, 'ms')
    report(`${name}: the same beside 10`, shown.toEditor / first.shown.toEditor, 'times')
    for (const [kind, memory] of shown.memory) report(`${name}: own memory of the app, ${kind}`, memory, 'MB')
  }
  await place.close()
}

async function start({ directory, bootstrap }: StarterOptions): Promise<void> {
  const holds = monitorEventLoopDelay({ resolution: 5 })
  holds.enable()
  const began = performance.now()
  const workspace = await openWorkspace({ directory, bootstrap })
  const last = workspace.summaries().at(-1)
  if (!last) throw new Error('this profile has no document')
  const listed = performance.now()
  const document = await workspace.document(last.id)
  await document.edit([{ from: 0, to: 0, insert: 'x' }])
  const opened = performance.now()
  const longestHold = holds.max / 1e6
  tell({
    toList: listed - began,
    toDocument: opened - listed,
    longestHold,
    settled: await settledMemory(settling),
  } satisfies Started)
  await released()
  process.exit(0)
}

/** Starts the app, clicks on the row that is furthest down in sight, and waits for its text. */
async function show(profile: string, { bootstrap: nodes }: Pick<Place, 'bootstrap'>): Promise<Shown> {
  const executable = process.env.SWARMPAD_RUNTIME ?? ''
  const bootstrap = nodes.map(({ host, port }) => `${host}:${port}`).join(',')
  const began = performance.now()
  const { app, page } = await startApp({ executable, profile, bootstrap })
  page.setDefaultTimeout(limit)
  // A title may have become that of the text, which is read in idle time.
  const row = page.getByRole('navigation', { name: 'Documents' }).locator('.title').nth(7)
  await row.waitFor()
  const toList = performance.now() - began
  const clicked = performance.now()
  await row.click()
  await page.getByRole('textbox', { name: 'Document text' }).waitFor()
  const toEditor = performance.now() - clicked
  await pause(60_000)
  const memory = memoryOf(app.process().pid ?? 0)
  await endApp(app)
  return { toList, toEditor, memory }
}

/** Memory of a process and of those that it started, private to each, in MB by kind. */
function memoryOf(main: number): ReadonlyMap<string, number> {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=']).toString().trim().split('\n')
  const parents = new Map(rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]))
  const isOwn = (process: number): boolean =>
    process === main || (process > 1 && isOwn(parents.get(process) ?? 0))
  const found = new Map<string, number>()
  for (const process of parents.keys()) {
    if (!isOwn(process)) continue
    const type = /--type=([a-z-]+)/.exec(readFileSync(`/proc/${process}/cmdline`, 'utf8'))?.[1]
    const kind = type ?? (process === main ? 'main' : 'other')
    const text = readFileSync(`/proc/${process}/smaps_rollup`, 'utf8')
    const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024
    found.set(kind, (found.get(kind) ?? 0) + megabytes('Private_Clean') + megabytes('Private_Dirty'))
  }
  return found
}
