import { beforeEach, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { Vault } from '../../../main/profile/vault'
import { DocumentFacts } from '../../../main/search/document-facts'
import { readFacts } from '../../../main/search/read-facts'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { toText } from '../../../preload/text'
import { randomFrom } from '../../support/random'

const random = randomFrom(3)
const id = hex(random.bytes(32))
let disk: MemoryDisk
let vault: Vault
let facts: DocumentFacts
let text: string
let told: (readonly string[])[]

const open = async () => {
  const opened = new DocumentFacts({
    read: async () => {
      const reading = readFacts(text)
      for (;;) {
        const { done, value } = reading.next()
        if (done) return value
      }
    },
    onTags: (ids) => told.push(ids),
  })
  await opened.open(vault)
  return opened
}

beforeEach(async () => {
  disk = new MemoryDisk()
  const store = new MemoryStore(disk)
  await store.open()
  vault = new Vault({ store, key: random.bytes(32), random: (size) => random.bytes(size) })
  told = []
  facts = await open()
})

/** Stores a text; resolves to true if a record was written. */
async function stored(written: string, held: number, isLast = false): Promise<boolean> {
  text = written
  const before = [...disk.values.values()].map(hex).join()
  await facts.stored(id, { text: toText(text), held, isLast })
  return before !== [...disk.values.values()].map(hex).join()
}

it('tags and links are written when they change, the number of changes at the end', async () => {
  expect(await stored('A #boat and [[Plan]].', 1)).toBe(true)
  expect(await stored('A #boat and [[Plan]], more.', 2)).toBe(false)
  expect(facts.isFresh(id, 2)).toBe(true)
  expect(await stored('A #boat and [[Plans]], more.', 3)).toBe(true)
  expect(await stored('A #boat and [[Plans]].', 4)).toBe(false)
  // A crash here loses no more than the number.
  let again = await open()
  expect([again.isFresh(id, 3), again.tagsOf(id), again.linkingTo('plans')]).toEqual([true, ['boat'], [id]])
  expect(await stored('A #boat and [[Plans]].', 4, true)).toBe(true)
  expect(await stored('A #boat and [[Plans]].', 4, true)).toBe(false)
  again = await open()
  expect(again.isFresh(id, 4)).toBe(true)
})

it('of a text without tags only the number at the end is written', async () => {
  expect(await stored('words', 1)).toBe(false)
  expect(await stored('more words', 2, true)).toBe(true)
  expect((await open()).isFresh(id, 2)).toBe(true)
  expect(told).toEqual([])
})

it('what the disk refused is written at the end', async () => {
  disk.full = true
  expect(await stored('A #boat.', 1)).toBe(false)
  disk.full = false
  expect(await stored('A #boat.', 1, true)).toBe(true)
  expect((await open()).tagsOf(id)).toEqual(['boat'])
})
