import { afterEach, expect, it } from 'vitest'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import type { SharedDocument } from '../../main/workspace/shared-document'
import { Workspace } from '../../main/workspace/workspace'
import type { LibraryChange } from '../../preload/contract/library'
import { InlineReplicas } from '../support/inline-replica'
import { inlineSearch } from '../support/inline-search'
import { ManualClock } from '../support/manual-clock'
import { randomFrom } from '../support/random'
import { SimInternet, SimNetwork } from '../support/sim-network'

const clock = new ManualClock()
const random = randomFrom(54)
const world = new SimInternet({ clock, random })
const replicas = new InlineReplicas(() => clock.now())
const workspaces: Workspace[] = []
afterEach(async () => {
  for (const workspace of workspaces.splice(0)) await soon(workspace.close())
  replicas.freeAll()
})

async function start(name: string, disk: MemoryDisk): Promise<Workspace> {
  const workspace = new Workspace({
    environment: { clock, random: (size) => random.bytes(size) },
    store: new MemoryStore(disk),
    network: new SimNetwork({ world, name }),
    startReplica: replicas.start,
    startSearch: inlineSearch,
    masterKey: async () => Buffer.alloc(32, 7),
    name,
  })
  workspaces.push(workspace)
  await soon(workspace.open())
  return workspace
}

/** Moves the clock on until a promise has settled. */
async function soon<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false
  const settled = () => {
    isSettled = true
  }
  promise.then(settled, settled)
  for (let spent = 0; spent < 60_000 && !isSettled; spent += 50) await clock.advance(50)
  return promise
}

async function end(workspace: Workspace): Promise<void> {
  workspaces.splice(workspaces.indexOf(workspace), 1)
  await soon(workspace.close())
}

const textOf = async (document: SharedDocument) => document.opened().text

it('a library whose logs rest brings what others write, tells of what changed alone, and loses nothing', async () => {
  const disk = new MemoryDisk()
  const first = await start('ada', disk)
  const ids: string[] = []
  for (let place = 0; place < 6; place++) {
    const document = await soon(first.createDocument({ title: `Title ${place}`, text: 'text' }))
    ids.push(document.id)
    await soon(document.saved())
    if (place === 0) await soon(document.link('write'))
    await soon(document.close())
  }
  const [shared = expect.fail()] = ids
  const opened = await soon(first.document(shared))
  const link = await soon(opened.link('write'))
  const other = await start('ben', new MemoryDisk())
  const theirs = await soon(other.openDocument(link))
  for (let spent = 0; spent < 60_000 && !(await textOf(theirs)).includes('Title 0'); spent += 250)
    await clock.advance(250)
  await clock.advance(10_000)
  await soon(opened.close())
  await soon(theirs.close())
  await end(first)
  await clock.advance(120_000)

  const again = await start('ada', disk)
  const before = again.summaries()
  const heard: LibraryChange[] = []
  again.on('documents', (change) => heard.push(change))
  await clock.advance(300_000)
  // Nothing changed: the list that was read holds.
  expect(heard).toEqual([])
  expect(again.summaries()).toEqual(before)

  const writing = await soon(other.document(shared))
  await soon(writing.edit([{ from: 0, to: 0, insert: 'News! ' }]))
  await clock.advance(30_000)
  await soon(writing.close())
  await clock.advance(300_000)
  expect(new Set(heard.flatMap(({ changed }) => changed.map(({ id }) => id)))).toEqual(new Set([shared]))
  // It came while nobody looked at it here.
  await end(other)
  const mine = await soon(again.document(shared))
  await soon(mine.settled())
  expect(await textOf(mine)).toContain('News! ')
  await soon(mine.close())
  for (const [place, id] of ids.entries()) {
    const document = await soon(again.document(id))
    await soon(document.settled())
    expect(await textOf(document)).toContain(`Title ${place}`)
    await soon(document.close())
  }
})
