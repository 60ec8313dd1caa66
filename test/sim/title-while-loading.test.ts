import { afterEach, expect, it } from 'vitest'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import { Workspace } from '../../main/workspace/workspace'
import { InlineReplicas } from '../support/inline-replica'
import { inlineSearch } from '../support/inline-search'
import { ManualClock } from '../support/manual-clock'
import { randomFrom } from '../support/random'
import { SimInternet, SimNetwork } from '../support/sim-network'

const clock = new ManualClock()
const random = randomFrom(1)
const replicas = new InlineReplicas(() => clock.now())
const workspace = new Workspace({
  environment: { clock, random: (size) => random.bytes(size) },
  store: new MemoryStore(new MemoryDisk()),
  network: new SimNetwork({ world: new SimInternet({ clock, random }), name: 'ada' }),
  startReplica: replicas.start,
  startSearch: inlineSearch,
  masterKey: async () => Buffer.alloc(32, 7),
  name: 'Ada',
})
afterEach(async () => {
  await workspace.close()
  replicas.freeAll()
})

it('a title that is typed while the document loads is in the library once it is loaded', async () => {
  await workspace.open()
  replicas.hold()
  const document = await workspace.createDocument()
  await document.edit([{ from: 0, to: 0, insert: '# Train journeys' }])
  await clock.advance(5_000)
  expect(workspace.documents()).toMatchObject([{ title: '' }])
  replicas.release()
  await clock.advance(5_000)
  expect(workspace.documents()).toMatchObject([{ title: 'Train journeys' }])
})
