import { beforeEach, expect, it } from 'vitest'
import { AllowedSites } from '../../../main/library/allowed-sites'
import { Vault } from '../../../main/profile/vault'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { randomFrom } from '../../support/random'

const [here, elsewhere] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string]
let disk: MemoryDisk
const open = () => {
  const store = new MemoryStore(disk)
  return new AllowedSites(new Vault({ store, key: Buffer.alloc(32, 1), random: randomFrom(1).bytes }))
}
beforeEach(() => {
  disk = new MemoryDisk()
})

it('a site is allowed for one document, also after a restart', async () => {
  await open().add(here, 'https://example.org')
  const sites = open()
  expect(await sites.has(here, 'https://example.org')).toBe(true)
  expect(await sites.has(here, 'http://example.org')).toBe(false)
  expect(await sites.has(elsewhere, 'https://example.org')).toBe(false)
})

it('the first sites are forgotten beyond a hundred', async () => {
  const sites = open()
  for (let index = 0; index <= 100; index++) await sites.add(here, `https://s${index}.example`)
  expect(await sites.has(here, 'https://s0.example')).toBe(false)
  expect(await sites.has(here, 'https://s1.example')).toBe(true)
})

it('a damaged record asks again', async () => {
  await open().add(here, 'https://example.org')
  for (const key of disk.values.keys()) disk.values.set(key, Buffer.from('damaged'))
  expect(await open().has(here, 'https://example.org')).toBe(false)
})
