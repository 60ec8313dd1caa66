import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LevelStore } from '../../../../main/storage/level-store'
import { tablesOf } from '../../../../main/storage/leveldb-repair/manifest'
import { isTableWhole } from '../../../../main/storage/leveldb-repair/tables'
import { randomFrom } from '../../../support/random'
import { makeDatabase } from './fixture'

let folder: string
let copies = 0
const everything = { gte: Buffer.of(0), lt: Buffer.of(255) }
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-mending-'))
  await makeDatabase(join(folder, 'sound'), 3_000)
})
afterAll(() => rm(folder, { recursive: true }))

describe('a database of which a table is damaged', () => {
  /** Rows of a store that is opened and closed, and whether it was suspect. */
  async function read(directory: string): Promise<{ rows: Map<string, string>; isSuspect: boolean }> {
    const store = new LevelStore(directory)
    await store.open()
    const { isSuspect } = store
    const rows = new Map<string, string>()
    for await (const [key, value] of store.entries(everything))
      rows.set(Buffer.from(key).toString(), Buffer.from(value).toString('latin1'))
    await store.close()
    return { rows, isSuspect }
  }

  const tableIn = async (directory: string): Promise<string> =>
    join(directory, (await readdir(directory)).find((file) => file.endsWith('.ldb')) ?? expect.fail())

  /** Opens a copy of the database with 6,000 rows after a change to its first table. */
  async function withTable(change: (table: Buffer) => Buffer) {
    const directory = join(folder, `copy ${++copies}`)
    await cp(join(folder, 'sound'), directory, { recursive: true })
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
      const { directory, path, rows, isSuspect } = await withTable((table) => {
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
      if (!isSuspect) expect([lost, altered]).toEqual([[], []])
      const { size } = (await tablesOf(directory))?.get(Number.parseInt(basename(path), 10)) ?? expect.fail()
      expect(isTableWhole(await readFile(path), size)).toBe(true)
    }
    expect(tally.one).toBeGreaterThan(20)
    expect(tally.block).toBeGreaterThan(1)
  })

  it('gives all of them where only its index or its end is', async () => {
    for (const fromEnd of [1, 8, 41, 47, 60, 300]) {
      const { rows, isSuspect } = await withTable((table) => {
        table[table.length - fromEnd] = (table[table.length - fromEnd] ?? 0) ^ 4
        return table
      })
      expect([differences(rows), isSuspect], `byte ${fromEnd} from its end`).toEqual([
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
    let damaged: Buffer = Buffer.alloc(0)
    const { directory, path } = await withTable((table) => {
      damaged = table.fill(0x55, 5_000, 15_000)
      return table
    })
    // As it was it lies beside.
    expect((await readFile(join(directory, 'damaged', basename(path)))).equals(damaged)).toBe(true)
    const store = new LevelStore(directory)
    await store.open()
    expect(store.isSuspect).toBe(true)
    for (const key of written.keys()) {
      const value = await store.get(Buffer.from(key))
      if (value) expect(Buffer.from(value).toString('latin1')).toBe(written.get(key))
      else
        await store.write([{ key: Buffer.from(key), value: Buffer.from(written.get(key) ?? '', 'latin1') }])
    }
    await store.compact(everything)
    await store.noteLookedThrough()
    await store.close()
    const { rows, isSuspect } = await read(directory)
    expect([differences(rows), isSuspect]).toEqual([{ lost: [], altered: [] }, false])
    const tables = (await tablesOf(directory)) ?? expect.fail()
    for (const name of await readdir(directory))
      if (name.endsWith('.ldb'))
        expect(
          isTableWhole(
            await readFile(join(directory, name)),
            tables.get(Number.parseInt(name, 10))?.size ?? 0,
          ),
        ).toBe(true)
  })

  it('is mended again where a mended table is damaged, and where a process died while it mended', async () => {
    const { directory, path } = await withTable((table) => table.fill(0, 9_000, 9_500))
    for (const at of [-60, -100, 20_000, 40_000]) {
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
    await cp(join(folder, 'sound'), directory, { recursive: true })
    const path = await tableIn(directory)
    const table = await readFile(path)
    await rm(path)
    const log = join(directory, '000001.log')
    await writeFile(log, 'from before')
    await expect(new LevelStore(directory).open()).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    expect(await readFile(log, 'utf8')).toBe('from before')
    await writeFile(path, table)
    expect(differences((await read(directory)).rows)).toEqual({ lost: [], altered: [] })
  })
})

it('a table whose first row reads as one of the table before it is mended within its bounds', async () => {
  const directory = join(folder, 'levels')
  const random = randomFrom(5)
  const writing = new LevelStore(directory)
  await writing.open()
  const key = (n: number) => Buffer.from(`key ${String(n).padStart(6, '0')}`)
  for (let n = 0; n < 6_000; n += 500)
    await writing.write(
      Array.from({ length: 500 }, (_, index) => ({ key: key(n + index), value: random.bytes(1_000) })),
    )
  await writing.compact(everything)
  await writing.close()
  const listed = (await tablesOf(directory)) ?? expect.fail()
  expect(listed.size).toBeGreaterThan(1)
  for (const [number, { first }] of listed) {
    const path = join(directory, `${String(number).padStart(6, '0')}.ldb`)
    const table = await readFile(path)
    const at = table.indexOf(first)
    expect(at).toBeLessThan(10)
    // A digit less, so that it stands before all others of its table.
    const place = [...first.subarray(4, 10)].findIndex((byte) => byte > 0x30)
    if (place < 0) continue
    table[at + 4 + place] = 0x30
    await writeFile(path, table)
  }
  const store = new LevelStore(directory)
  await store.open()
  // These writes make LevelDB rewrite every table; it aborts the process at rows that are out of order.
  await store.write(['a', 'z'].map((name) => ({ key: Buffer.from(name), value: Buffer.alloc(1) })))
  await store.compact(everything)
  let count = 0
  for await (const _ of store.entries(everything)) count++
  // Blocks of four rows.
  expect(count).toBeGreaterThan(6_000 - 10 * listed.size)
  expect(count).toBeLessThan(6_000)
  await store.close()
})

it.each(['is scrambled', 'is gone'])('a database is opened where a file of its guard %s', async (what) => {
  const directory = join(folder, `guard ${what}`)
  const open = async () => {
    const store = new LevelStore(directory)
    await store.open()
    return store
  }
  await (await open()).close()
  for (const name of await readdir(join(directory, 'guard'))) {
    const path = join(directory, 'guard', name)
    // An earlier round may have replaced it.
    await (what === 'is gone' ? rm(path, { force: true }) : writeFile(path, 'scrambled'))
    const store = await open()
    await expect(open(), name).rejects.toMatchObject({ code: 'PROFILE_BUSY' })
    await store.close()
  }
})

describe('a database whose list of files', () => {
  /** A database of tables and a log, of which one table was mended before. */
  async function make(): Promise<{ directory: string; rows: Map<string, string> }> {
    const directory = join(folder, `list ${++copies}`)
    const rows = new Map<string, string>()
    for (let round = 0; round < 4; round++) {
      const store = new LevelStore(directory)
      await store.open()
      for (let n = 0; n < 50; n++) {
        // Half of them are written over in each round.
        const [key, value] = [`${n % 2 === 0 ? 'same' : round} ${n}`, `${round} ${'x'.repeat(200)}`]
        await store.write([{ key: Buffer.from(key), value: Buffer.from(value) }])
        rows.set(key, value)
      }
      await store.close()
      if (round !== 2) continue
      const name = (await readdir(directory)).find((file) => file.endsWith('.ldb')) ?? expect.fail()
      const table = await readFile(join(directory, name))
      // Of its filter: all rows are kept.
      table[table.length - 300] = (table[table.length - 300] ?? 0) ^ 1
      await writeFile(join(directory, name), table)
    }
    return { directory, rows }
  }

  it.each<[string, (directory: string, manifest: string) => Promise<void>]>([
    ['is damaged', async (_, manifest) => writeFile(manifest, (await readFile(manifest)).fill(7, 20, 60))],
    ['is empty', (_, manifest) => writeFile(manifest, '')],
    ['has a wrong name', (directory) => writeFile(join(directory, 'CURRENT'), 'MANIFEST-999999\n')],
    ['has no name', (directory) => writeFile(join(directory, 'CURRENT'), 'MANI')],
    ['has a name that is gone', (directory) => rm(join(directory, 'CURRENT'))],
    ['is gone', (_, manifest) => rm(manifest)],
  ])('%s is opened with all rows', async (_, spoil) => {
    const { directory, rows } = await make()
    const manifest = (await readdir(directory)).find((file) => file.startsWith('MANIFEST')) ?? expect.fail()
    await spoil(directory, join(directory, manifest))
    for (const isSuspect of [true, false]) {
      const store = new LevelStore(directory)
      await store.open()
      expect(store.isSuspect).toBe(isSuspect)
      const found = new Map<string, string>()
      for await (const [key, value] of store.entries(everything))
        found.set(Buffer.from(key).toString(), Buffer.from(value).toString())
      expect(found).toEqual(new Map([...rows].sort()))
      await store.write([{ key: Buffer.from('after'), value: Buffer.alloc(1) }])
      rows.set('after', '\0')
      await store.noteLookedThrough()
      await store.close()
    }
    expect(await readdir(directory)).not.toContain('lost')
    expect(await readdir(join(directory, 'damaged'))).toContain('lost')
  })

  it('was made anew gives the newest of each row at once', async () => {
    const directory = join(folder, `list ${++copies}`)
    const use = async (rows: Record<string, string>, range?: readonly [string, string]) => {
      const store = new LevelStore(directory)
      await store.open()
      const writes = Object.entries(rows).map(([key, value]) => ({
        key: Buffer.from(key),
        value: Buffer.from(value),
      }))
      if (writes.length > 0) await store.write(writes)
      if (range) await store.compact({ gte: Buffer.from(range[0]), lt: Buffer.from(range[1]) })
      await store.close()
    }
    // In the end the older row lies in a table with a higher number than that of the newer one.
    await use({ a: 'x'.repeat(100), p: 'old', z: 'x'.repeat(100) }, ['a', 'zz'])
    await use({ p: 'new' })
    await use({ a: 'y' })
    await use({})
    await use({}, ['a', 'b'])
    const manifest = (await readdir(directory)).find((file) => file.startsWith('MANIFEST')) ?? expect.fail()
    await writeFile(join(directory, manifest), '')
    const store = new LevelStore(directory)
    await store.open()
    expect(store.isSuspect).toBe(true)
    expect(Buffer.from((await store.get(Buffer.from('p'))) ?? []).toString()).toBe('new')
    await store.close()
  })

  it('is damaged beside tables of which nothing can be read is opened with what is left', async () => {
    const { directory, rows } = await make()
    for (const name of await readdir(directory))
      if (/MANIFEST|ldb$/.test(name)) await writeFile(join(directory, name), 'scrambled')
    const store = new LevelStore(directory)
    await store.open()
    let count = 0
    for await (const [key, value] of store.entries(everything)) {
      count++
      expect(Buffer.from(value).toString()).toBe(rows.get(Buffer.from(key).toString()))
    }
    // Those of the log.
    expect(count).toBe(50)
    await store.close()
  })

  it('is damaged while another has it open is left alone', async () => {
    const { directory, rows } = await make()
    const first = new LevelStore(directory)
    await first.open()
    await writeFile(join(directory, 'CURRENT'), 'MANI')
    await expect(new LevelStore(directory).open()).rejects.toMatchObject({ code: 'PROFILE_BUSY' })
    await first.write([{ key: Buffer.from('still'), value: Buffer.from('written') }])
    await first.close()
    const second = new LevelStore(directory)
    await second.open()
    expect(second.isSuspect).toBe(true)
    for (const [key, value] of [...rows, ['still', 'written'] as const])
      expect(Buffer.from((await second.get(Buffer.from(key))) ?? []).toString()).toBe(value)
    await second.close()
  })
})
