import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crc32c } from '../../../main/storage/crc32c'
import { tablesOf } from '../../../main/storage/level-manifest'
import { LevelStore } from '../../../main/storage/level-store'
import { isTableWhole, mendTable } from '../../../main/storage/level-tables'
import { unsnap } from '../../../main/storage/snappy'
import { fuzz, mutated } from '../../support/fuzz'
import { randomFrom } from '../../support/random'

let folder: string
const tables: Buffer[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-tables-'))
  const random = randomFrom(4)
  // What cannot be compressed and what can, in one block and in many; a table is made when it is opened again.
  for (const count of [1, 40, 3_000]) {
    const directory = join(folder, String(count))
    const value = (n: number) => (n % 3 === 0 ? Buffer.alloc(300, 'text ') : random.bytes(120))
    for (const round of [1, 2]) {
      const store = new LevelStore(directory)
      await store.open()
      const writes = Array.from({ length: count }, (_, n) => ({
        key: Buffer.from(`${round} ${n}`),
        value: value(n),
      }))
      await store.write(writes)
      await store.close()
    }
    for (const name of await readdir(directory))
      if (name.endsWith('.ldb')) tables.push(await readFile(join(directory, name)))
  }
})
afterAll(() => rm(folder, { recursive: true }))

describe('a table of the database', () => {
  it('as LevelDB wrote it is whole', () => {
    expect(tables.length).toBeGreaterThanOrEqual(3)
    expect(tables.map((table) => isTableWhole(table, table.length))).toEqual(tables.map(() => true))
  })

  it('is not with any bit changed that LevelDB reads', () => {
    const table = tables[0] ?? expect.fail()
    const footer = table.length - 48
    // Behind the places of the last two blocks stand zeros that nobody reads, and that a number may go on into.
    const isRead = (place: number, bit: number) =>
      place < footer || place >= table.length - 8 || (table[place] !== 0 && bit < 7)
    for (let place = 0; place < table.length; place++)
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(table)
        changed[place] = (table[place] ?? 0) ^ (1 << bit)
        if (isRead(place, bit))
          expect(isTableWhole(changed, changed.length), `byte ${place}, bit ${bit}`).toBe(false)
      }
  })

  it('that was changed in any way is looked at without an error', () => {
    fuzz(2_000, mutated(tables), ({ bytes, of }) => {
      if (isTableWhole(bytes, bytes.length))
        expect(bytes.length).toBeGreaterThanOrEqual(tables[of]?.length ?? 0)
    })
  })
})

