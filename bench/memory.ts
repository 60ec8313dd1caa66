import { hex } from '../main/base/hex'
import { openWorkspace } from '../main/headless'
import { keysFromWrite } from '../main/keys/derive'
import { randomFrom } from '../test/support/random'
import { keepMany } from './kept-profile'
import { Place } from './place'
import { report } from './report'
import { Role, released, roleOptions, tell } from './role'
import { settledMemory } from './settled-memory'

const settling = { every: 1_000, looks: 5, share: 0.01, limit: 90_000 }

interface HolderOptions {
  readonly directory: string
  readonly bootstrap: { host: string; port: number }[]
  readonly id: string
}

/** Resident memory in bytes: of all, before and after one document was opened. */
interface Held {
  readonly kept: number
  readonly heap: number
  readonly withOpen: number
}

const holder = roleOptions<HolderOptions>('holder')
if (holder) await hold(holder)
else await measure()

/** Memory of a program that keeps many documents in sync, of which one is open. */
async function measure(): Promise<void> {
  const random = randomFrom(7)
  const place = await Place.open()
  const held = new Map<number, Held>()
  for (const count of [1, 1_000]) {
    const directory = place.folder()
    const all = Array.from({ length: count }, () => keysFromWrite(random.bytes(32)))
    await keepMany(directory, place, all)
    const id = hex(all[0]?.documentId ?? Buffer.alloc(0))
    const options: HolderOptions = { directory, bootstrap: place.bootstrap, id }
    const child = new Role<Held>('holder', options, ['--expose-gc'])
    held.set(count, await child.next())
    await child.end()
  }
  const mega = (bytes: number) => bytes / 1024 / 1024
  for (const [count, { kept, heap, withOpen }] of held) {
    const name = `${count} kept ${count === 1 ? 'document' : 'documents'}`
    report(`memory with ${name}, none open`, mega(kept), 'MB', 200)
    report(`of that on the JavaScript heap, ${name}`, mega(heap), 'MB')
    report(`memory with ${name}, one open (its thread included)`, mega(withOpen), 'MB')
    report(`an open document's thread, ${name}`, mega(withOpen - kept), 'MB')
  }
  const [one, many] = [held.get(1)?.kept ?? 0, held.get(1_000)?.kept ?? 0]
  report('a kept document more', (many - one) / 999 / 1024, 'kB')
  await place.close()
}

async function hold({ directory, bootstrap, id }: HolderOptions): Promise<void> {
  const workspace = await openWorkspace({ directory, bootstrap })
  await workspace.setOffline(false)
  const kept = await settledMemory(settling)
  const heap = process.memoryUsage().heapUsed
  const document = await workspace.document(id)
  await document.saved()
  const withOpen = await settledMemory(settling)
  tell({ kept, heap, withOpen } satisfies Held)
  await released()
  process.exit(0)
}
