import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LevelStore } from '../../main/storage/level-store'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import type { Range, Store } from '../../main/storage/store'

const all: Range = { gte: Buffer.alloc(0), lt: Buffer.alloc(9, 0xff) }
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const put = (key: Uint8Array, value = key) => ({ key, value })

async function collect(store: Store, range: Range): Promise<[string, string][]> {
  const found: [string, string][] = []
  for await (const [key, value] of store.entries(range)) found.push([hex(key), hex(value)])
  return found
}

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')
const keysIn = async (store: Store, range: Range) => (await collect(store, range)).map(([key]) => key)

/** A place where stores can be opened one after the other. */
interface Place {
  store(): Store
  remove(): Promise<void>
}

const places: Record<string, () => Promise<Place>> = {
  async MemoryStore() {
    const disk = new MemoryDisk()
    return { store: () => new MemoryStore(disk), remove: async () => undefined }
  },
  async LevelStore() {
    const directory = await mkdtemp(join(tmpdir(), 'swarmpad-store-'))
    return {
      store: () => new LevelStore(join(directory, 'made', 'when', 'missing')),
      remove: () => rm(directory, { recursive: true }),
    }
  },
}

describe.each(Object.entries(places))('%s', (_, makePlace) => {
  let place: Place
  let store: Store

  beforeEach(async () => {
    place = await makePlace()
    store = place.store()
    await store.open()
  })

  afterEach(async () => {
    await store.close()
    await place.remove()
  })

  it('gives back what was written, also an empty key and an empty value', async () => {
    await store.write([put(bytes(1), bytes(7, 8)), put(bytes(), bytes(9)), put(bytes(2), bytes())])
    expect(hex((await store.get(bytes(1))) ?? bytes())).toBe('0708')
    expect(hex((await store.get(bytes())) ?? bytes())).toBe('09')
    expect(await store.get(bytes(2))).toHaveLength(0)
    expect(await store.get(bytes(3))).toBeNull()
    expect(await store.get(bytes(1, 0))).toBeNull()
  })

  it('orders keys by their bytes, unsigned, a prefix before what it begins', async () => {
    const keys = [bytes(0x80), bytes(1, 0), bytes(), bytes(0xff), bytes(1), bytes(0x7f), bytes(1, 0, 0)]
    await store.write(keys.map((key) => put(key)))
    expect(await keysIn(store, all)).toEqual(['', '01', '0100', '010000', '7f', '80', 'ff'])
  })

  it('takes gte as inclusive, lt as exclusive', async () => {
    await store.write([1, 2, 3, 4].map((key) => put(bytes(key))))
    expect(await keysIn(store, { gte: bytes(2), lt: bytes(4) })).toEqual(['02', '03'])
    expect(await keysIn(store, { gte: bytes(3), lt: bytes(3) })).toEqual([])
    expect(await keysIn(store, { gte: bytes(4), lt: bytes(1) })).toEqual([])
  })

  it('goes backwards and stops at the limit', async () => {
    await store.write([1, 2, 3, 4].map((key) => put(bytes(key))))
    const range = { gte: bytes(1), lt: bytes(4) }
    expect(await keysIn(store, { ...range, reverse: true })).toEqual(['03', '02', '01'])
    expect(await keysIn(store, { ...range, limit: 2 })).toEqual(['01', '02'])
    expect(await keysIn(store, { ...range, reverse: true, limit: 1 })).toEqual(['03'])
    expect(await keysIn(store, { ...range, limit: 0 })).toEqual([])
    expect(await keysIn(store, { ...range, limit: 9 })).toHaveLength(3)
  })

  it('overwrites and deletes, in the order of the batch', async () => {
    await store.write([put(bytes(1)), put(bytes(2)), put(bytes(3))])
    await store.write([
      { key: bytes(1), value: null },
      put(bytes(2), bytes(20)),
      put(bytes(4)),
      { key: bytes(4), value: null },
      { key: bytes(3), value: null },
      put(bytes(3), bytes(30)),
      { key: bytes(99), value: null },
    ])
    expect(await collect(store, all)).toEqual([
      ['02', '14'],
      ['03', '1e'],
    ])
    await store.write([])
  })

  it('keeps what it was given and gives copies: whoever has the bytes may change them after', async () => {
    const [key, value] = [bytes(1), bytes(5)]
    await store.write([{ key, value }])
    key[0] = 9
    value[0] = 9
    const got = await store.get(bytes(1))
    got?.fill(9)
    for await (const [entryKey, entryValue] of store.entries(all)) {
      entryKey.fill(9)
      entryValue.fill(9)
    }
    expect(await collect(store, all)).toEqual([['01', '05']])
  })

  it('shows an iteration the store as it was when it began', async () => {
    await store.write([put(bytes(1)), put(bytes(2)), put(bytes(3))])
    const seen: string[] = []
    for await (const [key] of store.entries(all)) {
      seen.push(hex(key))
      await store.write([put(bytes(2, 5)), { key: bytes(3), value: null }])
    }
    expect(seen).toEqual(['01', '02', '03'])
    expect(await keysIn(store, all)).toEqual(['01', '02', '0205'])
  })

  it('applies writes in the order they were asked for, though none was waited for', async () => {
    const writes = Array.from({ length: 50 }, (_unused, index) => store.write([put(bytes(1), bytes(index))]))
    await Promise.all(writes)
    expect(await collect(store, all)).toEqual([['01', '31']])
  })

  it('waits for writes under way when it closes, and another one finds them', async () => {
    const write = store.write([put(bytes(1))])
    await store.close()
    await write
    await store.close()
    store = place.store()
    await store.open()
    await store.open()
    expect(await keysIn(store, all)).toEqual(['01'])
  })

  it('rejects with CLOSED after it is closed', async () => {
    await store.close()
    await expect(store.get(bytes(1))).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(collect(store, all)).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(store.write([put(bytes(1))])).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(store.open()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('holds what a sorted map holds, whatever was written', async () => {
    const key = fc.uint8Array({ maxLength: 3 })
    const write = fc.record({ key, value: fc.option(fc.uint8Array({ maxLength: 40 })) })
    const range = fc.record({
      gte: key,
      lt: key,
      reverse: fc.boolean(),
      limit: fc.nat({ max: 20 }),
    })
    const model = new Map<string, string>()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(write), { maxLength: 4 }), range, async (batches, asked) => {
        for (const batch of batches) {
          await store.write(batch)
          for (const { key: name, value } of batch)
            if (value) model.set(hex(name), hex(value))
            else model.delete(hex(name))
        }
        const [from, to] = [hex(asked.gte), hex(asked.lt)]
        const expected = [...model].filter(([name]) => name >= from && name < to).sort(byKey)
        if (asked.reverse) expected.reverse()
        expect(await collect(store, asked)).toEqual(expected.slice(0, asked.limit))
      }),
      { numRuns: 60, seed: 7 },
    )
  })
})

const byKey = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1)
