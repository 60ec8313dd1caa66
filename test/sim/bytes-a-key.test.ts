import { afterEach, expect, it } from 'vitest'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import type { Write } from '../../main/storage/store'
import { Workspace } from '../../main/workspace/workspace'
import { InlineReplicas } from '../support/inline-replica'
import { inlineSearch } from '../support/inline-search'
import { ManualClock } from '../support/manual-clock'
import { randomFrom } from '../support/random'
import { SimInternet, SimNetwork } from '../support/sim-network'

/** Least size of a synced write, and the steps in which it grows, in bytes. */
const page = 4_096
const text = `# Title\n\n${'Some words of a text.\n'.repeat(3_000)}`

/** A store that counts the pages that its writes take. */
class CountingStore extends MemoryStore {
  pages = 0

  override async write(writes: readonly Write[]): Promise<void> {
    const size = writes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0)
    this.pages += Math.ceil(size / page)
    await super.write(writes)
  }
}

const clock = new ManualClock()
const random = randomFrom(1)
const replicas = new InlineReplicas(() => clock.now())
const world = new SimInternet({ clock, random })
const disk = new MemoryDisk()
let workspace: Workspace | null = null

async function start(): Promise<{ workspace: Workspace; store: CountingStore }> {
  const store = new CountingStore(disk)
  workspace = new Workspace({
    environment: { clock, random: (size) => random.bytes(size) },
    store,
    network: new SimNetwork({ world, name: 'ada' }),
    startReplica: replicas.start,
    startSearch: inlineSearch,
    masterKey: async () => Buffer.alloc(32, 7),
    name: 'Ada',
  })
  await workspace.open()
  return { workspace, store }
}

afterEach(async () => {
  replicas.release()
  await workspace?.close()
  replicas.freeAll()
})

it('ten minutes of typing in a long text write little more than a page for each key', async () => {
  const { workspace, store } = await start()
  const document = await workspace.createDocument({ text })
  await clock.advance(60_000)
  store.pages = 0
  const keys = 600
  for (let key = 0; key < keys; key++) {
    await document.edit([{ from: text.length + key, to: text.length + key, insert: 'x' }])
    await clock.advance(1_000)
  }
  await document.close()
  expect(store.pages / keys).toBeGreaterThanOrEqual(1)
  expect(store.pages / keys).toBeLessThan(1.2)

  // The time of the last edit and the text are stored with the last of them.
  expect(workspace.summaries()[0]?.editedAt).toBeGreaterThan(clock.now() - 2_000)
})

it('a program that was killed shows the text of at most half a minute before, at once', async () => {
  const first = await start()
  const document = await first.workspace.createDocument({ text })
  await clock.advance(60_000)
  await document.edit([{ from: 9, to: 9, insert: 'Typed early. ' }])
  await clock.advance(31_000)
  await document.edit([{ from: 9, to: 9, insert: 'Typed late. ' }])
  await clock.advance(1_000)
  first.store.crash()
  replicas.hold()
  const { workspace } = await start()
  const shown = await workspace.document(document.id)
  expect(shown.opened().status.loading).toBe(true)
  expect(await shown.text()).toBe(text.replace('Some', 'Typed early. Some'))
  expect(workspace.summaries()[0]?.editedAt).toBeGreaterThan(clock.now() - 40_000)
})
