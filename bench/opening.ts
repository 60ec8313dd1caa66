import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openWorkspace, type Workspace } from '../main/headless'
import type { SharedDocument } from '../main/workspace/shared-document'
import { Place, pause } from './place'
import { percentile, report } from './report'
import { Role, released, roleOptions, tell } from './role'
import { typeProfile } from './typed-profile'

const changes = 260_000
const runs = 3

interface OpenerOptions {
  readonly directory: string
  readonly bootstrap: { host: string; port: number }[]
  readonly id: string
}

/** Spans since the profile began to open, in ms. */
interface Opened {
  readonly toWorkspace: number
  readonly toText: number
  readonly toLoaded: number
  /** The longest that the main thread was held up meanwhile, in ms. */
  readonly longestHold: number
  readonly characters: number
}

const opener = roleOptions<OpenerOptions>('opener')
if (opener) await open(opener)
else await measure()

/** Opening a document that was typed with a change a key, in a program that was just started. */
async function measure(): Promise<void> {
  const place = await Place.open()
  const directory = place.folder()
  const { id } = await typeProfile({ directory, place, edits: changes, editsPerChange: 1 })
  const opened = async (): Promise<Opened> => {
    const { bootstrap } = place
    const child = new Role<Opened>('opener', { directory, bootstrap, id } satisfies OpenerOptions)
    const result = await child.next()
    await child.end()
    return result
  }
  // Once open and shut, so that the profile knows the text as it does after a day's work.
  const visit = async (until: (workspace: Workspace) => boolean) => {
    const workspace = await openWorkspace({ directory, bootstrap: place.bootstrap })
    await loaded(await workspace.document(id))
    while (!until(workspace)) await pause(100)
    await workspace.close()
  }
  await visit(() => true)
  const fromLog = await opened()
  await visit((workspace) => workspace.snapshotSize(id) > 0)
  const results: Opened[] = []
  for (let run = 0; run < runs; run++) results.push(await opened())
  const middle = (of: (result: Opened) => number) => percentile(results.map(of), 0.5)
  const name = `a document of ${changes / 1000}k changes`
  report(`opening ${name}: characters`, fromLog.characters, '')
  report(
    'opening a profile, its store',
    middle(({ toWorkspace }) => toWorkspace),
    'ms',
  )
  report(
    `opening ${name}: to its text, from the start of the profile`,
    middle(({ toText }) => toText),
    'ms',
  )
  report(`opening ${name}: to all of it loaded, from the log alone`, fromLog.toLoaded, 'ms')
  report(
    `opening ${name}: to all of it loaded, from a snapshot`,
    middle(({ toLoaded }) => toLoaded),
    'ms',
  )
  report(
    `opening ${name}: the main thread held up, at most`,
    Math.max(fromLog.longestHold, ...results.map(({ longestHold }) => longestHold)),
    'ms',
  )
  await place.close()
}

async function loaded(document: SharedDocument): Promise<void> {
  while (document.opened().status.loading)
    await new Promise<void>((resolve) => {
      const stop = document.on('status', () => {
        stop()
        resolve()
      })
    })
}

async function open({ directory, bootstrap, id }: OpenerOptions): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const started = performance.now()
  const workspace = await openWorkspace({ directory, bootstrap })
  const toWorkspace = performance.now() - started
  const document = await workspace.document(id)
  const { length } = document.opened().text
  const toText = performance.now() - started
  await loaded(document)
  const toLoaded = performance.now() - started
  if (length === 0 || length !== (await document.text()).length)
    throw new Error('another text was shown first')
  const opened: Opened = {
    toWorkspace,
    toText,
    toLoaded,
    longestHold: delay.max / 1e6,
    characters: length,
  }
  tell(opened)
  await released()
  await workspace.close()
}
