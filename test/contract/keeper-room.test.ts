import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemEnvironment } from '../../main/base/environment'
import { Keeper, storeFolder } from '../../main/keeper/keeper'
import { stateWords } from '../../main/keeper/state'
import { freeSpace } from '../../main/storage/free-space'
import { LevelStore } from '../../main/storage/level-store'
import { DiskProfile } from '../support/disk-profile'
import { duplexPair } from '../support/duplex-pair'
import { unplaced } from '../support/sim-network'
import { ManualNetwork } from '../unit/sync/world'

const plenty = { document: 2 ** 30, profile: 2 ** 30, floor: 0 }
/** More than any disk has. */
const floor = 2 ** 60
let folder: string
const ends: (() => Promise<void>)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-room-'))
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await rm(folder, { recursive: true })
})

/** Starts the keeper with other limits; `notices` is its journal. */
async function start(limits: typeof plenty) {
  const directory = join(folder, 'keeper')
  const network = new ManualNetwork(systemEnvironment.random(32))
  const notices: [level: string, message: string, id: string | null][] = []
  const keeper = new Keeper({
    directory,
    store: new LevelStore(storeFolder(directory)),
    network,
    environment: systemEnvironment,
    limits,
    freeSpace: () => freeSpace(folder),
    holderSeed: Buffer.alloc(32, 5),
    name: '',
    events: { onNotice: (...notice) => notices.push(notice) },
  })
  await keeper.open()
  ends.push(() => keeper.close())
  return { keeper, network, notices }
}

it('S14 a keeper that starts without room says so in its journal and its status', async () => {
  const ada = await DiskProfile.open({ directory: join(folder, 'ada'), name: 'Ada' })
  ends.push(() => ada.close())
  const document = await ada.workspace.createDocument({ text: 'words '.repeat(2_000) })
  const first = await start(plenty)
  const { id } = await first.keeper.add(await document.link('keep'), 'plans')
  const pair = duplexPair()
  const handshakeHash = systemEnvironment.random(64)
  for (const [index, one] of [first.network, ada.network].entries())
    one.emit('connection', {
      stream: pair[index] ?? pair[0],
      isInitiator: index === 0,
      remotePublicKey: (index === 0 ? ada.network : first.network).publicKey,
      handshakeHash,
      ...unplaced,
    })
  await vi.waitFor(() => expect(first.keeper.state().documents[0]?.bytes).toBeGreaterThan(1_000), 20_000)
  await first.keeper.close()
  expect(first.notices.filter(([level]) => level === 'warn')).toEqual([])

  const onFullDisk = await start({ ...plenty, floor })
  expect(onFullDisk.notices).toEqual([['warn', 'Full (disk): nothing new is taken in', null]])
  expect(stateWords(onFullDisk.keeper.state())).toContain('FULL (disk)')
  await onFullDisk.keeper.close()

  const overItsQuota = await start({ ...plenty, document: 1_000 })
  expect(overItsQuota.notices).toEqual([['warn', 'Full (document): nothing new is taken in', id]])
  expect(stateWords(overItsQuota.keeper.state())).toContain('FULL (document)')
})
