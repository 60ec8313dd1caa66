import { expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { hex } from '../../../main/base/hex'
import type { Library } from '../../../main/library/library'
import { Repo } from '../../../main/repo/repo'
import { MemoryStore } from '../../../main/storage/memory-store'
import { notedRecords } from '../../../main/workspace/noted-records'
import { Notices } from '../../../main/workspace/notices'
import { openAll } from '../../../main/workspace/open-all'
import type { Person } from '../../../main/workspace/person'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'
import { SimInternet, SimNetwork } from '../../support/sim-network'

const random = randomFrom(5)
const clock = new ManualClock()

it('looks for no further journal when the profile is closed meanwhile, and does not fail', async () => {
  const repo = new Repo({
    store: new MemoryStore(),
    network: new SimNetwork({ world: new SimInternet({ clock, random }), name: 'ada' }),
    environment: { clock, random: (size) => random.bytes(size) },
    freeSpace: null,
    records: notedRecords,
    terms: () => expect.fail('no log is opened'),
  })
  await repo.open({ secret: async () => random.bytes(32), load: async () => undefined })
  const ids = [random.bytes(32), random.bytes(32), random.bytes(32)]
  const journal = (id: Uint8Array) => Buffer.concat([Buffer.from('j'), id])
  await repo.store.write(ids.map((id) => ({ key: journal(id), value: random.bytes(8) })))
  let looks = 0
  const has = async (id: string): Promise<boolean> => {
    looks++
    const found = await repo.store.get(journal(Buffer.from(id, 'hex')))
    await repo.close()
    return found !== null
  }
  const shown = ids.map((id) => [hex(id), { title: '' }])
  const library = { damaged: 0, recorded: new Set(), journals: { has }, shown }
  await openAll({
    repo,
    library: library as unknown as Library,
    person: { isLost: false } as Person,
    notices: new Notices(() => expect.fail('there is nothing to warn of')),
  })
  expect(looks).toBe(1)
  await expect(repo.store.get(journal(random.bytes(32)))).rejects.toBeInstanceOf(SwarmpadError)
})
