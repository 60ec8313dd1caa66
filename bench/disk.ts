import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openWorkspace } from '../main/headless'
import { LevelStore } from '../main/storage/level-store'
import { randomFrom } from '../test/support/random'
import { Place, pause } from './place'
import { report } from './report'
import { Role, roleOptions, tell } from './role'
import { prose } from './text'

/** Lengths of the documents, in characters. */
const sizes = [1_000, 100_000, 5_000_000]
/** How long is typed, and at which rate. */
const minutes = 10
const keysPerSecond = 4
/** Length of a record of the bare database, in bytes: that of a segment with one key. */
const recordSize = 400
/** Aim for a key, in kB. */
const aim = 10

interface TypistOptions {
  readonly directory: string
  readonly bootstrap: { host: string; port: number }[]
  /** Length of the document; 0 for a bare database instead. */
  readonly size: number
}

const typist = roleOptions<TypistOptions>('typist')
if (typist) await type(typist)
else await measure()

/** Disk space that typing writes, all that is stored beside the text included, beside a bare database. Linux only. */
async function measure(): Promise<void> {
  const place = await Place.open()
  const { bootstrap } = place
  const typed = async (size: number): Promise<number> => {
    const child = new Role<{ bytes: number }>('typist', { directory: place.folder(), bootstrap, size })
    const { bytes } = await child.next()
    await child.end()
    return bytes / (minutes * 60 * keysPerSecond) / 1_000
  }
  const [bare = 0, ...all] = await Promise.all([0, ...sizes].map(typed))
  report(`a record of ${recordSize} bytes in a bare database, synced`, bare, 'kB')
  for (const [index, kilobytes] of all.entries()) {
    const name = `a document of ${(sizes[index] ?? 0) / 1_000} kB`
    report(`written to disk a key, ${name}`, kilobytes, 'kB', aim)
    report(`the same beside a record in a bare database, ${name}`, kilobytes / bare, 'times')
  }
  await place.close()
}

async function type({ directory, bootstrap, size }: TypistOptions): Promise<void> {
  if (size === 0) return typeBare(directory)
  const first = await openWorkspace({ directory, bootstrap })
  await first.setOffline(true)
  const { id } = await first.createDocument({ text: prose(randomFrom(17), size) })
  await (await first.document(id)).settled()
  await first.close()
  // Opened again: the database has put what was pasted into its tables by then.
  const workspace = await openWorkspace({ directory, bootstrap })
  const document = await workspace.document(id)
  await document.settled()
  const middle = Math.floor(size / 2)
  const bytes = await written(
    (key) => document.edit([{ from: middle + key, to: middle + key, insert: key % 6 === 5 ? ' ' : 'x' }]),
    async () => {
      await document.close()
      await workspace.close()
    },
  )
  tell({ bytes })
}

async function typeBare(directory: string): Promise<void> {
  const store = new LevelStore(join(directory, 'store'))
  await store.open()
  const bytes = await written(
    (key) => store.write([{ key: Buffer.from(`record ${key}`), value: Buffer.alloc(recordSize, key) }]),
    () => store.close(),
  )
  tell({ bytes })
}

/** Types, and ends; resolves to the bytes that this process wrote to the disk meanwhile. */
async function written(typeKey: (key: number) => Promise<void>, end: () => Promise<void>): Promise<number> {
  const before = writtenBytes()
  const start = performance.now()
  for (let key = 0; key < minutes * 60 * keysPerSecond; key++) {
    await pause(start + (key * 1_000) / keysPerSecond - performance.now())
    await typeKey(key)
  }
  await end()
  return writtenBytes() - before
}

/** Bytes that this process caused to be written to a disk, as Linux counts them. */
function writtenBytes(): number {
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
}
