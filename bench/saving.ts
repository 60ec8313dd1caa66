import { openWorkspace } from '../main/headless'
import type { SharedDocument } from '../main/workspace/shared-document'
import { Place, pause } from './place'
import { percentile, report } from './report'
import { Role, released, roleOptions, tell } from './role'
import { typeProfile } from './typed-profile'

const changes = 60_000
/** How long own edits may take to be saved whatever the replica does, in ms. */
const aim = 1_000
/** Between one word and the next, in ms: as somebody types. */
const rhythm = 150

interface HolderOptions {
  readonly directory: string
  readonly bootstrap: { host: string; port: number }[]
}

const holder = roleOptions<HolderOptions>('holder')
if (holder) await hold(holder)
else await measure()

/** How long own words take to be saved while the replica is kept busy by a long document. */
async function measure(): Promise<void> {
  const place = await Place.open()
  const { bootstrap } = place
  const typed = place.folder()
  const { id, link } = await typeProfile({ directory: typed, place, edits: changes, editsPerChange: 1 })
  const name = `a document of ${changes / 1000}k changes`

  const own = await openWorkspace({ directory: typed, bootstrap })
  const loaded = await own.document(id)
  await typeWhile(`while ${name} loads`, loaded, () => loaded.opened().status.loading)
  await own.close()

  const child = new Role<object>('holder', { directory: typed, bootstrap } satisfies HolderOptions)
  await child.next()
  const fresh = await openWorkspace({ directory: place.folder(), bootstrap })
  const arriving = await fresh.openDocument(link)
  await typeWhile(
    `while ${name} comes from a peer`,
    arriving,
    () => arriving.opened().status.inSyncWith === 0,
  )
  await fresh.close()
  await child.end()
  await place.close()
}

async function typeWhile(what: string, document: SharedDocument, isBusy: () => boolean): Promise<void> {
  const spans: number[] = []
  const saves: Promise<void>[] = []
  const began = performance.now()
  while (isBusy()) {
    const start = performance.now()
    await document.edit([{ from: 0, to: 0, insert: 'word ' }])
    saves.push(document.saved().then(() => void spans.push(performance.now() - start)))
    await pause(rhythm)
  }
  const busy = performance.now() - began
  await Promise.all(saves)
  report(`own words saved, ${what}: how long that was`, busy, 'ms')
  report(`own words saved, ${what}, p50`, percentile(spans, 0.5), 'ms')
  report(`own words saved, ${what}, p95`, percentile(spans, 0.95), 'ms', aim)
}

async function hold({ directory, bootstrap }: HolderOptions): Promise<void> {
  const workspace = await openWorkspace({ directory, bootstrap })
  tell({})
  await released()
  await workspace.close()
}