describe('a database of which a table is damaged', () => {
  /** Rows of a store that is opened and closed, and whether it was doubtful. */
  async function read(directory: string): Promise<{ rows: Map<string, string>; isDoubtful: boolean }> {
    const store = new LevelStore(directory)
    await store.open()
    const { isDoubtful } = store
    const rows = new Map<string, string>()
    for await (const [key, value] of store.entries({ gte: Buffer.of(0), lt: Buffer.of(255) }))
      rows.set(Buffer.from(key).toString(), Buffer.from(value).toString('latin1'))
    await store.close()
    return { rows, isDoubtful }
  }

  const tableIn = async (directory: string): Promise<string> =>
    join(directory, (await readdir(directory)).find((file) => file.endsWith('.ldb')) ?? expect.fail())

  let copies = 0
  /** Opens a copy of the database with 6,000 rows after a change to its first table. */
  async function withTable(change: (table: Buffer) => Buffer) {
    const directory = join(folder, `copy ${++copies}`)
    await cp(join(folder, '3000'), directory, { recursive: true })
    const path = await tableIn(directory)
    await writeFile(path, change(await readFile(path)))
    return { directory, path, ...(await read(directory)) }
  }

  let written: Map<string, string>
  /** Rows of the first table. */
  let first: string[]
  beforeAll(async () => {
    written = (await withTable((table) => table)).rows
    first = [...written.keys()].filter((key) => key.startsWith('1 '))
    expect([written.size, first.length]).toEqual([6_000, 3_000])
  })

  /** Keys of rows that are not there, and of those that are not what was written. */
  const differences = (rows: Map<string, string>) => ({
    lost: [...written.keys()].filter((key) => !rows.has(key)),
    altered: [...rows.keys()].filter((key) => rows.get(key) !== written.get(key)),
  })

  it('gives all rows but those of the block that is', async () => {
    const random = randomFrom(11)
    const tally = { nothing: 0, one: 0, block: 0 }
    for (let round = 0; round < 60; round++) {
      const { directory, path, rows, isDoubtful } = await withTable((table) => {
        const at = random.below(table.length)
        table[at] = (table[at] ?? 0) ^ (1 << random.below(8))
        return table
      })
      const { lost, altered } = differences(rows)
      // A block has 4 KiB of rows, and what is altered in a compressed one may stand for more.
      expect(lost.length + altered.length).toBeLessThan(40)
      if (lost.length > 1) tally.block++
      else if (lost.length + altered.length > 0) tally.one++
      else tally.nothing++
      // In the padding of the footer a bit says nothing.
      if (!isDoubtful) expect([lost, altered]).toEqual([[], []])
      const size = (await tablesOf(directory))?.get(Number.parseInt(basename(path), 10)) ?? expect.fail()
      expect(isTableWhole(await readFile(path), size)).toBe(true)
    }
    expect(tally.one).toBeGreaterThan(20)
    expect(tally.block).toBeGreaterThan(1)
  })

  it('gives all of them where only its index or its end is', async () => {
    for (const fromEnd of [1, 8, 41, 47, 60, 300]) {
      const { rows, isDoubtful } = await withTable((table) => {
        table[table.length - fromEnd] = (table[table.length - fromEnd] ?? 0) ^ 4
        return table
      })
      expect([differences(rows), isDoubtful], `byte ${fromEnd} from its end`).toEqual([
        { lost: [], altered: [] },
        true,
      ])
    }
  })

  it('gives those before where the rest of it is cut off, and all others', async () => {
    for (const part of [0, 0.1, 0.5, 0.9]) {
      const { rows } = await withTable((table) => table.subarray(0, Math.floor(table.length * part)))
      const { lost, altered } = differences(rows)
      expect(altered).toEqual([])
      expect(lost).toEqual(first.slice(first.length - lost.length))
      expect(Math.abs(lost.length / first.length - (1 - part))).toBeLessThan(0.1)
    }
  })

  it('takes writes, and is written anew', async () => {
    const { directory } = await withTable((table) => {
      table.fill(0x55, 5_000, 15_000)
      return table
    })
    const store = new LevelStore(directory)
    await store.open()
    expect(store.isDoubtful).toBe(true)
    for (const key of written.keys()) {
      const value = await store.get(Buffer.from(key))
      if (value) expect(Buffer.from(value).toString('latin1')).toBe(written.get(key))
      else
        await store.write([{ key: Buffer.from(key), value: Buffer.from(written.get(key) ?? '', 'latin1') }])
    }
    await store.compact({ gte: Buffer.of(0), lt: Buffer.of(255) })
    await store.noteLookedThrough()
    await store.close()
    const { rows, isDoubtful } = await read(directory)
    expect([differences(rows), isDoubtful]).toEqual([{ lost: [], altered: [] }, false])
    const tables = (await tablesOf(directory)) ?? expect.fail()
    for (const name of await readdir(directory))
      if (name.endsWith('.ldb'))
        expect(
          isTableWhole(await readFile(join(directory, name)), tables.get(Number.parseInt(name, 10))),
        ).toBe(true)
  })

  it('is mended again where a mended table is damaged, and where a process died while it mended', async () => {
    const { directory, path } = await withTable((table) => table.fill(0, 9_000, 9_500))
    for (const at of [-1, -30, 20_000, 40_000]) {
      const table = await readFile(path)
      const place = at < 0 ? table.length + at : at
      table[place] = (table[place] ?? 0) ^ 0x40
      await writeFile(path, table)
      await writeFile(`${path}.mended.part`, table.subarray(0, 100))
      const { rows } = await read(directory)
      const { lost, altered } = differences(rows)
      expect(lost.length).toBeLessThan(100)
      expect(altered.length).toBeLessThan(40)
      expect((await readdir(directory)).filter((name) => name.includes('.part'))).toEqual([])
    }
  })

  it('and is not there at all is told of, and the others are left as they are', async () => {
    const directory = join(folder, `copy ${++copies}`)
    await cp(join(folder, '3000'), directory, { recursive: true })
    const path = await tableIn(directory)
    const table = await readFile(path)
    await rm(path)
    await expect(new LevelStore(directory).open()).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await writeFile(path, table)
    expect(differences((await read(directory)).rows)).toEqual({ lost: [], altered: [] })
  })
})

it('a table that was changed in any way is mended to one that is whole and can be read', () => {
  fuzz(300, mutated(tables), ({ bytes, of }) => {
    const size = tables[of]?.length ?? 0
    expect(isTableWhole(mendTable(bytes, size), size)).toBe(true)
  })
})

it('the tables that a manifest lists are those that are there', async () => {
  const directory = join(folder, 'manifest')
  for (let round = 0; round < 12; round++) {
    const store = new LevelStore(directory)
    await store.open()
    await store.write([{ key: Buffer.alloc(3_000, 97 + (round % 5)), value: Buffer.alloc(round) }])
    if (round % 4 === 3) await store.compact({ gte: Buffer.of(0), lt: Buffer.of(255) })
    await store.close()
    const listed = (await tablesOf(directory)) ?? expect.fail()
    const found = new Map<number, number>()
    for (const name of await readdir(directory))
      if (name.endsWith('.ldb'))
        found.set(Number.parseInt(name, 10), (await readFile(join(directory, name))).length)
    expect(new Map([...listed].sort())).toEqual(new Map([...found].sort()))
  }
})

it('CRC-32C gives what RFC 3720 lists (B.4)', () => {
  const ascending = Buffer.from(Array.from({ length: 32 }, (_, n) => n))
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
  expect(crc32c(ascending)).toBe(0x46dd794e)
  expect(crc32c(Buffer.from(ascending).reverse())).toBe(0x113fdb5c)
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
})

it('Snappy is read as its format says, within its bounds', () => {
  const read = (text: string) => unsnap(Buffer.from(text.replace(/ /g, ''), 'hex')).toString()
  // Four letters as they are, and a copy that goes on into what it writes, in each of the three forms.
  expect(read('0a 0c61626364 0904')).toBe('abcdabcdab')
  expect(read('0a 0c61626364 160400')).toBe('abcdabcdab')
  expect(read('0a 0c61626364 1704000000')).toBe('abcdabcdab')
  expect(read('04 f00361626364')).toBe('abcd')
  for (const wrong of [
    '',
    '05',
    '0a 0c616263',
    '0a 0c61626364 0900',
    '0a 0c61626364 0905',
    '09 0c61626364 0904',
  ])
    expect(() => read(wrong), wrong).toThrow(RangeError)
  expect(() => read('0b 0c61626364 0904')).toThrow('cut short')
  expect(() => read('ffffffffffff7f 00')).toThrow('too large')
})
