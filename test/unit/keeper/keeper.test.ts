import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Keeper } from '../../../main/keeper/keeper'
import { formatLink } from '../../../main/keys/link'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { ManualNetwork, type Site, World } from '../sync/world'

let directory: string
let keeper: Keeper
const world = new World(4)
const disk = new MemoryDisk()
const network = new ManualNetwork(world.random.bytes(32))

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'swarmpad-keeper-'))
  keeper = new Keeper({
    directory,
    store: new MemoryStore(disk),
    network,
    environment: world.environment,
    limits: { document: 2 ** 30, profile: 2 ** 30, floor: 0 },
    freeSpace: async () => 2 ** 30,
    holderSeed: world.random.bytes(32),
    name: '',
    events: { onNotice: () => undefined },
  })
  await keeper.open()
})
afterEach(async () => {
  disk.full = false
  await keeper.close()
  await rm(directory, { recursive: true, maxRetries: 10 })
})

it('forgets when a document was stored last with its log, also where its removal failed', async () => {
  const ada = await world.site('Ada')
  const link = formatLink(world.keys, 'keep')
  const { id } = await keeper.add(link, '')
  const state = () => keeper.state().documents[0] ?? expect.fail('it is kept')
  world.connect(ada, { network } as Site)
  await ada.write()
  await world.until(() => state().changes === 1)
  expect(state().storedAt).toBe(world.clock.now())

  disk.full = true
  await expect(keeper.remove(id)).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
  expect(state()).toMatchObject({ running: false, storedAt: null })
  disk.full = false
  await keeper.add(link, '')
  expect(state()).toMatchObject({ running: true, storedAt: null })
})
