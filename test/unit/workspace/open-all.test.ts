import { describe, expect, it, vi } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { hex } from '../../../main/base/hex'
import { keysFromWrite } from '../../../main/keys/derive'
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
import { keptTerms } from '../../support/terms'

const random = randomFrom(5)
const clock = new ManualClock()
const journal = (id: string) => Buffer.concat([Buffer.from('j'), Buffer.from(id, 'hex')])

/** A repo of three documents, each of which has a journal that is noted; `has` looks for one. */
async function start(has: (repo: Repo, id: string) => Promise<boolean>) {
  const documents = new Map(
    [1, 2, 3].map(() => keysFromWrite(random.bytes(32))).map((keys) => [hex(keys.documentId), keys]),
  )
  const repo = new Repo({
    store: new MemoryStore(),
    network: new SimNetwork({ world: new SimInternet({ clock, random }), name: 'ada' }),
    environment: { clock, random: (size) => random.bytes(size) },
    freeSpace: null,
    records: notedRecords,
    terms: (id) => {
      const keys = documents.get(id) ?? expect.fail()
      return keptTerms(keys, random.bytes(32))
    },
  })
  await repo.open({ secret: async () => random.bytes(32), load: async () => undefined })
  const ids = [...documents.keys()]
  await repo.store.write(ids.map((id) => ({ key: journal(id), value: random.bytes(8) })))
  const library = {
    damaged: 0,
    recorded: new Set(),
    journals: { has: (id: string) => has(repo, id) },
    shown: ids.map((id) => [id, { title: '' }]),
    entries: new Map(ids.map((id) => [id, { title: '', removedAt: null }])),
  }
  const opening = () =>
    openAll({
      repo,
      library: library as unknown as Library,
      person: { isLost: false } as Person,
      notices: new Notices(() => expect.fail('there is nothing to warn of')),
    })
  return { repo, ids, opening }
}

describe('opening all documents', () => {
  it('looks for no further journal when the profile is closed meanwhile, and does not fail', async () => {
    const has = vi.fn(async (repo: Repo, id: string) => {
      const found = await repo.store.get(journal(id))
      await repo.close()
      return found !== null
    })
    const { repo, ids, opening } = await start(has)
    await opening()
    expect(has).toHaveBeenCalledTimes(1)
    expect(ids.map((id) => repo.find(id))).toEqual(ids.map(() => null))
  })

  it('opens the others and the document too when the look for a journal fails', async () => {
    const { repo, ids, opening } = await start(async (_, id) => {
      if (id === ids[1]) throw new SwarmpadError('STORE_DAMAGED', { part: 'database' })
      return true
    })
    await opening()
    expect(ids.map((id) => repo.find(id)?.id)).toEqual(ids)
    await repo.close()
  })
})
