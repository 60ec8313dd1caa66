import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openWorkspace } from '../main/headless'
import { keysFromWrite } from '../main/keys/derive'
import { randomFrom } from '../test/support/random'
import { keepMany } from './kept-profile'
import { Place } from './place'
import { report } from './report'
import { Role, released, roleOptions, tell } from './role'

const counts = [10, 1_000, 10_000]

interface StarterOptions {
  readonly directory: string
  readonly bootstrap: { host: string; port: number }[]
}

/** Spans in ms. */
interface Started {
  /** From the start of the profile to the list of its documents. */
  readonly toList: number
  /** From there to a document that is asked for. */
  readonly toDocument: number
  /** The longest that the main thread was held up until then. */
  readonly longestHold: number
}

const starter = roleOptions<StarterOptions>('starter')
if (starter) await start(starter)
else await measure()

/** Starting with few and with many documents, until one of them can be typed into. */
async function measure(): Promise<void> {
  const place = await Place.open()
  const { bootstrap } = place
  let few: Started | null = null
  for (const count of counts) {
    const directory = place.folder()
    const random = randomFrom(count)
    await keepMany(
      directory,
      place,
      Array.from({ length: count }, () => keysFromWrite(random.bytes(32))),
      3,
    )
    const child = new Role<Started>('starter', { directory, bootstrap } satisfies StarterOptions)
    const started = await child.next()
    await child.end()
    few ??= started
    const name = `a profile of ${count} documents`
    report(`starting ${name}: to its list`, started.toList, 'ms')
    report(`starting ${name}: from there to the first document`, started.toDocument, 'ms')
    report(`the same beside one of few, ${name}`, started.toDocument / few.toDocument, 'times')
    report(`starting ${name}: the longest hold of the main thread`, started.longestHold, 'ms')
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
  tell({
    toList: listed - began,
    toDocument: opened - listed,
    longestHold: holds.max / 1e6,
  } satisfies Started)
  await released()
  process.exit(0)
}
